"""Two records side by side, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from ris.patients.models import Patient

FIELDS = (
    "family_name", "given_name", "middle_name", "prefix", "suffix", "ideographic", "phonetic", "birth_date", "sex",
    "phone", "guardian_name", "guardian_phone", "weight_kg",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    one: str
    other: str

    @property
    def differs(self) -> bool:
        return self.one != self.other


def compare(one: Patient, other: Patient) -> list[Row]:
    """Every field that either record fills, then numbers, sites and when it was registered."""
    rows = [Row(_label(name), _shown(one, name), _shown(other, name)) for name in FIELDS]
    rows.append(Row("Numbers", _numbers(one), _numbers(other)))
    rows.append(Row("Sites", *(", ".join(map(str, person.sites.all())) for person in (one, other))))
    rows.append(Row("Alerts", *(", ".join(alert.text for alert in person.active_alerts) for person in (one, other))))
    rows.append(Row("Registered", *(f"{person.created_at:%Y-%m-%d}" for person in (one, other))))
    return [row for row in rows if row.one or row.other]


def _label(name: str) -> str:
    return str(Patient._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def _shown(patient: Patient, name: str) -> str:
    value = patient.get_sex_display() if name == "sex" else getattr(patient, name)
    return "" if value is None else str(value)


def _numbers(patient: Patient) -> str:
    return ", ".join(map(str, patient.identifiers.all()))
