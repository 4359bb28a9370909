"""Every URL that takes a POST either makes something once, by the key of its form, or makes nothing new when sent again.

What makes something is posted twice here, with the form as its page draws it: one record, and the second answer leads
to what the first one made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from cultivation.models import SubjectTransfer
from tests.evaluation.spot_check_builders import make_checklist
from tests.matrix.matrix import load_entries
from tests.matrix.test_matrix import built_world  # noqa: F401 - a fixture
from tests.matrix.world import World
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.accounts.models import FormKey, Seat
from zaozhuang_portal.kernel.form_keys import FIELD

pytestmark = [pytest.mark.matrix, pytest.mark.django_db]
ENTRIES = load_entries()


def named(text: str) -> list[str]:
    return text.split()


# Why sending it again makes nothing new.
REPEATABLE: dict[str, str] = {
    **dict.fromkeys(
        named(
            """account_change_password account_login account_logout account_reauthenticate accounts:activate
            accounts:activate_link accounts:sms_code accounts:sms_sign_in accounts:switch_capacity mfa_activate_totp
            mfa_authenticate mfa_deactivate_totp mfa_generate_recovery_codes mfa_reauthenticate openid_connect_login
            socialaccount_connections ui:density ui:elder cultivation:claim cultivation:claim_link accounts:profile"""
        ),
        "signing in, one-time codes and preferences: a code is used once, a preference is set",
    ),
    **dict.fromkeys(
        named(
            """accounts:body_edit accounts:member_unit_edit accounts:seat_edit accounts:user_edit
            cultivation:ledger_edit cultivation:ledger_inline cultivation:plan_edit cultivation:subject_edit
            cultivation:holidays cultivation:target_counting cultivation:target_edit cultivation:work_item_edit
            evaluation:inspector_edit evaluation:spot_check_edit evaluation:spot_check_strata
            evaluation:rectification_edit evaluation:rectification_name evaluation:measure_edit
            evaluation:improvement_edit evaluation:spot_check_planned
            cultivation:work_item_detail cultivation:saved_filter_change cultivation:roster_document
            cultivation:practice_consent cultivation:visit_follow_up evaluation:answer_save
            evaluation:answer_conflict evaluation:assessment_section evaluation:assessment_check
            evaluation:assessment_profile evaluation:assessment_extension evaluation:declaration_save
            evaluation:declaration_conflict evaluation:review_judge evaluation:review_look
            evaluation:review_agree reporting:narrative_edit
            reporting:report_refresh cultivation:import_mapping cultivation:import_check operations:file_purpose"""
        ),
        "changes what is there, by its version or to the same values",
    ),
    **dict.fromkeys(
        named(
            """cultivation:milestone_done accounts:request_refuse accounts:request_withdraw accounts:requests_approve
            cultivation:backfill_answer reporting:report_correct
            accounts:lockout_lift accounts:membership_end accounts:seat_remove accounts:user_disable
            accounts:user_dismiss accounts:user_enable cultivation:contact_end cultivation:correction_consent
            cultivation:correction_move cultivation:correction_refuse cultivation:countersign_ask
            cultivation:enrollment_remove cultivation:import_cancel cultivation:import_confirm
            cultivation:import_undo cultivation:ledger_remove cultivation:ledger_restore cultivation:ledger_bulk
            cultivation:holiday_remove
            cultivation:pairing_end cultivation:plan_issue cultivation:plan_move cultivation:reassign
            cultivation:staff_leave cultivation:subject_deregister cultivation:subject_merge
            cultivation:subject_reinstate cultivation:subject_rename cultivation:transfer_accept
            cultivation:transfer_refuse cultivation:transfer_withdraw cultivation:work_item_move
            evaluation:adoption_freeze evaluation:adoption_reopen evaluation:assessment_submit
            evaluation:assessment_withdraw evaluation:review_archive evaluation:review_confirm
            evaluation:review_open evaluation:review_recall evaluation:review_return evaluation:review_send_back
            evaluation:review_verify evaluation:standard_discard evaluation:standard_publish operations:file_remove
            operations:file_restore operations:job_cancel operations:job_remove operations:job_retry
            operations:job_seen operations:downloads_seen operations:notification_open operations:notifications_read
            reporting:report_move reporting:year_close reporting:remind
            evaluation:letter_receive evaluation:letter_paper evaluation:letter_withdraw evaluation:inspector_retire
            evaluation:conflict_create evaluation:conflict_remove evaluation:team_assign evaluation:member_change
            evaluation:member_lead evaluation:notice_send evaluation:spot_check_freeze
            evaluation:spot_check_unfreeze evaluation:spot_check_commit evaluation:spot_check_draw
            evaluation:spot_check_skip evaluation:spot_check_close evaluation:population_dispute
            evaluation:population_answer evaluation:check_propose evaluation:check_answer
            evaluation:check_conclude evaluation:rectification_issue evaluation:rectification_withdraw
            evaluation:rectification_submit evaluation:rectification_continue evaluation:rectification_recheck
            evaluation:rectification_close evaluation:extension_ask evaluation:extension_answer
            evaluation:objection_raise evaluation:objection_answer evaluation:checklist_publish"""
        ),
        "a step of a workflow: from the state it leads to it is refused or changes nothing",
    ),
    **dict.fromkeys(
        named(
            """cultivation:advisory_month cultivation:mediation_month cultivation:point_month cultivation:figure_entry
            cultivation:training_attendance cultivation:participation_mark cultivation:roster_choose
            cultivation:roster_confirm cultivation:visit_join evaluation:improvement_add"""
        ),
        "cells and marks: a second sending finds them as they are (a constraint holds each)",
    ),
    **dict.fromkeys(
        named(
            """cultivation:data_checks_export cultivation:ledger_export cultivation:register_export
            cultivation:sheet_export reporting:report_documents operations:job_repeat evaluation:check_pack
            evaluation:rectification_export reporting:rectification_paper"""
        ),
        "the same work asked for again is the same job (fingerprint)",
    ),
    **dict.fromkeys(
        named(
            """operations:file_replace cultivation:countersign_files
            cultivation:import_upload cultivation:ledger_upload cultivation:plan_files
            cultivation:subject_upload evaluation:evidence_upload evaluation:scan_upload
            reporting:report_scan_upload evaluation:check_proof evaluation:measure_proof
            evaluation:improvement_proof"""
        ),
        "a file: the same content twice is pointed out in the list (operations.services.attachments)",
    ),
    **dict.fromkeys(
        named("evaluation:check_line_save evaluation:check_visit_save evaluation:check_photos evaluation:check_scan"),
        "every save and photo has an id of its own: sent again it is answered the same (tests/evaluation/test_site_pages.py)",
    ),
    "evaluation:spot_check_workbook": "a file to take away; sent again it is made again",
    "accounts:user_import": "checks a file and shows it; nothing is written",
}  # fmt: skip


def views(patterns: list[Any] | None = None, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from views(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}" if pattern.name else f"<{pattern.pattern}>", pattern.callback


@pytest.fixture
def world(built_world: World) -> Iterator[World]:  # noqa: F811 - the fixture
    with transaction.atomic():
        yield built_world
        transaction.set_rollback(True)


VIEWS = dict(views())
POSTED = [name for name, entry in ENTRIES.items() if "POST" in entry.methods]
CREATING = sorted(name for name in POSTED if getattr(VIEWS[name], "creates_once", False))


def test_every_post_is_of_a_creating_form_or_makes_nothing_new() -> None:
    rest = set(POSTED) - set(CREATING)
    assert rest - set(REPEATABLE) == set(), (
        "make it @creates_once, or say here why sending it again is harmless"
    )
    assert set(REPEATABLE) - rest == set(), "no such URL any more, or its form has the key"


class _Forms(HTMLParser):
    """The POST forms of a page: action, and name → values as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self._open = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.forms.append((given.get("action", ""), {}))
            self._open = True
        if not self._open:
            return
        fields, name = self.forms[-1][1], given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("file", "submit"):
            ticked = given.get("type") in ("checkbox", "radio")
            if not ticked or "checked" in given:
                fields.setdefault(name, []).append(given.get("value", "on" if ticked else ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given):
            fields.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            fields.setdefault(name, []).append("")

    def handle_data(self, data: str) -> None:
        if self._open and self._area:
            values = self.forms[-1][1][self._area]
            values[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def drawn_form(page: str, url: str) -> dict[str, list[str]]:
    """The form of the page that is sent to `url` and carries the key."""
    reader = _Forms()
    reader.feed(page)
    path = url.partition("?")[0]
    keyed = [
        fields
        for action, fields in reader.forms
        if action.partition("?")[0] in ("", path) and FIELD in fields
    ]
    assert keyed, f"no form of {url} carries {FIELD}"
    assert all(len(fields[FIELD]) == 1 for fields in keyed)
    return keyed[0]


def address(name: str, world: World) -> str:
    entry = ENTRIES[name]
    kwargs = dict(entry.kwargs) | (dict(world.kwargs(entry.object, "own")) if entry.object else {})
    return reverse(name, kwargs=kwargs) + entry.query


def first_role(name: str) -> str:
    allowed = ENTRIES[name].allow
    return next(
        role for role in ("DISTRICT_OFFICE", "CITY_OFFICE", "SUBJECT_CONTACT", *allowed) if role in allowed
    )


Typed = Callable[[World], Mapping[str, Any]]


def _entry_data(name: str) -> Typed:
    def typed(world: World) -> Mapping[str, Any]:
        data = ENTRIES[name].data
        return dict(data(world, world.own) if callable(data) else data or {})

    return typed


def free_kind(world: World) -> str:
    """A kind of seat the own body has none of yet."""
    taken = set(Seat.objects.filter(body__organization=world.own.district).values_list("kind", flat=True))
    return next(kind for kind in MemberUnitKind.values if kind not in taken)


def without_transfers(world: World) -> str:
    """The world may have an open transfer of the subject: it makes room for the one that is sent twice."""
    SubjectTransfer.objects.filter(subject=world.own.subject).delete()
    return ""


# What is typed besides what the page already holds; the role where it is not the first that may.
TYPED: dict[str, Typed] = {
    "accounts:user_create": lambda world: {
        **_entry_data("accounts:user_create")(world),
        "phone": "13800001111",
    },
    "accounts:user_reset": lambda world: {},
    "accounts:membership_create": _entry_data("accounts:membership_create"),
    "accounts:park_create": _entry_data("accounts:park_create"),
    "accounts:seat_create": lambda world: {"kind": free_kind(world), "state": "PLANNED", "title": "新席位"},
    "accounts:member_unit_create": _entry_data("accounts:member_unit_create"),
    "cultivation:subject_create": lambda world: {
        "name": "重复提交试验有限公司",
        "credit_code": "91370400MA3ABCDE1X",
        "credit_code_note": "已核对营业执照",
        "managing_organization": world.own.district.pk,
    },
    "cultivation:subject_contacts": lambda world: {},
    "cultivation:saved_filter_create": lambda world: {"name": "重复提交"},
    "cultivation:transfer_out": lambda world: {
        "reason_of_none_open": without_transfers(world),
        "to_organization": world.foreign.district.pk,
        "reason": "企业迁入该区经营",
    },
    "cultivation:work_item_create": _entry_data("cultivation:work_item_create"),
    "cultivation:pairing_create": lambda world: {
        "role": "ASSISTING",
        "person_name": "张三",
        "starts_on": "2026-01-05",
    },
    "cultivation:visit_create": lambda world: {
        **_entry_data("cultivation:visit_create")(world),
        "others": "张三",
    },
    "cultivation:pilot_members_add": _entry_data("cultivation:pilot_members_add"),
    "cultivation:staff_assign": _entry_data("cultivation:staff_assign"),
    "cultivation:ledger_import": _entry_data("cultivation:ledger_import"),
    "evaluation:letter_create": lambda world: {
        "year": 2026,
        "title": "重复提交",
        "body": "请准备材料",
        "scope": "all",
    },
    "evaluation:spot_check_new": lambda world: {"checklist": make_checklist().pk},
    "evaluation:spot_check_named": lambda world: {
        "subject": world.sibling.subject.credit_code,
        "reason": "群众多次反映",
        "signer": "王签发",
    },
    "evaluation:finding_new": lambda world: {
        "scope": "subject",
        "subject": world.sibling.subject.credit_code,
        "source": "COMPLAINT",
        "source_note": "来信第3号",
        "clause": "DC02",
        "title": "未设专门小组",
        "facts": "没有成立文件。",
        "severity": "MINOR",
    },
    "evaluation:finding_order": lambda world: {"requirement": "成立小组", "criterion": "有文件"},
    "evaluation:measure_new": lambda world: {"words": "发文", "person": "王五", "due_on": "2026-12-01"},
    "evaluation:inspector_create": lambda world: {
        "name": "周检查",
        "staff_number": "JC9999",
        "party": "HRSS",
        "organization": world.city.pk,
        "unit_name": "市人社局",
    },
    "evaluation:assessment_start": lambda world: {
        "entered_on_behalf_of": "李人事",
        "source_document": "2025年自评表（盖章件）",
    },
}
# Their pages and doubles need a world of their own; the mechanism is the same.
ELSEWHERE = {
    "accounts:bodies_establish": "a body not established yet; sent again nothing is waiting",
    "accounts:user_import_confirm": "its form is on the page of the checked file",
    "cultivation:backfill_ask": "a year the portal was in use; one open request a matter is refused in words",
    "cultivation:correction_create": "a closed year",
    "cultivation:plan_create": "the district of the world has its plan; one plan a year is a constraint",
    "reporting:report_current": "the district of the world has its report; one report a year is a constraint",
    "cultivation:countersign": "a seat of one's own; one opinion per seat and version is a constraint",
    "cultivation:countersign_offline": "a seat; one opinion per seat and version is a constraint",
    "cultivation:handover_new": "two people; the plan is drawn first",
    "cultivation:import_new": "a file: cultivation:ledger_import posts the same code a paste",
    "cultivation:ledger_create": "every ledger: tests/cultivation/test_sent_twice.py",
    "cultivation:pairing_renew": "pairings of a past year",
    "cultivation:transfer_in": "a firm of another district",
    "evaluation:adoption_ask": "a meeting held before the freeze, not decided yet",
    "evaluation:adoption_correct": "a recorded adoption; its form is the meeting's",
    "evaluation:adoption_text": "a question put to the city office",
    "evaluation:assessment_adoption": "a frozen assessment: one meeting for each print is a constraint",
    "cultivation:gap_list": "gaps of a year: one that was given out is not given out again",
    "evaluation:checklist_upload": "a checklist file; the same version again is the same draft",
    "evaluation:standard_upload": "a set file; the same version again is the same draft",
    "reporting:report_backfill": "a year before the portal; one report a year is a constraint",
}
NO_PAGE = {"evaluation:adoption_ask", "evaluation:adoption_correct", "evaluation:adoption_text"}
NO_PAGE |= {"accounts:user_import_confirm", "accounts:bodies_establish", "cultivation:countersign"}
NO_PAGE |= {
    "cultivation:plan_create",
    "reporting:report_current",
    "cultivation:pairing_renew",
    "evaluation:assessment_adoption",
    "cultivation:handover_new",
}


def test_every_creating_form_is_sent_twice_here_or_said_where() -> None:
    assert set(TYPED) | set(ELSEWHERE) == set(CREATING) and not set(TYPED) & set(ELSEWHERE)


@pytest.mark.parametrize("name", [name for name in CREATING if name not in NO_PAGE])
def test_the_form_carries_its_key(name: str, world: World) -> None:
    url = address(name, world)
    page = world.client(first_role(name)).get(url)
    assert page.status_code == 200, page.headers.get("Location")
    assert len(drawn_form(page.content.decode(), url)[FIELD][0]) == 32


def counted() -> dict[str, int]:
    """Rows of every table but those that note a visit."""
    aside = {"FormKey", "Session", "AccessLog", "AccessAttempt"}
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model.__name__ not in aside and model._meta.managed
    }


@pytest.mark.parametrize("name", sorted(TYPED))
def test_sent_twice_is_one_record(name: str, world: World) -> None:
    url = address(name, world)
    client = world.client(first_role(name))
    with transaction.atomic():
        page = client.get(url)
        data: dict[str, Any] = {**drawn_form(page.content.decode(), url), **TYPED[name](world)}
        before = counted()
        first = client.post(url, data)
        if first.status_code == 422:  # a question; the second try is the answer
            data |= {
                key: data_of(first, key) for key in ("confirmed", "confirmed_name") if data_of(first, key)
            }
            first = client.post(url, data)
        sent = FormKey.objects.filter(key=data[FIELD][0]).first()
        assert sent is not None and sent.target, (first.status_code, errors_of(first))
        after = counted()
        assert after != before, "something was made"
        second = client.post(url, data)
        assert second.status_code in (302, 303) and second.headers["Location"] == sent.target
        assert counted() == after
        transaction.set_rollback(True)


def errors_of(response: Any) -> Any:
    form = (response.context or {}).get("form")
    return (form.errors, dict(form.data)) if form is not None else ""


def data_of(response: Any, key: str) -> str:
    form = (response.context or {}).get("form")
    return str(form.data.get(key, "")) if form is not None else ""
