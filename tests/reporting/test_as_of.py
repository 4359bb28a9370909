"""As of means as of: whatever is done after a day, the figures of that day stay; who asks for the future is told."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cultivation.ledgers.base import all_ledgers
from cultivation.models import AnnualTarget, CampaignYear, Enrollment, Participation, Subject, Training
from cultivation.services.campaign import change_target, separate_parks_and_townships
from cultivation.services.enrollments import choose_subjects, confirm_enrollments, remove_enrollment
from cultivation.services.ledgers import create_record, remove_record, restore_record, update_record
from cultivation.services.participation import join_subjects, leave_campaign
from cultivation.services.subject_lives import deregister_subject, rename_subject
from cultivation.services.subject_merging import merge_subjects
from cultivation.services.subject_transfers import accept_transfer, request_transfer
from cultivation.services.trainings import cell_key, set_attendance
from evaluation.models import Assessment
from evaluation.services.answers import AnswerDraft, save_answers
from evaluation.services.review_moves import open_review, verify
from evaluation.services.submission import submit, withdraw
from reporting.rules.annual_report import compose_report
from reporting.rules.cutoffs import cutoff_words, refuse_cutoff
from reporting.selectors.figures import collect_figures
from reporting.services.annual_reports import open_report, take_snapshot
from tests.cultivation.ledger_factories import valid_values
from tests.evaluation import assessment_builders as builders
from tests.evaluation.test_reviews import Case
from tests.factories import make_actor, make_member_unit, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role, SeatState
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.accounts.services.bodies import add_park, edit_body
from zaozhuang_portal.accounts.services.seats import add_seat, edit_seat, remove_seat
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 20)
BEFORE = clock.start_of_day(date(2026, 10, 12)) + timedelta(hours=10)
AFTER = clock.end_of_day(DAY) + timedelta(hours=9)


class District:
    """A district with something of everything, entered before the day, and whoever acts in it."""

    def __init__(self) -> None:
        self.city_place = make_organization(Level.CITY)
        self.place = make_organization(Level.DISTRICT)
        self.other = make_organization(Level.DISTRICT)
        self.year = make_year()
        self.office = make_actor(Role.DISTRICT_OFFICE, self.place)
        self.city = make_actor(Role.CITY_OFFICE, self.city_place)
        self.street = make_organization(Level.TOWNSHIP, parent=self.place)
        self.body = TripartiteBody.objects.create(organization=self.street, name="街道三方机构")
        own = TripartiteBody.objects.create(organization=self.place, name="区三方机构", established=True)
        self.unit = make_member_unit(self.place)
        self.seat = add_seat(actor=self.office, at=BEFORE, body=own, kind=self.unit.kind)
        self.firms = [self.firm() for _ in range(6)]
        chosen = choose_subjects(actor=self.office, year=self.year, subjects=self.firms[:4], now=BEFORE)
        confirm_enrollments(actor=self.office, enrollments=chosen, now=BEFORE)
        self.records = [
            record for record in (self.enter(ledger, BEFORE) for ledger in all_ledgers()) if record
        ]
        self.training = Training.objects.filter(organization=self.place).first()
        assert self.training is not None
        self.attend(self.firms[0], 3, BEFORE)

    def firm(self) -> Subject:
        return make_subject(self.place, employee_count=100, township=self.street)

    def enter(self, ledger: Any, now: datetime) -> Any:
        actor = self.office if self.office.role in ledger.keepers else self.city
        values = valid_values(ledger, self.place, actor)
        return ledger, create_record(
            actor=actor, ledger=ledger, values=values, now=now, confirm_warnings=True
        )

    def attend(self, firm: Subject, people: int, now: datetime) -> None:
        assert self.training is not None
        typed = {cell_key(firm.pk, "managers"): people or None, cell_key(firm.pk, "hr"): None}
        set_attendance(actor=self.office, training=self.training, typed=typed, now=now)

    def figures(self, as_of: date = DAY, **more: Any) -> dict[str, Any]:
        year = CampaignYear.objects.get(pk=2026)
        found: Any = collect_figures(year=year, organization=self.place, as_of=as_of, **more)
        return found


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[District]:
    monkeypatch.setattr(clock, "now", lambda: BEFORE)
    found = District()
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    yield found


# --- acts, each with the time it is done at --------------------------------------------------------------------------


def enter_anew(d: District, draw: random.Random, now: datetime) -> None:
    d.enter(draw.choice(all_ledgers()), now)


def change_row(d: District, draw: random.Random, now: datetime) -> None:
    ledger, record = draw.choice(d.records)
    record.refresh_from_db()
    actor = d.office if d.office.role in ledger.keepers else d.city
    values = valid_values(ledger, d.place, actor)
    update_record(
        actor=actor, ledger=ledger, record=record, expected_version=record.version, values=values, now=now,
        confirm_warnings=True,
    )  # fmt: skip


def bin_or_restore(d: District, draw: random.Random, now: datetime) -> None:
    ledger, record = draw.choice(d.records)
    record.refresh_from_db()
    actor = d.office if d.office.role in ledger.keepers else d.city
    move = remove_record if record.removed_at is None else restore_record
    move(actor=actor, ledger=ledger, record=record, now=now)


def add_to_roster(d: District, draw: random.Random, now: datetime) -> None:
    rows = choose_subjects(actor=d.office, year=d.year, subjects=[draw.choice(d.firms[4:])], now=now)
    confirm_enrollments(actor=d.office, enrollments=rows, reason="经三方会议研究增补", now=now)


def take_off_roster(d: District, draw: random.Random, now: datetime) -> None:
    row = draw.choice(list(Enrollment.objects.filter(organization=d.place, state="CONFIRMED")))
    remove_enrollment(actor=d.office, enrollment=row, reason="企业已经停产", now=now)


def join(d: District, draw: random.Random, now: datetime) -> None:
    join_subjects(actor=d.office, year=d.year, subject_ids=[draw.choice(d.firms).pk], now=now)


def leave(d: District, draw: random.Random, now: datetime) -> None:
    row = draw.choice(list(Participation.objects.filter(organization=d.place)))
    leave_campaign(actor=d.office, year=d.year, subject_ids=[row.subject_id], reason="登记时选错了", now=now)


def live(d: District, draw: random.Random, now: datetime) -> None:
    firm = draw.choice(d.firms)
    firm.refresh_from_db()
    what = draw.randrange(4)
    if what == 0:
        rename_subject(
            actor=d.office, subject=firm, expected_version=firm.version, name=f"更名{draw.random()}公司",
            reason="工商登记变更", now=now,
        )  # fmt: skip
    elif what == 1:
        deregister_subject(actor=d.office, subject=firm, reason="已经办理注销", now=now)
    elif what == 2:
        Subject.objects.filter(pk=firm.pk).update(employee_count=draw.randrange(900), updated_at=now)
    else:
        asked = request_transfer(
            actor=d.office, subject=firm, to_organization=d.other, reason="企业迁址办公", now=now
        )
        accept_transfer(actor=d.city, transfer=asked, now=now)


def merge(d: District, draw: random.Random, now: datetime) -> None:
    heir, duplicate = draw.sample(d.firms, 2)
    heir.refresh_from_db(), duplicate.refresh_from_db()
    merge_subjects(
        actor=d.office, heir=heir, duplicate=duplicate, reason="同一企业重复建档", codes_answer="MISTYPED", now=now
    )  # fmt: skip


def new_firm(d: District, draw: random.Random, now: datetime) -> None:
    d.firms.append(d.firm())


def body(d: District, draw: random.Random, now: datetime) -> None:
    d.body.refresh_from_db()
    what = draw.randrange(4)
    if what >= 2 and not Seat.objects.filter(pk=d.seat.pk).exists():
        what = 1  # an earlier act took the seat away
    if what == 0:
        edit_body(
            actor=d.office, at=now, body=d.body, name=d.body.name, established=not d.body.established,
            established_on=None, document_number="",
        )  # fmt: skip
    elif what == 1:
        add_park(actor=d.office, at=now, district=d.place, name=f"新园区{draw.randrange(9999)}")
    elif what == 2:
        edit_seat(actor=d.office, at=now, seat=d.seat, state=SeatState.FILLED, unit=d.unit)
    else:
        remove_seat(actor=d.office, at=now, seat=d.seat, reason="本级未设此席位")


def target(d: District, draw: random.Random, now: datetime) -> None:
    if draw.random() < 0.5:
        row = draw.choice(list(AnnualTarget.objects.filter(organization=d.place, year=d.year)))
        change_target(
            actor=d.city, target=row, minimum=draw.randrange(9), maximum=None, reason="工作需要",
            document="枣人社字〔2026〕1号", now=now,
        )  # fmt: skip
        return
    year = CampaignYear.objects.get(pk=2026)
    separate_parks_and_townships(
        actor=d.city, year=year, separate=not year.separate_park_and_township, reason="工作需要",
        document="枣人社字〔2026〕1号", now=now,
    )  # fmt: skip


def attendance(d: District, draw: random.Random, now: datetime) -> None:
    d.attend(draw.choice(d.firms), draw.randrange(5), now)


ACTS: tuple[Callable[[District, random.Random, datetime], None], ...] = (
    enter_anew, change_row, bin_or_restore, add_to_roster, take_off_roster, join, leave, live, merge, new_firm, body,
    target, attendance,
)  # fmt: skip


def unequal(before: Any, after: Any, path: str = "") -> list[str]:
    """Where two figure sets differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = [*before, *(key for key in after if key not in before)]
        return [found for key in keys for found in unequal(before.get(key), after.get(key), f"{path}.{key}")]
    return [] if before == after else [f"{path}: {before} → {after}"]


