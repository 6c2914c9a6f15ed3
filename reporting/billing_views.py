"""Charges as a page and as CSV."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from reporting.billing import charges, write_csv
from reporting.billing_forms import BillingForm, this_month
from ris import audit
from ris.core.http import SignedInRequest, require_somewhere

SHOWN = 200


@login_required
@require_GET
def billing(request: SignedInRequest) -> HttpResponse:
    """What was signed, corrected and withdrawn in those days; with `as=csv` the table itself."""
    require_somewhere(request.user, "site.manage", "Charges are for the administrators of a site.")
    asked = "site" in request.GET
    form = BillingForm(request.GET if asked else this_month(request.user), user=request.user)
    if not form.is_valid():
        return render(request, "reporting/billing.html", {"form": form}, status=422 if asked else 200)
    data = form.cleaned_data
    rows = list(charges(data["site"], data["first"], data["last"]))
    if request.GET.get("as") != "csv":
        same = urlencode({"site": data["site"].pk, "first": data["first"], "last": data["last"], "as": "csv"})
        context = {"form": form, "rows": rows[:SHOWN], "count": len(rows), "table": same}
        return render(request, "reporting/billing.html", context)
    period = f"{data['first']} to {data['last']}"
    audit.record("report.billing-exported", data["site"], by=request.user, site_id=data["site"].pk, period=period)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="charges-{data["first"]}-{data["last"]}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    write_csv(rows, answer)
    return answer
