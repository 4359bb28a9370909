"""What the spot checks leave to do: rounds to go on with, checks to visit, to answer and to conclude, and the city's own
duty of November (C091). Chosen by state; the year of the calendar decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from cultivation.models import Milestone, SubjectContact
from cultivation.selectors.data_checks import Scope
from cultivation.selectors.rehearsal import DayAtHand, Miss, RehearsalItem, register_rehearsal
from cultivation.selectors.reminders import DueThing, ReminderCase, register_reminders
from cultivation.selectors.todo_case import TodoCase, name_and_year
from evaluation.enums import CheckKind, CheckState, RoundState
from evaluation.models import PopulationRow, SpotCheck, SpotCheckRound, TeamMember
from evaluation.permissions.roles import LETTER_RECEIVERS, ROUND_KEEPERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import CITY_ROLES, Role
from zaozhuang_portal.kernel.clock import end_of_day
from zaozhuang_portal.operations.selectors.todos import Identity, TodoPart

DUTY = "SPOT_CHECK"
_C = CheckState
_TO_VISIT = [_C.ASSIGNED, _C.NOTIFIED, _C.UNDER_WAY]


def _check_page(target: int, aux: int | None) -> str:
    return reverse("evaluation:check_detail", args=[aux, target])


def _check_identity(target: int, aux: int | None) -> Identity:
    return "SpotCheck", str(target)


def _part(key: str, act: str, label: str, rows: QuerySet[SpotCheck], **more: Any) -> TodoPart:
    values: dict[str, Any] = {
        "key": key,
        "act": act,
        "label": label,
        "unit": "项",
        "rows": rows,
        "page": _check_page,
        "what": "name",
        "note": "number",
        "place": "organization__name",
        "aux": "round_id",
        "identity": _check_identity,
    }
    return TodoPart(**(values | more))


def check_parts(case: TodoCase) -> list[TodoPart]:
    """Of the city office its rounds and conclusions, of the inspected its answer, of an inspector his checks."""
    actor = case.actor
    if actor.is_administrator:
        return []
    parts: list[TodoPart] = []
    if actor.role in ROUND_KEEPERS:
        parts += [duty_part(case), _rounds(case), _conclusions(case)]
    if actor.role in LETTER_RECEIVERS:
        parts.append(_answers(case))
    if actor.role != Role.SUBJECT_CONTACT:
        parts.append(_visits(actor))
    return parts


def _rounds(case: TodoCase) -> TodoPart:
    """Rounds not archived in which the office has the next act, or that are not over on their last day."""
    checks = SpotCheck.objects.filter(round=OuterRef("pk"))
    doubts = PopulationRow.objects.filter(
        round=OuterRef("pk"), disputed_at__isnull=False, dispute_answered_at__isnull=True
    )
    next_act = Case(
        When(state=RoundState.PLANNED, then=Value("待核对名录并冻结")),
        When(Q(Exists(doubts), state=RoundState.FROZEN), then=Value("名录疑问待答复，然后公开抽取")),
        When(state=RoundState.FROZEN, then=Value("名录已冻结，待公开抽取")),
        When(Exists(checks.filter(state=_C.SELECTED)), then=Value("待派检查组")),
        When(Exists(checks.filter(state=_C.ASSIGNED)), then=Value("检查组已派，待发检查通知书")),
        When(~Exists(checks.open()), then=Value("检查都有结论，待归档")),
        When(ends_on__lt=case.today, then=Value("已过完成期限，还有检查没有结论")),
        default=Value(""),
        output_field=CharField(),
    )
    rows = SpotCheckRound.objects.visible_to(case.actor).exclude(state=RoundState.CLOSED)
    return TodoPart(
        key="rounds",
        act="办理抽查批次",
        label="待办理的抽查批次",
        unit="个",
        rows=rows.annotate(next_act=next_act).exclude(next_act=""),
        page=lambda target, aux: reverse("evaluation:spot_check_round", kwargs={"pk": target}),
        what="title",
        note="next_act",
        arrived="created_at",
        due=case.unless_past("ends_on"),
        identity=lambda target, aux: ("SpotCheckRound", str(target)),
        url=reverse("evaluation:spot_check_list"),
    )


def _conclusions(case: TodoCase) -> TodoPart:
    """Answered, or not answered in time: to be concluded by somebody else than who proposed. A silent office becomes
    overdue with the round; nothing turns accepted by itself."""
    silent = Q(state=_C.PROVISIONAL, answer_due_on__lt=case.today)
    rows = SpotCheck.objects.visible_to(case.actor).filter(Q(state=_C.ANSWERED) | silent)
    return _part(
        "checks_to_conclude",
        "作出抽查结论",
        "待作出结论的抽查",
        rows.exclude(proposed_by=case.actor.user),
        note=Case(
            When(state=_C.ANSWERED, then=Value("被检查单位已反馈意见")),
            default=Value("反馈期限已过，未反馈意见"),
        ),
        arrived="proposed_at",
        due="round__ends_on",
    )


def _own(actor: Actor) -> QuerySet[SpotCheck]:
    """Checks in which this person speaks for the inspected (permissions.spot_checks.is_unit, as SQL)."""
    rows = SpotCheck.objects.visible_to(actor)
    if actor.role == Role.SUBJECT_CONTACT:
        return rows.filter(kind=CheckKind.SUBJECT)
    return rows.filter(kind=CheckKind.DISTRICT)


def _answers(case: TodoCase) -> TodoPart:
    """The second chance, while it lasts; afterwards the check waits for the city's conclusion."""
    rows = _own(case.actor).filter(state=_C.PROVISIONAL, answer_due_on__gte=case.today)
    return _part(
        "checks_to_answer",
        "反馈抽查初步结论",
        "待反馈意见的抽查初步结论",
        rows,
        place=Value("市三方委员会办公室"),
        arrived="proposed_at",
        due="answer_due_on",
    )