@pytest.mark.parametrize("seed", range(4))
def test_acts_after_the_day_never_change_its_figures(place: District, seed: int) -> None:
    draw = random.Random(seed)
    before = place.figures()
    done: set[str] = set()
    for number in range(3 * len(ACTS)):
        act = ACTS[number % len(ACTS)]
        try:
            act(place, draw, AFTER + timedelta(hours=number))
        except DomainError:
            continue  # refused: nothing happened
        done.add(act.__name__)
        if number % 2:
            continue
        wrong = unequal(before, place.figures())
        assert not wrong, (seed, number, act.__name__, wrong)
    assert len(done) >= 8, done
    assert place.figures(date(2026, 12, 31)) != before


def test_scores_and_states_of_assessments_are_of_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed in before the day, verified after it, sent back, rewritten: on the day it was handed in, no more."""
    monkeypatch.setattr(clock, "now", lambda: builders.NOW)
    case = Case()
    assessment: Assessment = case.assessment
    district: Organization = assessment.organization
    Enrollment.objects.create(
        subject=assessment.subject, year=assessment.year, organization=district, state="CONFIRMED",
        enrolled_at=builders.NOW, confirmed_at=builders.NOW,
    )  # fmt: skip

    def figures() -> Any:
        return collect_figures(year=assessment.year, organization=district, as_of=DAY)

    before = figures()
    row = before["assessments"][0]
    assert (row["started"], row["submitted"], row["verified"]) == (1, 1, 0)
    assert row["average_self_score"] is not None and "as_made" not in before
    withdraw(actor=case.contact, assessment=case.fresh, now=AFTER)
    assert figures() == before
    save_answers(
        actor=case.contact,
        assessment=case.fresh,
        drafts=[AnswerDraft("D01-03", [False], revision=1)],
        now=AFTER + timedelta(minutes=1),
    )
    assert figures() == before
    submit(
        actor=case.contact, assessment=case.fresh, signer_name="王法人", signer_post="总经理", committed=True,
        now=AFTER + timedelta(minutes=2),
    )  # fmt: skip
    judged = AFTER + timedelta(minutes=3)
    open_review(actor=case.office, assessment=case.fresh, now=judged)
    case.agree_all(now=judged)
    assert figures() == before
    verify(actor=case.office, assessment=case.fresh, now=judged + timedelta(minutes=1))
    assert figures() == before
    later = collect_figures(year=assessment.year, organization=district, as_of=clock.shanghai_date(judged))
    row = later["assessments"][0]
    assert row["verified"] == 1 and row["average_verified_score"] is not None


def test_a_removed_enrollment_counts_on_the_day_it_stood(place: District) -> None:
    """The cut of enrollments: one confirmed later does not count, one taken off later does."""
    names = {row["name"] for row in place.figures()["subjects"]}
    assert names == {firm.name for firm in place.firms[:4]}
    add_to_roster(place, random.Random(1), AFTER)
    row = Enrollment.objects.get(subject=place.firms[0])
    remove_enrollment(actor=place.office, enrollment=row, reason="企业已经停产", now=AFTER)
    assert {row["name"] for row in place.figures()["subjects"]} == names
    later = {row["name"] for row in place.figures(date(2026, 10, 22))["subjects"]}
    assert place.firms[0].name not in later and len(later) == 4


def test_late_entries_count_only_when_back_filled(place: District) -> None:
    """补录 tells of a day before: it counts, and the paper says until when it was entered."""
    before = place.figures()["kinds"][0]["total"]
    late = make_subject(place.place, name="补录企业有限公司")
    Enrollment.objects.create(
        subject=late, year=place.year, organization=place.place, state="CONFIRMED", enrolled_at=AFTER,
        confirmed_at=AFTER, backfilled=True, source_document="纸质名单",
    )  # fmt: skip
    made = place.figures(made_on=clock.shanghai_date(AFTER))
    assert made["kinds"][0]["total"] == before + 1
    words = cutoff_words(made)  # type: ignore[arg-type]
    assert words.startswith("数据截至2026年10月20日，补录数据录入至2026年10月21日；培育对象登记信息")
    assert words.endswith("为制表日数据（制表日2026年10月21日）")


def test_what_is_not_of_the_day_is_named_on_the_paper(place: District) -> None:
    """A year before the portal: its registers were not kept then, so they are of today, and every paper says so."""
    year = make_year(2025)
    made: Any = collect_figures(
        year=year, organization=place.place, as_of=date(2025, 11, 30), made_on=date(2026, 10, 20)
    )
    assert {"三方机构及席位", "协调员、指导员和定点联系"} <= set(made["as_made"])
    content = compose_report(made, {}, date="2026-10-20")
    assert all("制表日数据" in annex.note for annex in content.annexes)
    assert "制表日数据" in content.sections[0].drafted[0] and "制表日数据" in content.as_of_text
    json.dumps(made)


def test_the_future_and_the_time_before_are_refused(place: District) -> None:
    with pytest.raises(DomainError, match="还没有这一天的数据"):
        place.figures(date(2030, 1, 1), made_on=DAY)
    with pytest.raises(DomainError, match="在今天（2026-10-21）之后"):
        take_snapshot(
            actor=place.office, year=place.year, organization=place.place, now=AFTER, as_of=date(2030, 1, 1)
        )
    with pytest.raises(DomainError, match="早于2027年度统计期（2026-12-01 起）"):
        open_report(actor=place.office, year=make_year(2027), organization=place.place, now=AFTER)
    start = date(2025, 12, 1)
    assert not refuse_cutoff(start, today=DAY, period_start=start, year=2026)
    assert refuse_cutoff(start - timedelta(days=1), today=DAY, period_start=start, year=2026)
