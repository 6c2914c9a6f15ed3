"""People without a screen: the same pages over plain HTTP, for tests that are not about what is seen."""

from __future__ import annotations

import re

import requests

from ris.demo.seed import PASSWORD

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """A signed-in session."""

    def __init__(self, address: str, username: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.post("/accounts/login/", {"login": username, "password": PASSWORD}, form="/accounts/login/")

    def get(self, path: str) -> requests.Response:
        return self.session.get(self.address + path, timeout=30)

    def post(self, path: str, data: dict[str, str], *, form: str) -> requests.Response:
        """Post what a form of page `form` would send."""
        found = TOKEN.search(self.get(form).text)
        assert found, f"{form} has no form"
        headers = {"Referer": self.address + form, "Accept": "text/html"}
        data = {**data, "csrfmiddlewaretoken": found[1]}
        return self.session.post(self.address + path, data=data, headers=headers, timeout=60)


def read_and_sign(reader: Visitor, task: str) -> requests.Response:
    """Claim a case, write a line, sign it final; the answer to the signing."""
    reader.post(f"/worklist/reading/{task}/claim/", {}, form="/worklist/reading/")
    pane = reader.get(f"/reports/cases/{task}/panel/").text
    report = re.search(r'data-report="(\d+)"', pane)
    numbers = re.search(r'name="numbers" value="([^"]*)"', pane)
    assert report
    assert numbers
    form = f"/reports/cases/{task}/panel/"
    text = {"revision": "0", "section-findings": "Written while others sleep.", "section-impression": "Nothing to add."}
    reader.post(f"/reports/{report[1]}/save/", text, form=form)
    signing = {"revision": "1", "numbers": numbers[1], "kind": "final", "password": PASSWORD}
    return reader.post(f"/reports/{report[1]}/sign/", signing, form=form)
