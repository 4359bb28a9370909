"""For each standing check a clean district in which its fault is planted; used by test_data_checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from cultivation.models import (
    BestPractice,
    Coordinator,
    CultivationRoster,
    EmploymentAdvisory,
    Enrollment,
    GuidanceVisit,
    LiaisonAssignment,
    Mediation,
    Pairing,
    PilotMember,
    PilotProgress,
    PracticeAdoption,
    Subject,
    SubjectProfile,
    Training,
    WorkItem,
    WorkPlan,
)
from cultivation.rules.work_plans import PART_KEYS
from tests.factories import make_member_unit, make_organization, make_subject, make_user
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.kernel import clock

DAY = date(2026, 11, 20)
NOW = clock.start_of_day(DAY)
Planter = Callable[["Ground"], Any]
PLANTERS: dict[str, Planter] = {}


class Ground:
    """A district in which everything is in order: one enrolled, paired, visited firm; bodies, plan, coordinator."""

    def __init__(self, name: str = "滕州市") -> None:
        self.district = make_organization(Level.DISTRICT, name=name)
        self.town = make_organization(Level.TOWNSHIP, parent=self.district, name=f"{name}洪绪镇")
        self.unit = make_member_unit(self.district)
        for place in (self.district, self.town):
            body = TripartiteBody.objects.create(
                organization=place, name=f"{place.name}三方委员会", established=True
            )
            # All four sit in the district's body; a township's has those its district lists.
            kinds = MemberUnitKind.values if place == self.district else ["TRADE_UNION_FEDERATION"]
            for kind in kinds:
                Seat.objects.create(body=body, kind=kind, state="FILLED", unit=self.unit)
        self.firm = self.subject(f"{name}良好企业有限公司")
        SubjectProfile.objects.filter(subject=self.firm).update(groundwork="已建工会")
        self.enrollment = Enrollment.objects.create(
            subject=self.firm,
            year_id=2026,
            organization=self.district,
            state="CONFIRMED",
            enrolled_at=NOW,
            confirmed_at=NOW,
        )
        self.pairing = self.record(
            Pairing, subject=self.firm, unit=self.unit, starts_on=date(2026, 3, 1), role="LEAD"
        )
        self.visit = self.visit_on(DAY - timedelta(days=10))
        self.coordinator = self.record(
            Coordinator, name="协调员甲", appointed_on=date(2026, 1, 1), township=self.town
        )
        self.record(
            LiaisonAssignment, subject=self.firm, coordinator=self.coordinator, starts_on=date(2026, 1, 1)
        )
        parts = dict.fromkeys(PART_KEYS, "写好了")
        self.plan = self.record(WorkPlan, title="2026年工作方案", **parts)
        self.pilot = make_subject(self.district, kind="INDUSTRY_PILOT", name=f"{name}机床行业")

    def subject(self, name: str, **fields: Any) -> Subject:
        values = {"township": self.town, "division_code": self.town.code, "industry_code": "34"}
        return make_subject(self.district, name=name, **{**values, "employee_count": 80, **fields})

    def record(self, model: Any, **fields: Any) -> Any:
        values = {"organization": self.district, "year_id": 2026, "created_at": NOW, "updated_at": NOW}
        return model.objects.create(**{**values, **fields})

    def visit_on(self, day: date, **fields: Any) -> GuidanceVisit:
        values = {"subject": self.firm, "happened_on": day, "topic": "指导"}
        return self.record(GuidanceVisit, **{**values, **fields})

    def training(self, **fields: Any) -> Training:
        return self.record(
            Training, title="专题培训", happened_on=date(2026, 5, 1), other_attendance=3, **fields
        )


def plants(code: str) -> Callable[[Planter], Planter]:
    def keep(planter: Planter) -> Planter:
        PLANTERS[code] = planter
        return planter

    return keep


@plants("DUPLICATE_IN_DISTRICT")
def same_name_twice(ground: Ground) -> Any:
    ground.subject("滕州双胞胎有限公司")
    return ground.subject("滕州双胞胎股份有限公司")


@plants("DUPLICATE_ACROSS_DISTRICTS")
def same_name_elsewhere(ground: Ground) -> Any:
    make_subject(name="山东外区同名有限公司", backfilled=True)
    return ground.subject("山东外区同名有限公司")


@plants("SUBJECT_WITHOUT_PLACE")
def no_place(ground: Ground) -> Any:
    return ground.subject("无镇企业", township=None, division_code=ground.district.code)


@plants("ENTERPRISE_WITHOUT_FIGURES")
def no_figures(ground: Ground) -> Any:
    return ground.subject("无行业企业", industry_code="")


@plants("CREDIT_CODE_CHECK_DIGIT")
def wrong_code(ground: Ground) -> Any:
    code = ground.firm.credit_code
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    return ground.subject("错码企业", credit_code=wrong)


@plants("KEY_SUBJECT_WITHOUT_GROUNDWORK")
def no_groundwork(ground: Ground) -> Any:
    SubjectProfile.objects.filter(subject=ground.firm).update(groundwork="")
    return ground.enrollment


@plants("ENROLLED_BUT_GONE")
def enrolled_but_gone(ground: Ground) -> Any:
    Pairing.objects.filter(pk=ground.pairing.pk).update(removed_at=NOW)
    Subject.objects.filter(pk=ground.firm.pk).update(state="DEREGISTERED")
    return ground.enrollment


@plants("PILOT_MEMBER_NOT_LINKED")
def unlinked_member(ground: Ground) -> Any:
    return ground.record(PilotMember, pilot=ground.pilot, name=ground.firm.name)


@plants("ENROLLED_WITHOUT_PAIRING")
def no_pairing(ground: Ground) -> Any:
    Pairing.objects.filter(pk=ground.pairing.pk).update(removed_at=NOW)
    return ground.enrollment


@plants("PAIRING_WITHOUT_VISIT")
def no_visit(ground: Ground) -> Any:
    GuidanceVisit.objects.filter(pk=ground.visit.pk).update(happened_on=DAY - timedelta(days=90))
    return ground.pairing


@plants("VISIT_OUTSIDE_PAIRING")
def early_visit(ground: Ground) -> Any:
    return ground.visit_on(date(2026, 2, 28))


@plants("FOLLOW_UP_OVERDUE")
def late_follow_up(ground: Ground) -> Any:
    return ground.visit_on(date(2026, 11, 1), follow_up_due=DAY - timedelta(days=1))


@plants("TRAINING_WITHOUT_SHEET")
def no_sheet(ground: Ground) -> Any:
    return ground.training()


@plants("TRAINING_WITHOUT_ATTENDANCE")
def nobody_came(ground: Ground) -> Any:
    training = ground.training()
    Training.objects.filter(pk=training.pk).update(other_attendance=0)
    return training


@plants("COORDINATOR_WITHOUT_SUBJECTS")
def idle_coordinator(ground: Ground) -> Any:
    return ground.record(Coordinator, name="协调员乙", appointed_on=date(2026, 2, 1))


def _gone(ground: Ground) -> Subject:
    return ground.subject("已注销企业", state="DEREGISTERED")


@plants("LIAISON_TO_GONE_SUBJECT")
def liaison_to_gone(ground: Ground) -> Any:
    return ground.record(
        LiaisonAssignment,
        subject=_gone(ground),
        coordinator=ground.coordinator,
        starts_on=date(2026, 1, 1),
    )


@plants("PAIRING_TO_GONE_SUBJECT")
def pairing_to_gone(ground: Ground) -> Any:
    return ground.record(Pairing, subject=_gone(ground), unit=ground.unit, starts_on=date(2026, 3, 1))


@plants("LIAISON_OF_LEAVER")
def liaison_of_leaver(ground: Ground) -> Any:
    left = ground.record(Coordinator, name="离任者", appointed_on=date(2025, 1, 1), left_on=date(2026, 6, 1))
    return ground.record(LiaisonAssignment, subject=ground.firm, coordinator=left, starts_on=date(2026, 1, 1))


@plants("PAIRING_OF_LEAVER")
def pairing_of_leaver(ground: Ground) -> Any:
    return ground.record(
        Pairing,
        subject=ground.firm,
        role="ASSISTING",
        person=make_user(),
        person_name="离岗者",
        starts_on=date(2026, 10, 1),
    )


@plants("BODY_WITH_UNFILLED_SEAT")
def empty_seat(ground: Ground) -> Any:
    body = TripartiteBody.objects.get(organization=ground.district)
    Seat.objects.filter(body=body, kind="TRADE_UNION_FEDERATION").update(state="NOT_ESTABLISHED", unit=None)
    return Seat.objects.get(body=body, kind="TRADE_UNION_FEDERATION")


@plants("PLACE_WITHOUT_BODY")
def bare_town(ground: Ground) -> Any:
    town = make_organization(Level.TOWNSHIP, parent=ground.district, name="无机构镇")
    TripartiteBody.objects.create(organization=town, name="无机构镇三方委员会")
    return town


@plants("PLAN_WITHOUT_PART")
def plan_without_schedule(ground: Ground) -> Any:
    WorkPlan.objects.filter(pk=ground.plan.pk).update(schedule="")
    return ground.plan


@plants("WORK_ITEM_OVERDUE")
def late_item(ground: Ground) -> Any:
    return ground.record(WorkItem, title="分解任务", lead_unit=ground.unit, due_on=date(2026, 6, 30))


@plants("ROSTER_BELOW_MINIMUM")
def short_roster(ground: Ground) -> Any:
    return CultivationRoster.objects.create(
        organization=ground.district, year_id=2026, state="CONFIRMED", confirmed_at=NOW, revision=1
    )


def _tally_and_single(ground: Ground, model: Any, topic: str) -> Any:
    ground.record(model, happened_on=date(2026, 5, 17), topic=topic, township=ground.town)
    return ground.record(model, happened_on=date(2026, 5, 1), topic=topic, tally=True, count=7)


@plants("ADVISORIES_COUNTED_TWICE")
def advisories_twice(ground: Ground) -> Any:
    return _tally_and_single(ground, EmploymentAdvisory, "PAY")


@plants("MEDIATIONS_COUNTED_TWICE")
def mediations_twice(ground: Ground) -> Any:
    return _tally_and_single(ground, Mediation, "PAY")


@plants("PRACTICE_WITHOUT_CONSENT")
def practice_without_consent(ground: Ground) -> Any:
    practice = ground.record(BestPractice, title="经验", summary="做法", subject=ground.firm)
    ground.record(PracticeAdoption, practice=practice, adopted_by="某园区", happened_on=date(2026, 8, 1))
    return practice


@plants("STANDARD_WITHOUT_EVIDENCE")
def standard_without_evidence(ground: Ground) -> Any:
    return ground.record(
        PilotProgress,
        pilot=ground.pilot,
        happened_on=date(2026, 7, 1),
        kind="PROGRESS",
        title="进展",
        content="内容",
        mechanism_sound=True,
    )


def city_of(ground: Ground) -> Organization:
    city = ground.district.parent
    assert city is not None
    return city
