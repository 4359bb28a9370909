"""抽查与整改 of the demo city: 2023–2025 held and closed, the running year drawn and half visited (C091, C092)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from cultivation.models import Subject
from evaluation.enums import CheckKind, CheckState, Conclusion, Selection, SelectionClass
from evaluation.models import Finding, Inspector, PopulationRow, SpotCheck, SpotCheckRound
from evaluation.services.spot_checks.population import answer_dispute, dispute_row
from evaluation.services.spot_checks.rounds import close_round
from evaluation.services.spot_checks.sample import name_check, skip_check
from reporting.demo.accounts import SHOWN_DISTRICT
from reporting.demo.checks import Outcome, answer, conclude, judge_lines, on_site, propose, write_visit
from reporting.demo.inspectors import register_inspectors
from reporting.demo.people import People
from reporting.demo.rectifications import (
    extend,
    mend,
    order,
    recheck_and_close,
    sign_for_order,
)
from reporting.demo.rounds import (
    RoundDays,
    Spoken,
    draw_in_public,
    lead_by,
    plan_and_freeze,
    send_notices,
    send_teams,
    sign_for,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import SHANGHAI, shanghai_date
from zaozhuang_portal.operations.services.notifications import mark_notifications_read

PAST = {
    2023: Spoken(("730518", "264419", "905833", "118627")),
    2024: Spoken(("419077", "583302", "660915", "247180")),
    2025: Spoken(("852640", "139974", "027761", "594308")),
}
RUNNING = Spoken(("316092", "748851", "205537", "963140"), nonce="3f9a1c5e7b2d4860a1b2c3d4e5f60718")
_RECTIFY = Conclusion.RECTIFY
_WORDS = "现场发现的问题属实，限期整改。"


def spot_checks(people: People, year: int, own: Subject, now: datetime) -> None:
    """`own`: the visitor's firm, checked in the running year: as 指定 unless it was drawn."""
    inspectors = register_inspectors(people, datetime(2023, 9, 20, 10, tzinfo=SHANGHAI))
    other = _recheckers(inspectors)
    for past, spoken in PAST.items():
        _hold_past(people, inspectors, other, past, spoken)
    _forget_news([people.city, *people.offices.values(), *people.members.values(), *inspectors.values()], now)
    last = min(shanghai_date(now), date(year, 12, 28))
    _hold_running(people, inspectors, other, RoundDays(year, last), own)


def _recheckers(inspectors: Mapping[int, Actor]) -> Actor:
    """Who re-checks: of the city, and not the office itself."""
    return inspectors[Inspector.objects.get(name="高远").pk]


def _forget_news(actors: Iterable[Actor], now: datetime) -> None:
    """What the years before told was read long ago."""
    for actor in actors:
        mark_notifications_read(actor=actor, now=now)


# --- the years before -----------------------------------------------------------------------------------------------


def _hold_past(
    people: People, inspectors: Mapping[int, Actor], other: Actor, year: int, spoken: Spoken
) -> None:
    """All visited in November, what was found mended by the middle of December, then closed."""
    days = RoundDays(year, date(year, 11, 28))
    held = draw_in_public(people, plan_and_freeze(people, days, strata=2), spoken, days)
    send_teams(people, held, days.before(29))
    checks = list(SpotCheck.objects.filter(round=held).select_related("organization", "subject"))
    planned = {check.pk: shanghai_date(days.before(22 - number % 9)) for number, check in enumerate(checks)}
    send_notices(people, checks, planned, days.before(28))
    for number, check in enumerate(checks):
        sign_for(people, check, days.before(27))
        lead, visit = on_site(inspectors, check), days.before(22 - number % 9)
        bad = (number + year) % 5 == 0
        outcome = Outcome(_RECTIFY, (4 + number % 7,), _WORDS) if bad else Outcome()
        judge_lines(lead, check, visit, unmet=outcome.unmet)
        write_visit(lead, check, visit)
        propose(lead, check, outcome, visit + timedelta(hours=6))
        answer(people, check, visit + timedelta(days=1))
        conclude(people, check, outcome, visit + timedelta(days=2))
    for number, finding in enumerate(Finding.objects.filter(check_record__round=held).order_by("pk")):
        issued = days.before(8)
        record = order(people, finding, issued)
        sign_for_order(people, record, issued + timedelta(days=1))
        if number == 0 and record.due_on is not None:
            extend(
                people,
                record,
                record.due_on + timedelta(days=7),
                issued + timedelta(days=5),
                issued + timedelta(days=6),
            )
        mend(people, record, issued + timedelta(days=10))
        recheck_and_close(people, other, record, issued + timedelta(days=13))
    close_round(actor=people.city, held=held, now=days.before(-18))


