"""DICOM nodes: the devices and archives that we speak with."""

from __future__ import annotations

from typing import Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from ris.accounts.models import Site, User
from ris.dicom.rules import RESULT_LIMIT, Rules
from ris.dicom.validation import check_charset, check_keywords, check_max_lengths

MODALITIES = [
    ("CR", "Computed radiography"), ("CT", "Computed tomography"), ("DX", "Digital radiography"),
    ("MG", "Mammography"), ("MR", "Magnetic resonance"), ("NM", "Nuclear medicine"), ("OT", "Other"),
    ("PT", "Positron emission"), ("RF", "Fluoroscopy"), ("US", "Ultrasound"), ("XA", "Angiography"),
]  # fmt: skip


class DeviceProfile(models.Model):
    """What a kind of device can read and is to be shown: many devices of one maker share one."""

    name = models.CharField(max_length=64, unique=True)
    charset = models.CharField(
        "character set", max_length=80, default="ISO_IR 192", validators=[check_charset],
        help_text="What the device can read, (0008,0005); several terms divided by backslashes: \\ISO 2022 IR 87.",
    )  # fmt: skip
    transliterate = models.BooleanField(
        default=True, help_text="Write what the character set cannot hold in the nearest letters that it can."
    )
    max_lengths = models.JSONField(
        default=dict, blank=True, validators=[check_max_lengths],
        help_text='Characters that the device holds, where fewer than DICOM allows: {"PatientName": 32}.',
    )  # fmt: skip
    required_keys = models.JSONField(
        default=list, blank=True, validators=[check_keywords],
        help_text='What the device must find in each answer, asked or not: ["PatientBirthDate"].',
    )  # fmt: skip
    arrived_only = models.BooleanField(default=False, help_text="Show a patient only once they have arrived.")
    days_back = models.PositiveSmallIntegerField(default=0, help_text="Days before today whose open steps still show.")
    days_ahead = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days after today that show; empty is no limit."
    )
    sends_mpps = models.BooleanField("sends MPPS", default=True, help_text="Tells when it starts and ends an exam.")
    result_limit = models.PositiveIntegerField(
        default=RESULT_LIMIT, validators=[MinValueValidator(1), MaxValueValidator(10_000)],
        help_text="Answers to one query; a query with more matches is refused as too wide.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        verbose_name = "device profile"

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> Rules:
        return Rules(
            charset=self.charset,
            transliterate=self.transliterate,
            max_lengths=self.max_lengths,
            required_keys=tuple(self.required_keys),
            arrived_only=self.arrived_only,
            days_back=self.days_back,
            days_ahead=self.days_ahead,
            sends_mpps=self.sends_mpps,
            result_limit=self.result_limit,
        )


class DevicePool(models.Model):
    """Devices that may each do the others' steps: two portable units of one ward."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="device_pools")
    name = models.CharField(max_length=64)

    class Meta:
        ordering = ["site", "name"]
        verbose_name = "device pool"
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="device_pool_name_once_per_site")]

    def __str__(self) -> str:
        return self.name


class NodeQuerySet(models.QuerySet["Node"]):
    def visible_to(self, user: User) -> Self:
        """The devices of the sites that a person looks after."""
        return self.filter(site__in=user.sites_where("device.manage"))


class Node(models.Model):
    """A device: its AE title (PS3.8; at most 16 characters), where it listens, and what it can read."""

    KINDS = [("modality", "Modality"), ("archive", "Archive")]

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="nodes")
    name = models.CharField(max_length=64)
    ae_title = models.CharField(
        "AE title", max_length=16, unique=True,
        validators=[RegexValidator(r"^[A-Z0-9_\-]{1,16}$", "Capitals, digits, _ and -, at most 16.")],
    )  # fmt: skip
    host = models.CharField(max_length=255, default="127.0.0.1")
    port = models.PositiveIntegerField(default=104, validators=[MinValueValidator(1), MaxValueValidator(65535)])
    kind = models.CharField(max_length=8, choices=KINDS, default="modality")
    modality = models.CharField(max_length=2, choices=MODALITIES, blank=True)
    charset = models.CharField(
        "character set", max_length=40, default="ISO_IR 192", validators=[check_charset],
        help_text="What the device can read, (0008,0005), where it has no profile.",
    )  # fmt: skip
    profile = models.ForeignKey(
        DeviceProfile, null=True, blank=True, on_delete=models.PROTECT, related_name="nodes",
        help_text="How its worklist is written, and which steps it is shown.",
    )  # fmt: skip
    pool = models.ForeignKey(
        DevicePool, null=True, blank=True, on_delete=models.PROTECT, related_name="nodes",
        help_text="The devices whose steps it sees beside its own.",
    )  # fmt: skip
    tls = models.BooleanField("TLS", default=False, help_text="It is spoken with over TLS.")
    last_seen_at = models.DateTimeField("last seen", null=True, blank=True, editable=False)
    active = models.BooleanField(default=True)

    objects = NodeQuerySet.as_manager()

    class Meta:
        ordering = ["ae_title"]

    def __str__(self) -> str:
        return f"{self.ae_title} ({self.name})"

    @property
    def rules(self) -> Rules:
        """What its profile says; without one the defaults, in its own character set."""
        return self.profile.rules if self.profile is not None else Rules(charset=self.charset)

    def clean(self) -> None:
        if self.pool is not None and self.pool.site_id != self.site_id:
            raise ValidationError({"pool": "This pool belongs to another site."})


class DeviceContact(models.Model):
    """One thing that a device asked or sent: the device log. Keys that it asked by, never their values."""

    KINDS = [
        ("echo", "Echo"),
        ("worklist", "Worklist"),
        ("mpps", "Performed step"),
        ("store", "Images"),
        ("refused", "Refused"),
    ]

    node = models.ForeignKey(Node, null=True, on_delete=models.SET_NULL, related_name="contacts")
    ae_title = models.CharField("AE title", max_length=16)
    address = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=8, choices=KINDS)
    at = models.DateTimeField()
    returned = models.PositiveIntegerField(null=True)
    status = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["node", "-at"], name="contact_of_node"),
            models.Index(fields=["ae_title", "-at"], name="contact_of_title"),
            models.Index(fields=["at"], name="contact_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["echo", "worklist", "mpps", "store", "refused"]),
                name="device_contact_kind_known",
            )
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"
