from __future__ import annotations

from django.contrib import admin

from ris.scheduling.models import Block, Closure, Holiday, Lane, Opening, Resource


class OpeningInline(admin.TabularInline[Opening, Resource]):
    model = Opening
    extra = 0


class ClosureInline(admin.TabularInline[Closure, Resource]):
    model = Closure
    extra = 0


class BlockInline(admin.TabularInline[Block, Resource]):
    model = Block
    extra = 0


class LaneInline(admin.TabularInline[Lane, Resource]):
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
