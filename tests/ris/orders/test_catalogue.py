"""The catalogue: a starter set, and tables in and out of the admin."""

from __future__ import annotations

import csv
import re
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from ris.orders.cells import billing_of, parts_of
from ris.orders.models import BillingCode, Procedure
from ris.orders.starter import load_starter_set
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAGE = "/admin/orders/procedure/"


@pytest.fixture
def browser(world: World, client: Client) -> Client:
    client.force_login(world.admin, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_starter_set_has_more_than_a_hundred_sound_procedures(world: World) -> None:
    before = Procedure.objects.get(code="CTCHEST")
    added = load_starter_set()
    assert added >= 100
    for procedure in Procedure.objects.all():
        procedure.full_clean()
    assert load_starter_set() == 0
    assert Procedure.objects.get(code="CTCHEST").template_key == before.template_key
    assert Procedure.objects.get(code="DXKNEE").paired


def test_every_loinc_code_has_its_check_digit(db: None) -> None:
    call_command("load_catalogue", stdout=StringIO())
    codes = Procedure.objects.exclude(loinc_code="").values_list("loinc_code", flat=True)
    assert len(codes) > 100
    assert [code for code in codes if not sound(code)] == []


def sound(code: str) -> bool:
    """LOINC's check digit is Luhn's, counted from the right."""
    body, _, check = code.partition("-")
    if not re.fullmatch(r"\d{3,7}-\d", code):
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body))]
    return (10 - sum(n // 10 + n % 10 for n in doubled) % 10) % 10 == int(check)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_catalogue_comes_out_as_a_table_with_its_billing(kind: str, browser: Client) -> None:
    procedure = Procedure.objects.get(code="CTCHEST")
    BillingCode.objects.create(procedure=procedure, scheme="CPT", code="71250", quantity=2)
    Procedure.objects.filter(code="USABD").update(name='=HYPERLINK("x")')
    answer = browser.post(f"{PAGE}export/", {"format": "0" if kind == "csv" else "1"})
    assert answer.status_code == 200
    rows = table(kind, answer.content)
    (chest,) = [row for row in rows if row["code"] == "CTCHEST"]
    assert chest["billing"] == "CPT:71250*2"
    assert len(rows) == Procedure.objects.count()
    assert not [row for row in rows if str(row["name"]).startswith("=")]


def table(kind: str, body: bytes) -> list[dict[str, object]]:
    if kind == "csv":
        return [dict(row) for row in csv.DictReader(StringIO(body.decode("utf-8-sig")))]
    head, *rows = openpyxl.load_workbook(BytesIO(body)).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


HEAD = "code,name,modality,paired,duration_minutes,billing\n"


def upload(browser: Client, text: str) -> str:
    file = SimpleUploadedFile("catalogue.csv", text.encode(), content_type="text/csv")
    answer = browser.post(f"{PAGE}import/", {"format": "0", "import_file": file})
    assert answer.status_code == 200
    page = answer.content.decode()
    fields = dict(re.findall(r'name="(import_file_name|original_file_name|format|resource)"[^>]*value="([^"]*)"', page))
    if "import_file_name" in fields:
        browser.post(f"{PAGE}process_import/", fields)
    return page


def test_a_table_goes_in_after_it_was_shown(browser: Client) -> None:
    upload(browser, HEAD + "DXKNEE,Knee radiograph,DX,1,10,CPT:73560*1; EBM:34230*2\nCTCHEST,CT thorax,CT,0,25,\n")
    knee = Procedure.objects.get(code="DXKNEE")
    assert knee.paired
    assert {(row.scheme, row.code, row.quantity) for row in knee.billing_codes.all()} == {
        ("CPT", "73560", 1), ("EBM", "34230", 2),
    }  # fmt: skip
    chest = Procedure.objects.get(code="CTCHEST")
    assert (chest.name, chest.duration_minutes, chest.template_key) == ("CT thorax", 25, "ct-chest")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("BAD,Name,ZZ,0,10,", "not a valid choice"),
        ("BAD,Name,CT,0,-5,", "greater than or equal to 0"),
        ("BAD,Name,CT,0,10,CPT73560", "SCHEME:CODE*QUANTITY"),
        (f"BAD,{'x' * 65},CT,0,10,", "at most 64 characters"),
    ],
    ids=["modality", "minutes", "billing", "name"],
)
def test_one_bad_row_keeps_the_whole_table_out_and_says_why(row: str, why: str, browser: Client) -> None:
    page = upload(browser, HEAD + "DXKNEE,Knee radiograph,DX,1,10,\n" + row + "\n")
    assert why in page
    assert not Procedure.objects.filter(code__in=["DXKNEE", "BAD"]).exists()


@pytest.mark.parametrize("text", ["CPT", "CPT:", ":1*1", "CPT:1*0", "CPT:1*x", "CPT:1*1000", f"CPT:{'9' * 33}"])
def test_a_billing_cell_is_read_strictly(text: str) -> None:
    with pytest.raises(ValueError, match="Billing"):
        billing_of(text)


