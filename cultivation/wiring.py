"""What cultivation gives to the floors below it: its capacity source, attachment rights, job kinds, navigation."""

from __future__ import annotations

from cultivation.models import SubjectContact
from cultivation.services.exports import EXPORT_JOB
from cultivation.services.imports_jobs import IMPORT_JOBS
from zaozhuang_portal.accounts.actors import Capacity, CapacitySource, register_capacity_source
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.operations.registry import register_job_kind


def _capacity(contact: SubjectContact) -> Capacity:
    return Capacity(
        key=f"s{contact.pk}",
        role=Role.SUBJECT_CONTACT,
        label=f"{contact.subject.name}·经办人",
        subject_id=contact.subject_id,
    )


def _find(pk: int) -> tuple[User, Capacity] | None:
    contact = (
        SubjectContact.objects.in_force(shanghai_date(now()))
        .select_related("user", "subject")
        .filter(pk=pk)
        .first()
    )
    return (contact.user, _capacity(contact)) if contact else None


def _list(user: User) -> list[Capacity]:
    contacts = (
        SubjectContact.objects.in_force(shanghai_date(now())).select_related("subject").filter(user=user)
    )
    return [_capacity(contact) for contact in contacts]


_READERS = frozenset(
    {
        Role.CITY_OFFICE,
        Role.CITY_MEMBER,
        Role.DISTRICT_OFFICE,
        Role.DISTRICT_MEMBER,
        Role.TOWNSHIP_STAFF,
        Role.INSTRUCTOR,
        Role.LEADER,
    }
)


def register() -> None:
    for kind in (*IMPORT_JOBS, EXPORT_JOB):
        register_job_kind(kind)
    register_capacity_source(CapacitySource(prefix="s", find=_find, list=_list))
    register_nav(
        NavItem(
            "subjects",
            "培育对象",
            "cultivation:subject_list",
            "building",
            roles=_READERS,
            order=200,
            group="培育",
        )
    )
    register_nav(
        NavItem(
            "targets",
            "目标任务",
            "cultivation:target_list",
            "bar-chart",
            roles=_READERS,
            order=210,
            group="培育",
        )
    )
    register_nav(
        NavItem(
            "calendar",
            "时间节点",
            "cultivation:calendar",
            "calendar-event",
            roles=_READERS,
            order=220,
            group="培育",
        )
    )
