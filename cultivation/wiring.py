"""What cultivation gives to the floors below it: its capacity source, attachment rights, job kinds, navigation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Q, QuerySet

from cultivation import mechanism_wiring, pairing_wiring, version_wiring
from cultivation.ledgers.base import all_ledgers
from cultivation.models import Subject, SubjectContact
from cultivation.selectors.seals import sealing_of_record
from cultivation.services.exports import EXPORT_JOB
from cultivation.services.imports_access import BATCH_FILES, may_read_batch_file, may_write_batch_files
from cultivation.services.imports_jobs import IMPORT_JOBS
from cultivation.services.ledger_exports import LEDGER_EXPORT_JOB
from cultivation.services.ledger_files import (
    file_purposes,
    may_read_record_file,
    may_write_record_files,
)
from cultivation.services.sheet_exports import SHEET_EXPORT_JOB
from cultivation.services.subjects import KEEPERS
from zaozhuang_portal.accounts.actors import Actor, Capacity, CapacitySource, register_capacity_source
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.scopes import PeopleScope, register_people_scope
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.navigation import NavItem, register_nav
from zaozhuang_portal.operations.access import ONLY_SCANS, OPEN, Sealing, register_attachment_access
from zaozhuang_portal.operations.models import Attachment
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


def _contacts_managed_by(actor: Actor) -> QuerySet[SubjectContact]:
    return SubjectContact.objects.in_force(shanghai_date(now())).filter(
        subject__in=Subject.objects.visible_to(actor)
    )


def _visible_contacts(actor: Actor) -> Q | None:
    """The offices help the contacts of the subjects they manage: reset, disable."""
    if actor.role not in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        return None
    return Q(pk__in=_contacts_managed_by(actor).values("user_id"))


def _serves_elsewhere(actor: Actor, user: User) -> bool:
    contacts = SubjectContact.objects.in_force(shanghai_date(now())).filter(user=user)
    return contacts.exclude(pk__in=_contacts_managed_by(actor).values("pk")).exists()


def _contact_labels(user_ids: Sequence[int], actor: Actor) -> dict[int, list[str]]:
    labels: dict[int, list[str]] = {}
    contacts = _contacts_managed_by(actor).filter(user_id__in=user_ids).order_by("id")
    for user_id, name in contacts.values_list("user_id", "subject__name"):
        labels.setdefault(user_id, []).append(f"{name}·经办人")
    return labels


_OFFICES = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})


def _may_read_subject_file(actor: Actor, attachment: Attachment) -> bool:
    return Subject.objects.visible_to(actor).filter(pk=attachment.owner_id).exists()


def _may_write_subject_file(actor: Actor, owner_id: int) -> bool:
    return actor.role in KEEPERS and Subject.objects.visible_to(actor).filter(pk=owner_id).exists()


def _files_of(kind: str) -> Callable[[Actor, int], bool]:
    return lambda actor, owner_id: may_write_record_files(actor, kind, owner_id)


def _sealing_of(kind: str) -> Callable[[int], Sealing]:
    ledger = next(ledger for ledger in all_ledgers() if ledger.kind == kind)
    # Rows that live on across the years are not sealed with one of them.
    return lambda owner_id: OPEN if ledger.standing else sealing_of_record(ledger.model, owner_id)


def register() -> None:
    version_wiring.register()
    mechanism_wiring.register()
    pairing_wiring.register()
    for record_kind in sorted({ledger.kind for ledger in all_ledgers()}):
        register_attachment_access(
            record_kind,
            may_read_record_file,
            _files_of(record_kind),
            purposes=file_purposes(record_kind),
            sealing=_sealing_of(record_kind),
        )
    register_nav(
        NavItem(
            "ledgers", "工作台账", "cultivation:ledger_home", "table", roles=_READERS, order=202, group="培育"
        )
    )
    register_attachment_access(BATCH_FILES, may_read_batch_file, may_write_batch_files, purposes=ONLY_SCANS)
    register_attachment_access("Subject", _may_read_subject_file, _may_write_subject_file)
    register_nav(
        NavItem(
            "handovers",
            "交接",
            "cultivation:handover_list",
            "arrow-repeat",
            roles=_OFFICES,
            order=890,
            group="管理",
        ),
        NavItem(
            "transfers",
            "划转申请",
            "cultivation:transfer_list",
            "arrow-down-up",
            roles=KEEPERS,
            order=205,
            group="培育",
        ),
    )
    for kind in (*IMPORT_JOBS, EXPORT_JOB, LEDGER_EXPORT_JOB, SHEET_EXPORT_JOB):
        register_job_kind(kind)
    register_capacity_source(CapacitySource(prefix="s", find=_find, list=_list))
    register_people_scope(PeopleScope("contacts", _visible_contacts, _serves_elsewhere, _contact_labels))
    register_nav(
        NavItem(
            "subjects",
            "培育对象",
            "cultivation:subject_list",
            "building",
            roles=_READERS,
            order=200,
            group="培育",
            bottom_bar=True,
        )
    )
    register_nav(
        NavItem(
            "own_subject",
            "本企业档案",
            "cultivation:own_subject",
            "building",
            roles=frozenset({Role.SUBJECT_CONTACT}),
            order=200,
            group="培育",
            bottom_bar=True,
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
    register_nav(
        NavItem(
            "rosters",
            "培育名单",
            "cultivation:roster_home",
            "star",
            roles=_READERS,
            order=208,
            group="培育",
        ),
        NavItem(
            "pilots",
            "行业试点",
            "cultivation:pilot_list",
            "graph-up",
            roles=_READERS,
            order=212,
            group="培育",
        ),
        NavItem(
            "data_checks",
            "数据核查",
            "cultivation:data_checks",
            "check-circle",
            roles=_READERS,
            order=230,
            group="培育",
        ),
    )
