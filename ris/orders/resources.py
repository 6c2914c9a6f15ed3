"""The catalogue as a table: CSV and XLSX, in and out of the admin."""

from __future__ import annotations

from typing import Any

from import_export import fields, resources

from ris.orders.models import BillingCode, Procedure

COLUMNS = (
    "code", "scheme", "name", "modality", "body_part", "paired", "duration_minutes", "preparation", "contrast",
    "required_capability", "needs_protocol", "default_protocol", "loinc_code", "radlex_code", "template_key", "active",
)  # fmt: skip


class ProcedureResource(resources.ModelResource):  # type: ignore[misc]
    """One row per procedure, known by its code. `billing`: "CPT:73560*1; EBM:34230*2", all of them or none given."""

    billing = fields.Field(column_name="billing")

    class Meta:
        model = Procedure
        import_id_fields = ("code",)
        fields = (*COLUMNS, "billing")
        export_order = (*COLUMNS, "billing")
        skip_unchanged = True
        clean_model_instances = True
        use_transactions = True

    def dehydrate_billing(self, procedure: Procedure) -> str:
        if procedure.pk is None:
            return ""
        return "; ".join(f"{row.scheme}:{row.code}*{row.quantity}" for row in procedure.billing_codes.all())

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """A bad billing cell is a fault of its row before anything is written."""
        billing_of(str(row.get("billing") or ""))

    def after_save_instance(self, instance: Procedure, row: dict[str, Any], **kwargs: Any) -> None:
        if row.get("billing") in (None, ""):
            return
        wanted = billing_of(str(row["billing"]))
        instance.billing_codes.all().delete()
        BillingCode.objects.bulk_create(
            BillingCode(procedure=instance, scheme=scheme, code=code, quantity=quantity)
            for (scheme, code), quantity in wanted.items()
        )

    def skip_row(
        self, instance: Procedure, original: Procedure, row: dict[str, Any], import_validation_errors: Any = None
    ) -> bool:
        if row.get("billing") and str(row["billing"]) != self.dehydrate_billing(original):
            return False
        return bool(super().skip_row(instance, original, row, import_validation_errors))


def billing_of(text: str) -> dict[tuple[str, str], int]:
    """{(scheme, code): quantity} from "CPT:73560*1; EBM:34230*2"; raises ValueError that names the bad part."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        scheme, colon, rest = part.partition(":")
        code, star, quantity = rest.partition("*")
        number = quantity.strip() if star else "1"
        if not (colon and scheme.strip() and code.strip() and number.isdecimal() and 0 < int(number) < 1000):
            raise ValueError(f"Billing “{part[:40]}”: write SCHEME:CODE*QUANTITY, several parted by a semicolon.")
        if len(scheme.strip()) > 16 or len(code.strip()) > 32:
            raise ValueError(f"Billing “{part[:40]}”: a scheme has 16 characters at most, a code 32.")
        found[scheme.strip(), code.strip()] = int(number)
    return found