def _visits(actor: Actor) -> TodoPart:
    """The checks of this person's team that are not judged yet; the 主检 proposes when all lines are."""
    unjudged = Exists(SpotCheck.objects.filter(pk=OuterRef("pk"), lines__judgement=""))
    lead = Exists(
        TeamMember.objects.filter(
            check_record=OuterRef("pk"), inspector__user=actor.user, until_at__isnull=True, lead=True
        )
    )
    waits = Case(
        When(state=_C.ASSIGNED, then=Value("检查通知书尚未发出")),
        When(Q(lead, ~unjudged, state=_C.UNDER_WAY), then=Value("各项已判断，待主检提出初步结论")),
        When(state=_C.UNDER_WAY, then=Value("正在检查")),
        default=Value("待到现场检查"),
    )
    return _part(
        "checks_to_visit",
        "现场检查",
        "由我检查、尚未提出初步结论的抽查",
        SpotCheck.objects.inspected_by(actor.user).filter(state__in=_TO_VISIT),
        note=waits,
        arrived="updated_at",
        due="round__ends_on",
    )


# --- the duty of November (C091) -------------------------------------------------------------------------------------


def held_rounds(day: date | None = None) -> QuerySet[SpotCheckRound]:
    """Rounds that were carried out: every check of them concluded (or replaced), by the end of `day` when it is given;
    and those entered afterwards."""
    checks = SpotCheck.objects.filter(round=OuterRef("pk"))
    left, over = checks.open(), checks.filter(state=_C.CONCLUDED)
    if day is not None:
        left = checks.exclude(state=_C.SKIPPED).exclude(concluded_at__lt=end_of_day(day))
    held = Q(~Exists(left), Exists(over), state__in=[RoundState.DRAWN, RoundState.CLOSED])
    return SpotCheckRound.objects.filter(held | Q(backfilled=True, state=RoundState.CLOSED))


def duties_not_kept(day: date | None = None) -> QuerySet[Milestone]:
    """Years whose November spot check was neither carried out by a round nor registered as held on paper (by `day`)."""
    rounds = held_rounds(day).filter(year_id=OuterRef("year_id"))
    registered = Q(done_on__isnull=False) if day is None else Q(done_on__lte=day)
    return Milestone.objects.filter(~registered, ~Exists(rounds), code=DUTY)


