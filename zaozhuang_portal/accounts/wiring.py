"""What accounts registers with the floor below and with itself when the apps are ready."""

from __future__ import annotations

from django.db.models.signals import post_migrate

from zaozhuang_portal.accounts import signals
from zaozhuang_portal.accounts.actors import CapacitySource, register_capacity_source
from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role
from zaozhuang_portal.accounts.kept_tables import install_triggers, keep_versions
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.permissions.account_requests import REQUEST_READERS
from zaozhuang_portal.accounts.selectors.memberships import (
    find_membership_capacity,
    list_membership_capacities,
)
from zaozhuang_portal.accounts.services.preferences import save_preference
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.kernel.preferences import register_preference_saver


def _keep_versions() -> None:
    for model in (TripartiteBody, Seat):
        keep_versions(model, birth="entered_at", moment="changed_at")
    keep_versions(Organization, birth="entered_at", moment="entered_at")
    post_migrate.connect(install_triggers, dispatch_uid="accounts.row_versions")


def register() -> None:
    """Called once by AppConfig.ready()."""
    register_capacity_source(
        CapacitySource(prefix="m", find=find_membership_capacity, list=list_membership_capacities)
    )
    signals.connect()
    _keep_versions()
    register_nav(
        NavItem(
            "users",
            "用户管理",
            "accounts:user_list",
            "people",
            roles=frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.SYSTEM_ADMIN}),
            order=910,
            group="管理",
        ),
        NavItem(
            "account_requests",
            "账号审批",
            "accounts:request_list",
            "person-badge",
            roles=frozenset(REQUEST_READERS),
            order=912,
            group="管理",
        ),
        NavItem(
            "bodies",
            "三方机构",
            "accounts:body_list",
            "buildings",
            roles=CITY_ROLES | DISTRICT_ROLES | {Role.LEADER},
            order=905,
            group="管理",
        ),
        NavItem(
            "lockouts",
            "登录安全",
            "accounts:lockout_list",
            "shield-lock",
            roles=frozenset({Role.SECURITY_ADMIN}),
            order=920,
            group="管理",
        ),
        NavItem(
            "audit",
            "审计日志",
            "accounts:audit_list",
            "clock-history",
            roles=frozenset({Role.AUDITOR}),
            order=930,
            group="管理",
        ),
        NavItem("profile", "个人设置", "accounts:profile", "gear", order=990, group="管理"),
    )
    register_preference_saver(save_preference)
