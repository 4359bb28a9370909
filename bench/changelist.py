"""Peer: Django's admin changelist of the same rows and columns, with the joins its documentation advises for speed.

Three times: as the documentation has it, with the filters and the search the portal's page offers too and with the
admin's own action (delete selected) and its boxes; without the action; without action and filters.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cultivation.models import Subject


class OpenSite(admin.AdminSite):
    """Everybody who is signed in; the portal has no staff flag."""

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated


class EnterpriseAdmin(admin.ModelAdmin):
    list_display = (
        "name", "credit_code", "managing_organization", "township", "industry_code", "size_class", "employee_count",
        "contact_name", "state",
    )  # fmt: skip
    list_select_related = ("managing_organization", "township")
    list_per_page = 50
    ordering = ("-id",)
    search_fields = ("search_name",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(kind="ENTERPRISE", state="ACTIVE")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_change_permission = has_delete_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


class FilteredAdmin(EnterpriseAdmin):
    list_filter = ("kind", "managing_organization", "size_class", "industry_code", "state")


class ActionlessAdmin(FilteredAdmin):
    actions = None


class PlainAdmin(EnterpriseAdmin):
    actions = None


site, actionless_site, plain_site = (
    OpenSite(name=f"bench_{name}") for name in ("admin", "actionless", "plain")
)
site.register(Subject, FilteredAdmin)
actionless_site.register(Subject, ActionlessAdmin)
plain_site.register(Subject, PlainAdmin)