PARTS = "Injection:NM*10 needs hot-lab; Scan:NM*30 wait 120-240; Team:OT*30 needs anaesthesia beside"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_exam_of_several_parts_goes_in_comes_out_and_goes_in_again(kind: str, browser: Client) -> None:
    upload(browser, "code,name,modality,duration_minutes,parts\n" + f"NMBONE,Bone scan,NM,40,{PARTS}\n")
    scan = Procedure.objects.get(code="NMBONE").parts.get(position=2)
    assert (scan.name, scan.modality, scan.duration_minutes, scan.gap_min_minutes, scan.gap_max_minutes) == (
        "Scan", "NM", 30, 120, 240,
    )  # fmt: skip
    answer = browser.post(f"{PAGE}export/", {"format": "0" if kind == "csv" else "1"})
    (bone,) = [row for row in table(kind, answer.content) if row["code"] == "NMBONE"]
    assert bone["parts"] == PARTS
    upload(browser, "code,parts\nNMBONE,Injection:NM*15 needs hot-lab; Scan:NM*45 wait 90-\n")
    parts = list(Procedure.objects.get(code="NMBONE").parts.values_list("name", "duration_minutes", "gap_max_minutes"))
    assert parts == [("Injection", 15, None), ("Scan", 45, None)]
    assert Procedure.objects.get(code="NMBONE").parts.get(position=2).pk == scan.pk
    upload(browser, "code,parts\nNMBONE,\n")
    assert Procedure.objects.get(code="NMBONE").parts.count() == 2
    upload(browser, "code,parts\nNMBONE,-\n")
    assert Procedure.objects.get(code="NMBONE").parts.count() == 0


def test_a_part_that_was_planned_with_does_not_go(world: World, browser: Client) -> None:
    upload(browser, "code,name,modality,duration_minutes,parts\nCTTWO,CT in two,CT,40,Prepare:CT*10; Scan:CT*30\n")
    world.order(code="CTTWO")
    page = upload(browser, "code,parts\nCTTWO,Scan:CT*30\n")
    assert "a part that exams were planned with cannot go" in page
    assert Procedure.objects.get(code="CTTWO").parts.count() == 2


@pytest.mark.parametrize(
    "text",
    ["Scan", "Scan:NM", "Scan:ZZ*10", "Scan:NM*0", ":NM*10", "Team:OT*10 beside", "A:NM*5; B:NM*5 wait 60-30",
     f"{'x' * 25}:NM*10", "A:NM*5 then B:NM*5"],
)  # fmt: skip
def test_a_cell_of_parts_is_read_strictly(text: str) -> None:
    with pytest.raises(ValueError, match="Part"):
        parts_of(text)


def test_the_admin_pages_carry_the_licence_and_no_inline_script(browser: Client) -> None:
    load_starter_set()
    page = browser.get(PAGE).content.decode()
    assert "Regenstrief" in page
    for address in ("export/", "import/"):
        page = browser.get(PAGE + address).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>(?!\s*</script>)|\son\w+=|\sstyle=", page), address


@pytest.mark.parametrize("who", ["siteadmin", "clerk", "radiologist"])
def test_only_the_installation_s_admins_change_the_catalogue(who: str, world: World, client: Client) -> None:
    client.force_login(world.people[who], "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"{PAGE}import/").status_code == 302


GERMAN = "[de] CT Thorax\nZwei Stunden nüchtern.\n\nMedikamente wie gewohnt.\n[tr] BT Toraks"


def cells(*values: str) -> str:
    out = StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_texts_in_other_languages_go_in_come_out_and_go_in_again(kind: str, browser: Client) -> None:
    upload(browser, "code,texts\n" + cells("CTCHEST", GERMAN))
    (german, turkish) = Procedure.objects.get(code="CTCHEST").texts.order_by("language")
    assert german.preparation == "Zwei Stunden nüchtern.\n\nMedikamente wie gewohnt."
    assert (turkish.name, turkish.preparation) == ("BT Toraks", "")
    answer = browser.post(f"{PAGE}export/", {"format": "0" if kind == "csv" else "1"})
    (chest,) = [row for row in table(kind, answer.content) if row["code"] == "CTCHEST"]
    assert chest["texts"] == GERMAN
    upload(browser, "code,texts\nCTCHEST,\n")
    assert Procedure.objects.get(code="CTCHEST").texts.count() == 2
    upload(browser, "code,texts\nCTCHEST,-\n")
    assert not Procedure.objects.get(code="CTCHEST").texts.exists()


@pytest.mark.parametrize("bad", ["CT Thorax", "[xx] CT Thorax", "[de] CT\n[de] CT", "[de] " + "n" * 65])
def test_a_bad_text_is_told_and_nothing_is_written(bad: str, browser: Client) -> None:
    page = upload(browser, "code,texts\n" + cells("CTCHEST", bad))
    assert "Text “" in page or "not the code of a language" in page
    assert not Procedure.objects.get(code="CTCHEST").texts.exists()
