"""Patients of the installation. A patient is visible where registered: at a site by order or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone

from ris.accounts.models import Site
from ris.patients.ages import age_between
from ris.patients.fields import BytewiseField
from ris.patients.finding.keys import LAST, groups_of, number_key
from ris.patients.names import folded, to_pn

if TYPE_CHECKING:
    from ris.accounts.models import User

SEXES = [("F", "Female"), ("M", "Male"), ("O", "Other"), ("", "Unknown")]


SEARCHED = 300
# The numbers of the record that stands for the person come before those of its aliases.
OWN_FIRST = models.F("patient__merged_into").asc(nulls_first=True)


def of_people(path: str, heads: object) -> models.Q:
    """Rows whose `path` is any record of these people: the ones that stand for them, or merged into those."""
    return models.Q(**{f"{path}__in": heads}) | models.Q(**{f"{path}__merged_into__in": heads})


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, user: User) -> Self:
        """Patients registered at a site where the user may view patients; merged records count as one person."""
        sites = user.sites_where("patient.view")
        known = Patient.sites.through.objects.filter(site_id__in=sites)
        itself = known.filter(patient_id=models.OuterRef("pk"))
        alias = known.filter(patient__merged_into_id=models.OuterRef("pk"))
        head = known.filter(patient_id=models.OuterRef("merged_into_id"))
        return self.filter(models.Exists(itself) | models.Exists(alias) | models.Exists(head))

    def family(self, patient: Patient) -> Self:
        """All records that are the same person: the surviving one and those merged into it."""
        head = patient.current
        return self.filter(models.Q(pk=head.pk) | models.Q(merged_into=head))

    def with_numbers(self) -> Self:
        """With `known_by`, the numbers in use of each, as a list rows show: one query and no query set a person."""
        numbers = PatientIdentifier.objects.filter(retired=False).order_by("pk")
        return self.prefetch_related(models.Prefetch("identifiers", numbers, to_attr="known_by"))

    def matching(self, text: str) -> Self:
        """By any identifier, or by the beginning of every word of a name in any order, accents and case aside.

        For filters inside other queries, of every site; `ris.patients.finding.search` is the search of people.
        """
        words = folded(text).split()
        numbers = PatientIdentifier.objects.filter(search_value=number_key(text)).values("patient_id")
        by_name = models.Q(pk__gt=0) if words else models.Q(pk__in=[])
        for word in words:
            # Every site by name, so that the index, which begins with the site, is used.
            keys = NameKey.objects.filter(site__in=Site.objects.values("pk"), key__gte=word, key__lt=word + LAST)
            by_name &= models.Q(pk__in=keys.values("patient_id"))
        return self.filter(models.Q(pk__in=numbers) | by_name)


class Patient(models.Model):
    """One person as registered. Names are DICOM's alphabetic components (PS3.5 §6.2.1.1)."""

    family_name = models.CharField(max_length=64)
    given_name = models.CharField(max_length=64, blank=True)
    middle_name = models.CharField(max_length=64, blank=True)
    prefix = models.CharField("title", max_length=32, blank=True)
    suffix = models.CharField(max_length=32, blank=True)
    ideographic = models.CharField(max_length=64, blank=True, help_text="Name in ideographs, as FAMILY^Given.")
    phonetic = models.CharField(max_length=64, blank=True, help_text="Name in phonetic script, as FAMILY^Given.")
    search_name = models.CharField(max_length=1200, editable=False)
    birth_date = models.DateField(null=True, blank=True, db_index=True)
    sex = models.CharField(max_length=1, choices=SEXES, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(
        "e-mail", blank=True, default="", db_default="", help_text="For appointments. For a child that of the guardian."
    )
    mobile = models.CharField(
        max_length=16, blank=True, default="", db_default="", help_text="For appointments, as +491701234567."
    )
    messages_declined = models.BooleanField(
        "no messages", default=False, db_default=False, help_text="Wants no mail and no SMS about appointments."
    )
    language = models.CharField(
        max_length=10, blank=True, default="", db_default="", help_text="Of messages and slips. Empty: the site's."
    )
    guardian_name = models.CharField(max_length=128, blank=True)
    guardian_relation = models.CharField("guardian is", max_length=40, blank=True)
    guardian_phone = models.CharField(max_length=40, blank=True)
    weight_kg = models.DecimalField("weight", max_digits=6, decimal_places=3, null=True, blank=True)
    weighed_on = models.DateField(null=True, blank=True)
    confidential = models.BooleanField(default=False)
    temporary = models.BooleanField(default=False, editable=False, help_text="Nobody knows yet who this is.")
    alias = models.CharField(max_length=64, null=True, editable=False, unique=True)  # noqa: DJ001  unique where there is one
    estimated_age = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In years, while unidentified.")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="aliases"
    )
    sites = models.ManyToManyField(Site, related_name="patients")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["family_name", "given_name", "pk"]
        indexes = [
            models.Index(fields=["family_name", "given_name", "id"], name="patient_by_name"),
            models.Index(fields=["phone"], condition=~models.Q(phone=""), name="patient_by_phone"),
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="patient_by_mobile"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(sex__in=[key for key, _ in SEXES]), name="patient_sex_known"),
        ]

    def __str__(self) -> str:
        return f"patient {self.pk}"

    @property
    def current(self) -> Patient:
        """The record that stands for the person after merges."""
        return self.merged_into.current if self.merged_into is not None else self

    @property
    def current_id(self) -> int:
        """Its id, without looking it up: `merged_into` is always the last record of the line (actions/merging.py)."""
        return self.merged_into_id or self.pk

    @property
    def person_name(self) -> str:
        """VR PN: alphabetic=ideographic=phonetic."""
        alphabetic = to_pn(self.family_name, self.given_name, self.middle_name, self.prefix, self.suffix)
        return "=".join((alphabetic, self.ideographic, self.phonetic)).rstrip("=")

    @property
    def display_name(self) -> str:
        given = " ".join(part for part in (self.prefix, self.given_name, self.middle_name) if part)
        return f"{self.family_name}, {given}" if given else self.family_name

    @property
    def age(self) -> str:
        """In the unit that says something; about how old when only that is known; empty when nothing is."""
        if self.birth_date is not None:
            return age_between(self.birth_date, timezone.localdate())
        return f"about {self.estimated_age} y" if self.estimated_age is not None else ""

    @property
    def weight(self) -> str:
        """Kilograms without needless zeros; empty when unknown."""
        return "" if self.weight_kg is None else f"{self.weight_kg.normalize():f}"

    @property
    def active_alerts(self) -> models.QuerySet[PatientAlert]:
        """What everybody must know of this person, whichever record it was noted on."""
        return PatientAlert.objects.filter(patient__in=Patient.objects.family(self), active=True)

    def name_groups(self) -> list[list[str]]:
        """The folded words of each group of the name, as they are searched."""
        alphabetic = (self.family_name, self.given_name, self.middle_name, self.alias or "")
        return groups_of(alphabetic, self.ideographic, self.phonetic)

    def search_key(self) -> str:
        return " " + " ".join(word for words in self.name_groups() for word in words)

    def identifier_at(self, site: Site) -> PatientIdentifier | None:
        """The number that this site knows the person by; any other when it has none; a retired one last."""
        numbers = PatientIdentifier.objects.filter(patient__in=Patient.objects.family(self))
        known = list(numbers.order_by("retired", OWN_FIRST, "pk"))
        own = [item for item in known if item.issuer == site.patient_id_issuer]
        return next(iter(own or known), None)


