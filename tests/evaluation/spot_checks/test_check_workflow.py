"""The way of a check as the whole product of state, act and party, as a machine of four people, and under a race."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from evaluation.enums import CheckState, Conclusion, Hindrance, Judgement
from evaluation.models import CheckLine, Finding, LineSave, SpotCheck, TeamMember
from evaluation.models.spot_checks.checks import WITH_TEAM
from evaluation.selectors.spot_checks.files import ANSWER_FILES
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from evaluation.services.spot_checks.judging import LineEntry, judge_line
from evaluation.services.spot_checks.notices import notify_checks
from evaluation.services.spot_checks.sample import skip_check
from evaluation.services.spot_checks.teams import assign_teams
from evaluation.services.spot_checks.visiting import VisitEntry, record_visit
from evaluation.workflows.checks import CHECK_WORKFLOW, CITY, INSPECTOR, TEAM, UNIT
from tests.evaluation.spot_check_builders import NOW
from tests.evaluation.spot_checks.conclusion_builders import World, make_world
from tests.factories import make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.access import may_write_attachments

LATER = NOW + timedelta(days=30)
Act = Callable[[World, Actor], object]


def fresh(world: World) -> SpotCheck:
    return SpotCheck.objects.select_related("round", "subject", "organization").get(pk=world.check.pk)


def judge(world: World, actor: Actor, *, met: bool = True, now: datetime = NOW) -> object:
    line = world.check.lines.order_by("position").first()
    entry = LineEntry(
        Judgement.MET if met else Judgement.NOT_MET, "看过原件", severity="" if met else "MINOR"
    )
    return judge_line(actor=actor, line=line, uid=uuid4(), seen_revision=line.revision, entry=entry, now=now)


def visit(world: World, actor: Actor, *, hindrance: str = "", now: datetime = NOW) -> object:
    """Also 无法联系 and 拒绝配合: words about the visit like any other."""
    entry = VisitEntry(
        place="会议室", hindrance=hindrance, hindrance_words="敲门无人应答" if hindrance else ""
    )
    seen = fresh(world).visit_revision
    return record_visit(actor=actor, check=world.check, uid=uuid4(), seen_revision=seen, entry=entry, now=now)


def prove(world: World, actor: Actor) -> object:
    if not may_write_attachments(actor, ANSWER_FILES, world.check.pk):
        raise NotAllowed("佐证材料由被检查单位上传。")
    return True


def _conclude(world: World, actor: Actor) -> object:
    return conclude_check(
        actor=actor, check=world.check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=LATER
    )


ACTS: dict[str, Act] = {
    "assign": lambda world, actor: assign_teams(actor=actor, spot_round=world.check.round, now=NOW),
    "notify": lambda world, actor: notify_checks(
        actor=actor, checks=[world.check], planned={world.check.pk: shanghai_date(NOW)}, now=NOW
    ),
    "judge": judge,
    "visit": lambda world, actor: visit(world, actor, hindrance=Hindrance.UNREACHABLE),
    "propose": lambda world, actor: propose_conclusion(
        actor=actor, check=world.check, conclusion=Conclusion.RECTIFY, words="缺签字三份", now=NOW
    ),
    "answer": lambda world, actor: answer_check(actor=actor, check=world.check, words="无意见", now=NOW),
    "proof": prove,
    "conclude": _conclude,
    "skip": lambda world, actor: skip_check(actor=actor, check=world.check, reason="企业已经注销", now=NOW),
}


def people_of(world: World) -> dict[str, tuple[Actor, frozenset[str]]]:
    """Everybody with the parties he stands for."""
    return {
        "lead": (world.lead, frozenset({TEAM, INSPECTOR})),
        "second": (world.second, frozenset({TEAM})),
        "contact": (world.contact, frozenset({UNIT})),
        "office": (world.office, frozenset({CITY})),
        "district": (make_actor(Role.DISTRICT_OFFICE, world.check.organization), frozenset()),
        "member": (make_actor(Role.CITY_MEMBER), frozenset()),
        "leader": (make_actor(Role.LEADER), frozenset()),
    }


def rows_of(world: World) -> list[Any]:
    return [
        list(SpotCheck.objects.filter(pk=world.check.pk).values()),
        list(CheckLine.objects.filter(check_record=world.check).values()),
        list(TeamMember.objects.filter(check_record=world.check).values()),
        LineSave.objects.count(),
        AuditEntry.objects.count(),
    ]


def test_every_act_of_the_table_is_tried() -> None:
    assert set(ACTS) == set(CHECK_WORKFLOW.actions)


@pytest.mark.django_db
@pytest.mark.parametrize("state", CheckState.values)
def test_every_act_of_everybody_in_this_state(state: str) -> None:
    """It goes through where the table has it for a party of this person, and otherwise is refused and writes nothing."""
    world = make_world(state=state)
    people = people_of(world)
    if state == CheckState.SELECTED:
        TeamMember.objects.filter(check_record=world.check).delete()
    problems = []
    for name, act in ACTS.items():
        known = next((one for one in CHECK_WORKFLOW.transitions if one.action == name), None)
        assert known is not None
        for who, (actor, parties) in people.items():
            allowed = state in known.sources and bool(known.roles & parties)
            with transaction.atomic():
                before = rows_of(world)
                went = True
                try:
                    with transaction.atomic():
                        act(world, actor)
                except DomainError as refusal:
                    went = False
                    if not str(refusal):
                        problems.append(f"{name} by {who}: refused without a word")
                now = fresh(world).state
                # Teams are of the round: the others of it are assigned though this one is past it.
                if name == "assign" and state != CheckState.SELECTED:
                    went = now == CheckState.ASSIGNED and state != CheckState.ASSIGNED
                if went != allowed or (allowed and now != known.target):
                    problems.append(
                        f"{name} by {who} from {state}: went={went}, now {now}, allowed={allowed}"
                    )
                if not allowed and rows_of(world)[:3] != before[:3]:
                    problems.append(f"{name} by {who} from {state} is refused and wrote")
                transaction.set_rollback(True)
    assert not problems, "\n".join(problems)


class FourPeople(RuleBasedStateMachine):
    """主检, the other inspector, the inspected and the office, in any order and on any day."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now = NOW
        self.judgements: dict[int, str] = {}
        self.answer = ""

    @initialize(lead_is_office=st.booleans())
    def begin(self, lead_is_office: bool) -> None:
        self.world = make_world(state=CheckState.NOTIFIED, lead_is_office=lead_is_office)
        self.judgements = dict(self.world.check.lines.values_list("pk", "judgement"))
        self.people = [self.world.lead, self.world.second, self.world.contact, self.world.office]

    def attempt(self, act: Callable[[], object]) -> bool:
        try:
            with transaction.atomic():
                act()
        except DomainError:
            return False
        return True

    @property
    def check(self) -> SpotCheck:
        return fresh(self.world)

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(who=st.integers(0, 3), met=st.booleans())
    def judges(self, who: int, met: bool) -> None:
        before = self.check.state
        if self.attempt(lambda: judge(self.world, self.people[who], met=met, now=self.now)):
            assert before in CHECK_WORKFLOW.sources("judge") and who < 2
            line = self.world.check.lines.order_by("position").first()
            assert line is not None
            self.judgements[line.pk] = Judgement.MET if met else Judgement.NOT_MET

    @rule(who=st.integers(0, 3), hindrance=st.sampled_from(["", *Hindrance.values]))
    def visits(self, who: int, hindrance: str) -> None:
        self.attempt(lambda: visit(self.world, self.people[who], hindrance=hindrance, now=self.now))

    @rule(who=st.integers(0, 3), conclusion=st.sampled_from(Conclusion.values))
    def proposes(self, who: int, conclusion: str) -> None:
        if self.attempt(
            lambda: propose_conclusion(
                actor=self.people[who],
                check=self.check,
                conclusion=conclusion,
                words="写明理由",
                now=self.now,
            )
        ):
            assert who == 0, "the 主检 alone"

    @rule(who=st.integers(0, 3), words=st.sampled_from(["无意见", "已经补签"]))
    def answers(self, who: int, words: str) -> None:
        if self.attempt(
            lambda: answer_check(actor=self.people[who], check=self.check, words=words, now=self.now)
        ):
            assert who == 2 and not self.answer, "the inspected, once"
            self.answer = words

    @rule(who=st.integers(0, 3), conclusion=st.sampled_from(Conclusion.values))
    def concludes(self, who: int, conclusion: str) -> None:
        before = self.check
        if self.attempt(
            lambda: conclude_check(
                actor=self.people[who], check=before, conclusion=conclusion, words="经复核属实", now=self.now
            )
        ):
            due = before.answer_due_on
            answered = before.state == CheckState.ANSWERED
            assert answered or (due is not None and shanghai_date(self.now) > due), (
                "no second chance was given"
            )

    @precondition(lambda self: hasattr(self, "world"))
    @invariant()
    def holds(self) -> None:
        check = self.check
        assert dict(check.lines.values_list("pk", "judgement")) == self.judgements, "a judgement is lost"
        assert check.answer == self.answer, "an answer is lost"
        if check.state == CheckState.CONCLUDED:
            assert check.concluded_by_id != check.proposed_by_id, "four eyes"
            unmet = [one for one in self.judgements.values() if one == Judgement.NOT_MET]
            assert Finding.objects.filter(check_record=check).count() == len(unmet)
            assert check.conclusion != Conclusion.QUALIFIED or not unmet
        else:
            assert not check.conclusion and not Finding.objects.filter(check_record=check).exists()
        own = SpotCheck.objects.inspected_by(self.world.lead.user).filter(pk=check.pk).exists()
        assert own == (check.state in WITH_TEAM), "an inspector sees his check for its time"

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)


