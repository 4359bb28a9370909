"""What the ledgers hold of one district and year, for the annual report: the selectors of the pages, asked once each.

Counts are as at the end of the Shanghai day `as_of`: what was entered later does not count, unless it is 补录.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from cultivation.enums import (
    AdvisoryOutcome,
    AdvisoryTopic,
    CultureKind,
    MediaKind,
    MediationOutcome,
    MediationTopic,
    PolicyAdoptionKind,
    PolicyDocumentKind,
    SubjectKind,
    TrainingTopic,
)
from cultivation.models import (
    AwarenessFigure,
    BestPractice,
    CampaignBrand,
    CampaignYear,
    CultureActivity,
    EmploymentAdvisory,
    Enrollment,
    ExemplaryStory,
    FieldStudy,
    IndustryAction,
    IndustryGuide,
    Mediation,
    PeriodFigure,
    PolicyAdoption,
    PolicyDocument,
    PublicityItem,
    PublicServicePoint,
    SituationReview,
    Subject,
    TaskForce,
    Training,
    WorkItem,
    WorkPlan,
)
from cultivation.rules.coverage import Share
from cultivation.rules.period_figures import FIGURES, plain, ratio_percent
from cultivation.rules.trainings import TOPICS, count_organization, count_topic, coverage_of
from cultivation.selectors.assistance import CaseCounts, sum_cases
from cultivation.selectors.best_practices import citable_practices
from cultivation.selectors.mechanism import adoptions_of, coverage_within
from cultivation.selectors.period_figures import amounts_of, latest_figures
from cultivation.selectors.pilots import pilot_lines
from cultivation.selectors.service_points import sum_points
from cultivation.selectors.staff import staff_numbers
from cultivation.selectors.trainings import sessions_of
from cultivation.selectors.work_items import item_numbers
from cultivation.selectors.work_plans import parts_missing
from reporting.rules import activities as a
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.clock import end_of_day


@dataclass(frozen=True)
class _Scope:
    year: CampaignYear
    organization: Organization
    as_of: date

    @property
    def known(self) -> Q:
        return Q(created_at__lt=end_of_day(self.as_of)) | Q(backfilled=True)

    @property
    def happened(self) -> Q:
        return self.known & Q(happened_on__lte=self.as_of)

    def rows(self, model: Any, *, dated: bool = False) -> Any:
        """Live rows of the district and year that count."""
        live = model.objects.live().filter(year=self.year, organization=self.organization)
        return live.filter(self.happened if dated else self.known)


def activity_figures(
    *, year: CampaignYear, organization: Organization, enrollments: Sequence[Enrollment], as_of: date
) -> a.ActivityFigures:
    """Statements: a constant number, whatever the ledgers hold. `enrollments`: the year's confirmed ones."""
    scope = _Scope(year, organization, as_of)
    firms = [row.subject_id for row in enrollments if row.subject.kind == SubjectKind.ENTERPRISE]
    return {
        "mechanism": _mechanism(scope),
        "work": _work(scope),
        "mediations": _cases(scope, Mediation, MediationTopic, MediationOutcome),
        "advisories": _cases(scope, EmploymentAdvisory, AdvisoryTopic, AdvisoryOutcome),
        "points": _points(scope),
        "trainings": _trainings(scope, firms),
        "industry": _industry(scope, enrollments),
        "publicity": _publicity(scope),
        "practices": _practices(scope),
        "period": _period(scope),
        "culture": _by_choice(scope.rows(CultureActivity, dated=True), "kind", CultureKind),
    }


def _by_choice(rows: Any, key: str, choices: Any) -> list[a.Labelled]:
    """How many rows of each choice, in the order of the choices; none of one is left out. Statements: 1."""
    counts = Counter(rows.order_by().values_list(key, flat=True))
    return [{"label": str(c.label), "count": counts[c.value]} for c in choices if counts[c.value]]


def _share(share: Share, label: str = "") -> a.Coverage:
    return {
        "label": label or share.label,
        "numerator": share.numerator,
        "denominator": share.denominator,
        "rate": share.text.partition("（")[2].rstrip("）"),
        "missing": list(share.missing),
    }