def duty_note(year: str = "year_id") -> Case:
    """How far the year's rounds are, as SQL."""
    rounds = SpotCheckRound.objects.filter(year_id=OuterRef(year))
    return Case(
        When(~Exists(rounds), then=Value("还没有抽查批次")),
        When(~Exists(rounds.exclude(state=RoundState.PLANNED)), then=Value("抽查批次正在定范围")),
        When(~Exists(rounds.filter(drawn_at__isnull=False)), then=Value("名录已冻结，还没有抽取")),
        default=Value("已抽取，还有检查没有结论"),
        output_field=CharField(),
    )


def duty_part(case: TodoCase) -> TodoPart:
    """市级抽查 of every year it is owed of: open until a round of it is carried out, or it is registered as held."""
    return TodoPart(
        key="spot_check_duty",
        act="开展市级抽查",
        label="尚未完成的年度市级抽查",
        unit="项",
        rows=duties_not_kept().filter(year_id__in=case.owed),
        page=lambda target, aux: f"{reverse('evaluation:spot_check_list')}?year={aux}",
        what=name_and_year("name"),
        note=duty_note(),
        due="due_on",
        aux="year_id",
        identity=lambda target, aux: ("Milestone", str(target)),
    )


def _duty_misses(scope: Scope, at: DayAtHand) -> Iterator[Miss]:
    """The city's own, shown to everybody as a date of the year. Statements: 1."""
    rows = duties_not_kept(at.day).filter(year__in=at.years).order_by("year_id")
    url = reverse("evaluation:spot_check_list")
    for year, note in rows.annotate(note=duty_note()).values_list("year_id", "note"):
        yield Miss("全市", "全市", f"{url}?year={year}", note, year=year)


DUTY_ITEM = RehearsalItem(
    DUTY,
    "年度市级抽查没有完成",
    "每年11月底前抽查各区（市）落实情况：抽查批次中的检查都有结论，或登记了抽查通报，即为完成。",
    _duty_misses,
    milestone=DUTY,
    clause="三（四）2（C091）",
    opened_by=frozenset({*CITY_ROLES, Role.LEADER}),
    owed_by_city=True,
    or_registered=True,
)


# --- reminders -------------------------------------------------------------------------------------------------------


def check_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """The end of the second chance to the inspected; the round's end to the team that has not judged. Statements: 3."""
    waiting = SpotCheck.objects.filter(
        state=_C.PROVISIONAL, answer_due_on__in=case.dates, answer_due_on__gte=case.day
    ).values_list("kind", "organization_id", "subject_id", "name", "answer_due_on")
    rows = list(waiting.order_by("pk"))
    contacts: dict[int, list[int]] = {}
    if subjects := {subject for _, _, subject, _, _ in rows if subject is not None}:
        found = SubjectContact.objects.in_force(case.day).filter(
            user__is_active=True, subject_id__in=subjects
        )
        for subject, user in found.values_list("subject_id", "user_id"):
            contacts.setdefault(subject, []).append(user)
    offices = case.of_districts() if rows else {}
    for kind, organization, subject, name, due in rows:
        told = (
            [one.user.pk for one in offices.get(organization, [])]
            if kind == CheckKind.DISTRICT
            else contacts.get(subject or 0, [])
        )
        if due is not None:
            for user in told:
                yield DueThing(user, f"反馈“{name}”抽查初步结论", due)
    teams = (
        TeamMember.objects.filter(
            until_at__isnull=True,
            inspector__user__is_active=True,
            check_record__state__in=_TO_VISIT,
            check_record__round__ends_on__in=case.dates,
        )
        .order_by("check_record_id", "pk")
        .values_list("inspector__user_id", "check_record__name", "check_record__round__ends_on")
    )
    for person, name, ends_on in teams:
        if person is not None:
            yield DueThing(person, f"现场检查“{name}”并提出初步结论", ends_on)


def register() -> None:
    register_rehearsal(DUTY_ITEM)
    register_reminders("checks", check_reminders)
