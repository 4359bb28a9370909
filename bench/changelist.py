"""Peer: Django's admin changelist of the same rows and columns, with what its documentation advises for speed.

Twice: with the filters the portal's page offers too, and without any.
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
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(kind="ENTERPRISE", state="ACTIVE")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    has_change_permission = has_view_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


class FilteredAdmin(EnterpriseAdmin):
    list_filter = ("kind", "managing_organization", "size_class", "industry_code", "state")


site = OpenSite(name="bench_admin")
site.register(Subject, FilteredAdmin)
plain_site = OpenSite(name="bench_plain_admin")
plain_site.register(Subject, EnterpriseAdmin)
