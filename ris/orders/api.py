"""/api/v1/orders/ and the catalogue /api/v1/procedures/."""

from __future__ import annotations

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from ris import audit
from ris.accounts.api_bodies import ReasonBody
from ris.accounts.api_stations import StationViewSet
from ris.accounts.models import User
from ris.core.http import require_somewhere
from ris.orders import actions
from ris.orders.models import Order, Procedure, RequestedProcedure
from ris.orders.referrers import search
from ris.orders.serializers import (
    FoundReferrerSerializer,
    ModifyBody,
    OrderBody,
    OrderQuery,
    OrderSerializer,
    ProcedureSerializer,
    ReferrerQuery,
    ReplaceBody,
)


class ProcedureViewSet(StationViewSet[Procedure]):
    model = Procedure
    needs = "order.view"

    def visible(self, user: User) -> models.QuerySet[Procedure]:
        return Procedure.objects.filter(active=True)

    @extend_schema(responses=ProcedureSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The catalogue: what can be ordered."""
        return self.page(self.visible(self.user), ProcedureSerializer)


class OrderViewSet(StationViewSet[Order]):
    model = Order
    needs = "order.view"

    def visible(self, user: User) -> models.QuerySet[Order]:
        procedures = RequestedProcedure.objects.select_related("procedure")
        rows = Order.objects.visible_to(user).select_related("site", "patient")
        return rows.prefetch_related(models.Prefetch("procedures", procedures))

    @extend_schema(parameters=[OrderQuery], responses=OrderSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Orders of your sites, newest first."""
        query, rows = self.query(OrderQuery), self.visible(self.user)
        if query["accession"]:
            numbered = RequestedProcedure.objects.filter(accession_number__istartswith=query["accession"])
            rows = rows.filter(pk__in=numbered.values("order_id"))
        chosen = {name: query[name] for name in ("patient", "state") if name in query}
        return self.page(rows.filter(**chosen), OrderSerializer)

    @extend_schema(parameters=[ReferrerQuery], responses=FoundReferrerSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def referrers(self, request: Request) -> Response:
        """Those of the directory in whom every word stands; at most twelve, and without words nobody."""
        require_somewhere(self.user, "order.place", "Orders are placed by clerks and radiologists.")
        return Response(FoundReferrerSerializer(search(self.query(ReferrerQuery)["q"]), many=True).data)

    @extend_schema(responses=OrderSerializer)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One order. Opening it is recorded in the audit trail."""
        order = self.one()
        audit.record("order.opened", order, by=self.user, patient=order.patient)
        return Response(OrderSerializer(order).data)

    @extend_schema(request=OrderBody, responses={201: OrderSerializer})
    def create(self, request: Request) -> Response:
        """Place an order; from this moment each procedure has its accession number and StudyInstanceUID."""
        body = self.body(OrderBody)
        patient, site, procedures, sides = (body.pop(name) for name in ("patient", "site", "procedures", "sides"))
        details = actions.OrderDetails(**body)
        order = actions.place_order(
            patient, site=site, procedures=procedures, details=details, by=self.user, sides=sides
        )
        return Response(self._written(order), status=201)

    @extend_schema(request=ReasonBody, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int) -> Response:
        """Cancel an order on which nothing was done; its bookings are freed."""
        order = actions.cancel_order(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(self._written(order))

    @extend_schema(request=ModifyBody, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def modify(self, request: Request, pk: int) -> Response:
        """Change priority, reason, question, referrer or visit; 422 when somebody changed the order meanwhile."""
        order, body = self.one(), self.body(ModifyBody)
        revision = body.pop("revision")
        order = actions.modify_order(order, details=actions.details_of(order, **body), revision=revision, by=self.user)
        return Response(self._written(order))

    @extend_schema(request=ReplaceBody, responses={201: OrderSerializer})
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: int) -> Response:
        """Place another order in the place of one that has not begun; the answer is the new one."""
        order, body = self.one(), self.body(ReplaceBody)
        procedures, sides, why = (body.pop(name) for name in ("procedures", "sides", "why"))
        instead = actions.Replacement(
            procedures=procedures, details=actions.OrderDetails(**body), reason=why, sides=sides
        )
        return Response(self._written(actions.replace_order(order, instead=instead, by=self.user)), status=201)

    @extend_schema(request=ReasonBody, responses=OrderSerializer)
    @action(detail=True, methods=["post"])
    def discontinue(self, request: Request, pk: int) -> Response:
        """Break off an order that has begun; what was taken is still read."""
        order = actions.discontinue_order(self.one(), reason=self.body(ReasonBody)["reason"], by=self.user)
        return Response(self._written(order))

    def _written(self, order: Order) -> object:
        return OrderSerializer(self.visible(self.user).filter(pk=order.pk).first() or order).data