def _mechanism(scope: _Scope) -> a.Mechanism:
    """Statements: 8."""
    home, year = scope.organization, scope.year.pk
    reach = Organization.objects.filter(Q(pk=home.pk) | Q(parent=home))
    coverage = coverage_within(reach, today=scope.as_of)
    answers = PolicyAdoption.objects.live().filter(scope.known, organization=home)
    matrix = adoptions_of(reach, answers, years=[year])
    own = next((row for level in matrix.upper for row in level.rows), None)
    staff = staff_numbers(organization=home.pk, today=scope.as_of)
    lines: list[a.Answer] = []
    for kind in PolicyAdoptionKind:
        answer = own.answers.get((kind.value, year)) if own else None
        lines.append(
            {
                "label": str(kind.label),
                "achieved": answer.achieved if answer else None,
                "on": answer.adopted_on.isoformat() if answer and answer.adopted_on else None,
                "document_number": answer.document_number if answer else "",
            }
        )
    node = coverage.districts[0] if coverage.districts else None
    places = matrix.places.shares if matrix.places else []
    return {
        "established": bool(node and node.place.established),
        "vacant_seats": node.vacant_seats if node else [],
        "bodies": _share(coverage.levels[-1]),
        "coordinated": _share(coverage.coordinators),
        "coordinators": staff.coordinators,
        "instructors": staff.instructors,
        "liaised": staff.liaised,
        "answers": lines,
        "place_answers": [
            _share(share, str(kind.label)) for share, kind in zip(places, PolicyAdoptionKind, strict=False)
        ],
        "outside_parks": coverage.unregistered_parks,
    }


def _work(scope: _Scope) -> a.Work:
    """Statements: 5."""
    plan: WorkPlan | None = scope.rows(WorkPlan).first()
    numbers = item_numbers(scope.rows(WorkItem), today=scope.as_of)
    own = (PolicyDocumentKind.IMPLEMENTING, PolicyDocumentKind.MECHANISM)
    return {
        "plan_state": plan.get_state_display() if plan else "",
        "plan_missing": [part.name for part in parts_missing(plan)] if plan else [],
        "plan_number": plan.document_number if plan else "",
        "plan_issued_on": plan.issued_on.isoformat() if plan and plan.issued_on else None,
        "task_forces": list(scope.rows(TaskForce).order_by("id").values_list("name", flat=True)),
        "items": numbers.total,
        "done": numbers.done,
        "open": numbers.open,
        "overdue": numbers.overdue,
        "cancelled": numbers.cancelled,
        "documents": scope.rows(PolicyDocument).filter(kind__in=own).count(),
        "reviews": scope.rows(SituationReview, dated=True).count(),
    }


def _cases(scope: _Scope, model: Any, topics: Any, outcomes: Any) -> a.Cases:
    """Statements: 1."""
    counts: CaseCounts = sum_cases(scope.rows(model, dated=True))
    return {
        "total": counts.total,
        "outcomes": [str(outcome.label) for outcome in outcomes],
        "lines": [
            {
                "label": str(topic.label),
                "counts": [counts.cells.get((topic.value, outcome.value), 0) for outcome in outcomes],
            }
            for topic in topics
            if counts.of_topic(topic.value)
        ],
        "doubles": [
            f"{row.month:%Y年}{row.month.month}月{topics(row.topic).label}{outcomes(row.outcome).label}{row.sentence}"
            for row in counts.doubles
        ],
    }


def _points(scope: _Scope) -> a.Points:
    """Statements: 1."""
    mine = PublicServicePoint.objects.live().filter(
        scope.known, organization=scope.organization, opened_on__lte=scope.as_of
    )
    entered = Q(tallies__created_at__lt=end_of_day(scope.as_of)) | Q(tallies__backfilled=True)
    tallied = Q(tallies__year=scope.year, tallies__happened_on__lte=scope.as_of) & entered
    rows = sum_points(mine, tallied)
    serving = [r.point for r in rows if r.point.closed_on is None or r.point.closed_on > scope.as_of]
    kinds = (("one_stop", "一站式"), ("smart", "智慧化"), ("standardized", "标准化"))
    return {
        "total": len(serving),
        "one_stop": sum(point.one_stop for point in serving),
        "smart": sum(point.smart for point in serving),
        "standardized": sum(point.standardized for point in serving),
        "staff": sum(point.staff_count for point in serving),
        "visitors": sum(row.visitors for row in rows),
        "advisories": sum(row.advisories for row in rows),
        "mediations": sum(row.mediations for row in rows),
        "others": sum(row.other_services for row in rows),
        "lines": [
            {
                "name": row.point.name,
                "township": row.point.township.name if row.point.township else "",
                "kinds": [word for key, word in kinds if getattr(row.point, key)],
                "staff": row.point.staff_count,
                "months": row.months,
                "visitors": row.visitors,
                "advisories": row.advisories,
                "mediations": row.mediations,
                "others": row.other_services,
            }
            for row in rows
        ],
    }


