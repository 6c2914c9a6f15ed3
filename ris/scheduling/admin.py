from __future__ import annotations

from django.contrib import admin

from ris.core.inlines import NamedRows
from ris.scheduling.models import Block, Closure, Holiday, Lane, Opening, Resource


class OpeningInline(NamedRows[Opening, Resource]):
    model = Opening
    extra = 0


class ClosureInline(NamedRows[Closure, Resource]):
    model = Closure
    extra = 0


class BlockInline(NamedRows[Block, Resource]):
    model = Block
    extra = 0


class LaneInline(NamedRows[Lane, Resource]):
    model = Lane
    extra = 0


@admin.register(Holiday)
class HolidayAdmin(admin.ModelAdmin[Holiday]):
    list_display = ("day", "name", "site")
    list_filter = ("site",)
    list_select_related = ("site",)


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin[Resource]):
    list_display = ("name", "site", "modality", "capabilities", "node", "active")
    list_filter = ("site", "modality", "active")
    list_select_related = ("site", "node")
    inlines = (OpeningInline, ClosureInline, BlockInline, LaneInline)