@pytest.mark.django_db
def test_four_people_in_any_order() -> None:
    run_state_machine_as_test(
        FourPeople,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_four_eyes_stand_in_the_database() -> None:
    """Whatever writes: one person in both places is refused by the row itself."""
    world = make_world(state=CheckState.CONCLUDED)
    with pytest.raises(IntegrityError, match="spot_check_concluded_by_another"), transaction.atomic():
        SpotCheck.objects.filter(pk=world.check.pk).update(
            proposed_by=world.office.user, concluded_by=world.office.user
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="races run on PostgreSQL")
def test_twenty_conclude_at_once_and_one_does() -> None:
    world = make_world()
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=Conclusion.RECTIFY, words="缺签字三份", now=NOW
    )
    answer_check(actor=world.contact, check=check, words="无意见", now=NOW)
    offices = [make_actor(Role.CITY_OFFICE) for _ in range(20)]
    start, won, lost = threading.Barrier(20), [], []

    def conclude(actor: Actor) -> None:
        try:
            start.wait(30)
            _conclude(world, actor)
            won.append(actor.user.pk)
        except IllegalTransition:
            lost.append(actor.user.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=conclude, args=(one,)) for one in offices]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(won) == 1 and len(lost) == 19
    check = fresh(world)
    assert check.concluded_by_id == won[0] and Finding.objects.filter(check_record=check).count() == 1
    assert AuditEntry.objects.filter(action="抽查作出结论", object_id=check.pk).count() == 1