# --- the running year -----------------------------------------------------------------------------------------------


def _hold_running(
    people: People, inspectors: Mapping[int, Actor], other: Actor, days: RoundDays, own: Subject
) -> None:
    classes = [SelectionClass.VETO_DECLARED, SelectionClass.NEVER_VISITED]
    held = plan_and_freeze(people, days, strata=9, classes=classes)
    _doubt(people, held, days)
    held = draw_in_public(people, held, RUNNING, days)
    if not SpotCheck.objects.filter(round=held, subject=own).exists():
        name_check(
            actor=people.city,
            held=held,
            subject=own,
            reason="职工来信反映加班工资计算问题，列入现场核实。",
            signer="李市办",
            now=days.before(30, 15),
        )
    send_teams(people, held, days.before(29))
    # The printed inspector checks the printed firm: the walk of the README.
    printed = Inspector.objects.get(user__username="jiancha")
    lead_by(people, SpotCheck.objects.get(round=held, subject=own), printed, days.before(29, 15))
    _notify(people, held, days)
    reserves = PopulationRow.objects.filter(round=held, drawn=False, position__isnull=False)
    gone = (
        SpotCheck.objects.filter(
            round=held, selection=Selection.RANDOM, stratum__in=reserves.values("stratum")
        )
        .exclude(organization__code=SHOWN_DISTRICT)
        .order_by("pk")
        .last()
    )
    if gone is not None:
        skip_check(
            actor=people.city,
            check=gone,
            reason="单位已停产，厂区封闭，名录冻结后才发生。",
            now=days.before(26),
        )
        send_teams(people, held, days.before(25))
        _notify(people, held, days, sent=25)
    _visit_units(people, inspectors, other, held, days)
    _visit_subjects(people, inspectors, held, days)


def _doubt(people: People, held: SpotCheckRound, days: RoundDays) -> None:
    row = PopulationRow.objects.filter(round=held, organization__code=SHOWN_DISTRICT).order_by("code").first()
    if row is None:
        return
    dispute_row(
        actor=people.offices[SHOWN_DISTRICT],
        row=row,
        words="该单位今年更名，名称请与营业执照核对。",
        now=days.before(32),
    )
    answer_dispute(
        actor=people.city,
        row=row,
        words="已核对，统一社会信用代码没有变化，名称以登记为准，不影响抽取。",
        now=days.before(32, 16),
    )


def _notify(people: People, held: SpotCheckRound, days: RoundDays, *, sent: int = 28) -> None:
    """Districts first, then subjects; all but the visitor's district and firm sign at once."""
    checks = list(
        SpotCheck.objects.filter(round=held, state=CheckState.ASSIGNED).select_related(
            "organization", "subject"
        )
    )
    planned: dict[int, date] = {}
    for number, check in enumerate(checks):
        entered = check.selection == Selection.RESERVE
        elsewhere = check.organization.code != SHOWN_DISTRICT
        visited = elsewhere and not entered and _visited(checks[:number], check)
        planned[check.pk] = (
            shanghai_date(days.before(22 - number)) if visited else days.last + timedelta(days=2 + number % 3)
        )
    send_notices(people, checks, planned, days.before(sent))
    for check in checks:
        if check.organization.code != SHOWN_DISTRICT:
            sign_for(people, check, days.before(sent - 1))


def _visited(before: Sequence[SpotCheck], check: SpotCheck) -> bool:
    """Whether it is among the first of its kind, those the team has been at by now."""
    same = [one for one in before if one.kind == check.kind and one.organization.code != SHOWN_DISTRICT]
    return len(same) < (4 if check.kind == CheckKind.DISTRICT else 5)


