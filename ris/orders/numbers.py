"""Accession numbers: minted per site by its rule, at most 16 characters (SH), never twice (DESIGN.md §3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from ris.accounts.models import Site
from ris.core.errors import InvalidInput
from ris.core.identifiers import uid
from ris.orders.models import ACCESSION_LENGTH, AccessionRule, AccessionSequence, IssuedAccession


@dataclass(frozen=True, slots=True)
class Numbers:
    """What identifies one requested procedure to devices and archives."""

    accession: str
    issuer: str
    procedure_id: str
    study_instance_uid: str


def numbers_for(site: Site, count: int) -> list[Numbers]:
    """Numbers for `count` procedures of one order. Inside the caller's transaction.

    Where the site's rule shares one accession number, its procedures still differ in Requested Procedure ID and
    StudyInstanceUID.
    """
    rule = rule_of(site)
    if not rule.shared_in_order:
        return [_numbers(site, next_accession(site, rule), 1) for _ in range(count)]
    accession = next_accession(site, rule)
    return [_numbers(site, accession, place) for place in range(1, count + 1)]


def reserve(site: Site, count: int) -> list[Numbers]:
    """Numbers for `count` orders that do not exist yet: given out now, on paper, and never again."""
    return [numbers_for(site, 1)[0] for _ in range(count)]


def rule_of(site: Site) -> AccessionRule:
    """The site's own rule, or the usual one: N260000123."""
    rule = AccessionRule.objects.filter(site=site).first()
    return rule or AccessionRule(site=site, prefix=site.accession_prefix)


def next_accession(site: Site, rule: AccessionRule | None = None) -> str:
    """The next number that was never given out under this issuer."""
    rule = rule or rule_of(site)
    issuer, value = accession_issuer(site), ""
    while not value or IssuedAccession.objects.filter(issuer=issuer, value=value).exists():
        _take_number(site)
        value = _formed(rule, AccessionSequence.objects.get(site=site).next_number - 1)
    IssuedAccession.objects.create(issuer=issuer, value=value)
    return value


def _take_number(site: Site) -> None:
    rows = AccessionSequence.objects.filter(site=site)
    if not rows.update(next_number=F("next_number") + 1):
        AccessionSequence.objects.get_or_create(site=site)
        rows.update(next_number=F("next_number") + 1)


def _formed(rule: AccessionRule, number: int) -> str:
    year = f"{timezone.localdate(timezone=rule.site.zone).year % 100:02d}" if rule.with_year else ""
    value = f"{rule.prefix}{year}{number:0{rule.digits}d}"
    if len(value) > ACCESSION_LENGTH:
        raise InvalidInput(f"{rule.site} has used up its accession numbers. An administrator must widen the rule.")
    return value


def _numbers(site: Site, accession: str, place: int) -> Numbers:
    issuer = accession_issuer(site)
    if place == 1:
        return Numbers(accession, issuer, accession, uid("study", issuer, accession))
    # Room for the place behind the longest accession number: its beginning says least.
    suffix = f"-{place}"
    procedure_id = f"{accession[-(ACCESSION_LENGTH - len(suffix)) :]}{suffix}"
    return Numbers(accession, issuer, procedure_id, uid("study", issuer, accession, place))


def accession_issuer(site: Site) -> str:
    return site.patient_id_issuer