class IdentifierManager(models.Manager["PatientIdentifier"]):
    """Without numbers that were given in error: those are nobody's."""

    def get_queryset(self) -> models.QuerySet[PatientIdentifier]:
        return super().get_queryset().filter(in_error=False)


class PatientIdentifier(models.Model):
    """A number with the authority that gave it (PID-3 CX, (0010,0020) with (0010,0021))."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    issuer = models.CharField(max_length=64)
    value = models.CharField(max_length=64, db_index=True)
    search_value = BytewiseField(max_length=300, default="", editable=False, db_index=True)
    retired = models.BooleanField(default=False, help_text="No longer sent out; images may still carry it.")
    in_error = models.BooleanField(default=False, help_text="Was never this person's.")

    objects = IdentifierManager()
    everything = models.Manager["PatientIdentifier"]()

    class Meta:
        ordering = ["retired", "pk"]
        base_manager_name = "everything"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "value"], condition=models.Q(in_error=False), name="identifier_once_per_issuer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.issuer})"

    def save(self, **how: Any) -> None:
        self.search_value = number_key(self.value)[:SEARCHED]
        super().save(**how)


class PatientAlert(models.Model):
    """What everybody who plans, images or reads must know of a person."""

    KINDS = [
        ("allergy", "Allergy"),
        ("pregnancy", "Pregnancy"),
        ("implant", "Implant"),
        ("renal", "Renal function"),
        ("infection", "Infection"),
        ("other", "Other"),
    ]

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=12, choices=KINDS)
    text = models.CharField(max_length=200)
    noted_on = models.DateField("noted on")
    source = models.CharField(
        max_length=80, blank=True, help_text="Who or what says so: the patient, a laboratory, a letter."
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["-active", "kind", "-noted_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["allergy", "pregnancy", "implant", "renal", "infection", "other"]),
                name="patient_alert_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"


class PatientMerge(models.Model):
    """That two records are one person: who said so, when and why, and who took it back."""

    loser = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="absorbed")
    reason = models.CharField(max_length=200)
    merged_at = models.DateTimeField()
    merged_by = models.CharField(max_length=160)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=160, blank=True)
    undone_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["loser"], condition=models.Q(undone_at__isnull=True), name="merged_into_one_at_a_time"
            ),
            models.CheckConstraint(condition=~models.Q(loser=models.F("into")), name="merged_into_another"),
        ]

    def __str__(self) -> str:
        return f"patient {self.loser_id} into {self.into_id}"


class NameKey(models.Model):
    """A sorted key under which a site finds a person (ris.patients.finding.keys)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, db_index=False, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="name_keys")
    key = BytewiseField(max_length=140)

    class Meta:
        indexes = [models.Index(fields=["site", "key", "patient"], name="patient_found_by")]

    def __str__(self) -> str:
        return f"key {self.pk}"


class NameVariant(models.Model):
    """A word that some name has, under each string by which a slip or its sound finds it."""

    variant = BytewiseField(max_length=64)
    word = BytewiseField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["variant", "word"], name="name_variant_once")]

    def __str__(self) -> str:
        return f"variant {self.pk}"
