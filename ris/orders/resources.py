"""The catalogue as a table: CSV and XLSX, in and out of the admin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db.models import ProtectedError
from import_export import fields, resources

from ris.notifications.languages import check_language
from ris.orders.cell_texts import TextCell, cell_of, texts_of
from ris.orders.cells import NONE, PartCell, billing_of, parts_of
from ris.orders.models import BillingCode, Procedure, ProcedurePart, ProcedureText

COLUMNS = (
    "code", "scheme", "name", "modality", "body_part", "paired", "duration_minutes", "preparation", "contrast",
    "required_capability", "needs_protocol", "default_protocol", "loinc_code", "radlex_code", "template_key",
    "expected_images", "told", "active",
)  # fmt: skip
MANY = ("billing", "parts", "texts")


class ProcedureResource(resources.ModelResource):  # type: ignore[misc]
    """One row per procedure, known by its code; what a cell leaves out stays as it is.

    `billing`: "CPT:73560*1; EBM:34230*2". `parts`: "Injection:NM*10 needs hot-lab; Scan:NM*30 wait 120-240", or "-".
    `texts`: as in ris.orders.cell_texts. Each names all of them.
    """

    billing = fields.Field(column_name="billing")
    parts = fields.Field(column_name="parts")
    texts = fields.Field(column_name="texts")

    class Meta:
        model = Procedure
        import_id_fields = ("code",)
        fields = (*COLUMNS, *MANY)
        export_order = (*COLUMNS, *MANY)
        skip_unchanged = True
        clean_model_instances = True
        use_transactions = True

    def dehydrate_billing(self, procedure: Procedure) -> str:
        if procedure.pk is None:
            return ""
        return "; ".join(f"{row.scheme}:{row.code}*{row.quantity}" for row in procedure.billing_codes.all())

    def dehydrate_parts(self, procedure: Procedure) -> str:
        if procedure.pk is None:
            return ""
        return "; ".join(str(_cell(part)) for part in procedure.parts.order_by("position"))

    def dehydrate_texts(self, procedure: Procedure) -> str:
        if procedure.pk is None:
            return ""
        return cell_of([TextCell(row.language, row.name, row.preparation) for row in procedure.texts.all()])

    def _cells(self) -> dict[str, Callable[[Procedure], str]]:
        return {"billing": self.dehydrate_billing, "parts": self.dehydrate_parts, "texts": self.dehydrate_texts}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A bad cell is a fault of its row before anything is written."""
        billing_of(_text(row, "billing"))
        parts_of(_text(row, "parts"))
        for cell in texts_of(_text(row, "texts")):
            check_language(cell.language)

    def after_save_instance(self, instance: Procedure, row: dict[str, Any], **kwargs: Any) -> None:
        if text := _text(row, "billing"):
            instance.billing_codes.all().delete()
            BillingCode.objects.bulk_create(
                BillingCode(procedure=instance, scheme=scheme, code=code, quantity=quantity)
                for (scheme, code), quantity in billing_of(text).items()
            )
        if text := _text(row, "parts"):
            _set_parts(instance, parts_of(text))
        if text := _text(row, "texts"):
            instance.texts.all().delete()
            ProcedureText.objects.bulk_create(
                ProcedureText(procedure=instance, **asdict(cell)) for cell in texts_of(text)
            )

    def skip_row(
        self, instance: Procedure, original: Procedure, row: dict[str, Any], import_validation_errors: Any = None
    ) -> bool:
        if any(_text(row, name) not in {"", cell(original) or NONE} for name, cell in self._cells().items()):
            return False
        return bool(super().skip_row(instance, original, row, import_validation_errors))


def _text(row: dict[str, Any], column: str) -> str:
    return str(row.get(column) or "").strip()


def _cell(part: ProcedurePart) -> PartCell:
    return PartCell(**{name: getattr(part, name) for name in PartCell.__slots__})


def _set_parts(procedure: Procedure, wanted: list[PartCell]) -> None:
    """In place, as steps point at parts. Raises ValueError for one that was planned already and is to go."""
    try:
        procedure.parts.filter(position__gt=len(wanted)).delete()
    except ProtectedError:
        raise ValueError(f"{procedure.code}: a part that exams were planned with cannot go.") from None
    for position, part in enumerate(wanted, start=1):
        ProcedurePart.objects.update_or_create(procedure=procedure, position=position, defaults=asdict(part))