def _visit_units(
    people: People, inspectors: Mapping[int, Actor], other: Actor, held: SpotCheckRound, days: RoundDays
) -> None:
    """Of the districts one is late with its order, one mends in time, one is fine, one may still answer; the rest wait."""
    found = list(
        SpotCheck.objects.filter(round=held, subject__isnull=True)
        .exclude(organization__code=SHOWN_DISTRICT)
        .select_related("organization")
        .order_by("pk")
    )
    late, mending, fine, asked = found[:4]
    _conclude(people, inspectors, late, Outcome(_RECTIFY, (4, 10), _WORDS), days.before(22))
    for number, finding in enumerate(Finding.objects.filter(check_record=late).order_by("pk")):
        record = order(people, finding, days.before(18), term_days=6)
        sign_for_order(people, record, days.before(17))
        if number:  # the other one lies open past its term
            mend(people, record, days.before(12))
            recheck_and_close(people, other, record, days.before(9))
    _conclude(people, inspectors, mending, Outcome(_RECTIFY, (8,), _WORDS), days.before(13))
    for finding in Finding.objects.filter(check_record=mending):
        record = order(people, finding, days.before(9), term_days=15)
        sign_for_order(people, record, days.before(8))
        mend(people, record, days.before(2))
    _conclude(people, inspectors, fine, Outcome(), days.before(12))
    lead = on_site(inspectors, asked)
    judge_lines(lead, asked, days.before(3), unmet=(12,))
    write_visit(lead, asked, days.before(3))
    propose(lead, asked, Outcome(_RECTIFY, (12,), _WORDS), days.before(2))


def _visit_subjects(
    people: People, inspectors: Mapping[int, Actor], held: SpotCheckRound, days: RoundDays
) -> None:
    """One concluded with an order, one fine, one refused, one answered and waiting, one half judged; the rest wait."""
    found = list(
        SpotCheck.objects.filter(round=held, subject__isnull=False, state=CheckState.NOTIFIED)
        .exclude(organization__code=SHOWN_DISTRICT)
        .select_related("organization", "subject", "assessment__indicator_set")
        .order_by("pk")
    )
    mending, fine, refused, answered, begun = found[:5]
    _conclude(people, inspectors, mending, Outcome(_RECTIFY, (2,), _WORDS), days.before(9))
    for finding in Finding.objects.filter(check_record=mending):
        sign_for_order(people, order(people, finding, days.before(4)), days.before(3))
    _conclude(people, inspectors, fine, Outcome(), days.before(8))
    lead, visit = on_site(inspectors, refused), days.before(20)
    said = "门卫称负责人外出，两次电话联系均表示不接受检查；有检查组二人和镇街工作人员在场。"
    write_visit(lead, refused, visit, refused=said)
    outcome = Outcome(Conclusion.UNREACHABLE_OR_REFUSED, (), "拒绝配合检查，经过已记录在案。")
    propose(lead, refused, outcome, visit + timedelta(hours=2))
    conclude(people, refused, outcome, days.before(1))
    lead = on_site(inspectors, answered)
    judge_lines(lead, answered, days.before(5), unmet=(3,))
    write_visit(lead, answered, days.before(5))
    propose(lead, answered, Outcome(_RECTIFY, (3,), _WORDS), days.before(4))
    answer(people, answered, days.before(2), words="问题属实，签字已补齐，佐证随后上传。")
    judge_lines(on_site(inspectors, begun), begun, days.before(1), unmet=(4,), most=4)


def _conclude(
    people: People, inspectors: Mapping[int, Actor], check: SpotCheck, outcome: Outcome, visit: datetime
) -> None:
    """Visited, proposed the same day, answered the next, concluded the day after."""
    lead = on_site(inspectors, check)
    judge_lines(lead, check, visit, unmet=outcome.unmet)
    write_visit(lead, check, visit)
    propose(lead, check, outcome, visit + timedelta(hours=6))
    answer(people, check, visit + timedelta(days=1))
    conclude(people, check, outcome, visit + timedelta(days=2))
