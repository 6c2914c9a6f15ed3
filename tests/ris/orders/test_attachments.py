"""Paper requests: told by their bytes, kept durably, never executed."""

from __future__ import annotations

import hashlib

import pytest
from django.test import Client

from ris.core.errors import InvalidInput, NotFound, NotPermitted, TransitionError
from ris.orders import files
from ris.orders.actions import OrderDetails, Replacement, attach, replace_order, withdraw_paper
from ris.orders.history import history_of
from ris.orders.models import Attachment
from tests.ris.orders.conftest import PDF
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_a_pdf_and_a_jpeg_are_kept_under_their_fingerprint(world: World, jpeg: bytes) -> None:
    order = world.order()
    for body, kind in ((PDF, "application/pdf"), (jpeg, "image/jpeg")):
        paper = attach(order, name="request.exe", body=body, by=world.clerk)
        assert (paper.content_type, paper.sha256) == (kind, hashlib.sha256(body).hexdigest())
        assert files.path_of(paper.sha256).read_bytes() == body
    assert attach(order, name="again.pdf", body=PDF, by=world.clerk).name == "request.exe"
    assert Attachment.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b" %PDF-1.7 %%EOF",
        b"%PDF-1.7 and then nothing",
        b"MZ\x90\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0 not a picture",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-" + b"0" * files.LARGEST,
    ],
    ids=["empty", "html", "shifted", "cut pdf", "exe", "png", "fake jpeg", "gif", "svg", "too large"],
)
def test_anything_else_is_refused_and_leaves_no_file(body: bytes, world: World) -> None:
    order = world.order()
    with pytest.raises(InvalidInput) as refusal:
        attach(order, name="request.pdf", body=body, by=world.clerk)
    assert "file" in refusal.value.fields
    assert not Attachment.objects.exists()
    assert not files.path_of(hashlib.sha256(body).hexdigest()).exists()


def test_a_jpeg_that_was_cut_is_refused(world: World, jpeg: bytes) -> None:
    with pytest.raises(InvalidInput):
        attach(world.order(), name="photo.jpg", body=jpeg[: len(jpeg) // 2], by=world.clerk)


def test_a_name_that_could_mislead_is_cleaned(world: World) -> None:
    paper = attach(world.order(), name="../../etc/\u202efdp.exe\r\n", body=PDF, by=world.clerk)
    assert paper.name == "....etcfdp.exe"


def test_strangers_attach_nothing(world: World) -> None:
    with pytest.raises(NotPermitted):
        attach(world.order(), name="x.pdf", body=PDF, by=world.outsider)


def test_a_file_that_changed_on_disk_is_not_shown(world: World) -> None:
    paper = attach(world.order(), name="x.pdf", body=PDF + b"%1\n%%EOF", by=world.clerk)
    files.path_of(paper.sha256).write_bytes(b"something else")
    with pytest.raises(NotFound, match="damaged"):
        files.read(paper.sha256)


def test_a_paper_is_downloaded_and_nothing_in_it_runs(world: World, client: Client) -> None:
    paper = attach(world.order(), name='a";b.pdf', body=PDF, by=world.clerk)
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get(f"/orders/papers/{paper.pk}/")
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"] == f'attachment; filename="paper-{paper.pk}.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["Cache-Control"]
    client.force_login(world.outsider, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"/orders/papers/{paper.pk}/").status_code == 404


def test_a_wrong_paper_is_withdrawn_with_a_reason_and_stays_on_record(world: World) -> None:
    order = world.order()
    wrong = attach(order, name="other.pdf", body=PDF, by=world.clerk)
    withdrawn = withdraw_paper(wrong, reason="Another patient's", by=world.technologist)
    assert (withdrawn.withdrawn_by_name, withdrawn.withdraw_reason) == ("Theo Technologist", "Another patient's")
    assert files.read(withdrawn.sha256) == PDF
    assert history_of(order)[0].title == "Paper withdrawn"
    with pytest.raises(TransitionError, match="already"):
        withdraw_paper(wrong, reason="Again", by=world.clerk)
    assert attach(order, name="right after all.pdf", body=PDF, by=world.clerk).withdrawn_at is None
    assert Attachment.objects.filter(order=order).count() == 2


def test_withdrawing_needs_a_reason_and_a_right(world: World) -> None:
    paper = attach(world.order(), name="request.pdf", body=PDF, by=world.clerk)
    with pytest.raises(InvalidInput):
        withdraw_paper(paper, reason="  ", by=world.clerk)
    for who in ("referrer", "siteadmin", "outsider"):
        with pytest.raises(NotPermitted):
            withdraw_paper(paper, reason="Why", by=world.people[who])
    paper.refresh_from_db()
    assert paper.withdrawn_at is None


def test_a_withdrawn_paper_does_not_go_with_the_order_that_takes_the_place(world: World) -> None:
    order = world.order()
    withdraw_paper(attach(order, name="a.pdf", body=PDF, by=world.clerk), reason="Wrong", by=world.clerk)
    instead = Replacement(
        procedures=[world.procedure("MRBRAIN")], details=OrderDetails(), reason="Another exam", sides={}
    )
    assert not replace_order(order, instead=instead, by=world.clerk).attachments.exists()


def test_the_order_shows_a_withdrawn_paper_as_such(world: World, client: Client) -> None:
    paper = attach(world.order(), name="request.pdf", body=PDF, by=world.clerk)
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    address = f"/orders/papers/{paper.pk}/withdraw/"
    assert client.post(address, {"reason": ""}).status_code == 422
    page = client.post(address, {"reason": "Wrong patient"}, follow=True).content.decode()
    assert "Withdrawn" in page
    assert "Wrong patient" in page
    assert address not in page