def _trainings(scope: _Scope, firms: Sequence[int]) -> a.Trainings:
    """Statements: 3."""
    home = scope.organization.pk
    sessions = sessions_of(scope.year.pk, scope.happened)
    count = count_organization(sessions, home)
    labels = dict(TrainingTopic.choices)
    topics = [(code, count_topic(sessions, home, code, firms)) for code in TOPICS]
    people: dict[int, tuple[int, int]] = {}
    for session in sessions:
        own = [row for row in session.attended if row.organization == home]
        if own or session.holder == home:
            people[session.pk] = (sum(row.managers for row in own), sum(row.hr for row in own))
    rows = Training.objects.filter(pk__in=list(people)).select_related("organization")
    return {
        "held": count.held,
        "joined": count.joined,
        "managers": count.managers,
        "hr": count.hr,
        "others": count.others,
        "firms": len(firms),
        "complete": sum(not row.gaps for row in coverage_of(sessions, firms)),
        "topics": [
            {
                "label": str(labels[code]),
                "held": topic.held,
                "joined": topic.joined,
                "people": topic.people,
                "reached": topic.reached,
                "cultivated": topic.cultivated,
            }
            for code, topic in topics
        ],
        "lines": [
            {
                "title": row.title,
                "on": row.happened_on.isoformat(),
                "holder": row.organization.name,
                "topics": [str(labels.get(code, code)) for code in row.topics],
                "managers": people[row.pk][0],
                "hr": people[row.pk][1],
                "others": row.other_attendance if row.organization_id == home else 0,
            }
            for row in rows.order_by("happened_on", "id")
        ],
    }


def _industry(scope: _Scope, enrollments: Sequence[Enrollment]) -> a.Industry:
    """The pilots confirmed for the year, none of an earlier one. Statements: 4, and 5 more where there are any."""
    pilots = pilot_lines(
        Subject.objects.filter(
            pk__in=[r.subject_id for r in enrollments if r.subject.kind == SubjectKind.INDUSTRY_PILOT]
        )
    )
    for line in pilots:
        line.progress[:] = [row for row in line.progress if row.happened_on <= scope.as_of]
    return {
        "pilots": [
            {
                "name": line.subject.name,
                "partners": line.partners,
                "authorities": line.authorities,
                "members": line.members,
                "standards": line.standards,
                "summaries": len(line.summaries),
                "spreads": len(line.spreads),
            }
            for line in pilots
        ],
        "actions": scope.rows(IndustryAction, dated=True).count(),
        "studies": scope.rows(FieldStudy, dated=True).count(),
        "guides": scope.rows(IndustryGuide).count(),
    }


def _publicity(scope: _Scope) -> a.Publicity:
    """Statements: 4."""
    kinds = _by_choice(scope.rows(PublicityItem, dated=True), "media_kind", MediaKind)
    stories = scope.rows(ExemplaryStory).filter(consented_on__isnull=False)
    measured = scope.rows(AwarenessFigure, dated=True).order_by("happened_on", "id")
    return {
        "total": sum(row["count"] for row in kinds),
        "by_kind": kinds,
        "brands": list(scope.rows(CampaignBrand).order_by("id").values_list("name", flat=True)),
        "stories": stories.count(),
        "measured": [
            {
                "label": row.get_metric_display(),
                "numerator": row.numerator,
                "denominator": row.denominator,
                "rate": _share(Share("", row.numerator, row.denominator, ()))["rate"],
                "method": row.method,
            }
            for row in measured
        ],
    }


def _practices(scope: _Scope) -> a.Practices:
    """Statements: 2."""
    known = set(scope.rows(BestPractice).values_list("pk", flat=True))
    cited: list[Any] = [
        row for row in citable_practices(scope.year.pk, scope.organization.pk) if row.pk in known
    ]
    return {
        "lines": [
            {
                "title": row.title,
                "subject": row.subject.name,
                "summary": row.summary,
                "adopted": row.adopted,
            }
            for row in cited
        ],
        "uncited": len(known) - len(cited),
    }


def _period(scope: _Scope) -> a.Period:
    """Statements: 1."""
    period, rows = latest_figures(scope.rows(PeriodFigure))
    lines: list[a.PeriodLine] = []
    for row in rows:
        figure, ratio = FIGURES[row.code], ratio_percent(amounts_of(row))
        lines.append(
            {
                "code": row.code,
                "group": figure.group,
                "label": figure.label,
                "numerator": plain(row.numerator),
                "denominator": plain(row.denominator),
                "unit": figure.unit,
                "rate": f"{ratio}%" if ratio is not None else "",
            }
        )
    return {"label": str(rows[0].get_period_display()) if period else "", "code": period, "lines": lines}
