"""The figures of one district and year, collected once: the number, the annex, the ledger and the sentence share them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, cast

from django.db.models import Q

from cultivation.enums import RosterState, SubjectKind, SubjectState, VisitMode, VisitPurpose
from cultivation.models import (
    AnnualTarget,
    CampaignYear,
    CultivationRoster,
    Enrollment,
    Participation,
    Subject,
)
from cultivation.rules.countersignatures import SeatStanding, seat_standing
from cultivation.rules.industries import industry_label
from cultivation.rules.targets import METRIC_KINDS, evaluate_target
from cultivation.selectors.countersignatures import paper_of, seats_of, signatures_of
from cultivation.selectors.service_figures import service_figures
from evaluation.enums import Qualification
from evaluation.models import Assessment
from evaluation.rules.displayed_scores import AssessmentScores
from evaluation.selectors.scores import REVIEWED_STATES, load_scores
from reporting.rules import figures as f
from reporting.selectors.activities import activity_figures
from reporting.selectors.past_districts import district_as_of
from reporting.selectors.spot_checks import spot_check_figures
from zaozhuang_portal.accounts.enums import SeatState
from zaozhuang_portal.accounts.models import Organization, TripartiteBody
from zaozhuang_portal.kernel.clock import end_of_day
from zaozhuang_portal.kernel.errors import DomainError

_UNITS = {"KEY_ENTERPRISES": "家"}
RECONSTRUCTION_NOTICE = "重构稿，待官方文本核定"


def collect_figures(
    *, year: CampaignYear, organization: Organization, as_of: date, made_on: date | None = None
) -> f.ReportFigures:
    """Everything the November report of one district says, as at the end of the Shanghai day `as_of`.

    Counts confirmed key enrollments of the year (back-filled ones included). `made_on`, the day of today: nothing can have
    happened after it, so that figures of the same day are read as they are, in a constant number of statements. Figures of
    an earlier day are read from the tables as they stood; what cannot be known of them is named in `as_made`.
    Raises DomainError for a day after `made_on`.
    """
    if made_on is not None and as_of > made_on:
        raise DomainError(
            f"数据截至日 {as_of} 在制表日 {made_on} 之后，还没有这一天的数据。", code="future", field="as_of"
        )
    if as_of == made_on:
        return _collect(year=year, organization=organization, as_of=as_of)
    with district_as_of(year, organization, as_of) as as_made:
        found = _collect(year=year, organization=organization, as_of=as_of)
    if made_on is not None:
        found["made_on"] = made_on.isoformat()
    if as_made:
        found["as_made"] = as_made
    return found


def _collect(*, year: CampaignYear, organization: Organization, as_of: date) -> f.ReportFigures:
    until = end_of_day(as_of)
    enrollments = list(
        Enrollment.objects.counted()
        .filter(year=year, organization=organization)
        .filter(Q(confirmed_at__lt=until) | Q(backfilled=True))
        .select_related("subject", "subject__township")
        .order_by("subject__kind", "id")
    )
    continued = set(
        Enrollment.objects.counted()
        .filter(year_id=year.year - 1, subject_id__in=[e.subject_id for e in enrollments])
        .values_list("subject_id", flat=True)
    )
    assessments = {
        a.subject_id: a
        for a in Assessment.objects.filter(year=year, subject_id__in=[e.subject_id for e in enrollments])
        .select_related("indicator_set")
        .order_by("id")
    }
    scores = load_scores(assessments.values())
    body = TripartiteBody.objects.filter(organization=organization).first()
    return {
        "year": year.year,
        "district_code": organization.code,
        "district_name": organization.name,
        "signatory": body.name if body else f"{organization.name}协调劳动关系三方机构",
        "period_start": year.period_start.isoformat(),
        "period_end": year.period_end.isoformat(),
        "as_of": as_of.isoformat(),
        "targets": _targets(year, organization, enrollments, as_of),
        "kinds": [_kind(kind, enrollments, continued) for kind in SubjectKind.values],
        "assessments": _assessments(enrollments, assessments, scores),
        "participation": _participation(year, organization),
        "subjects": [_subject(e, continued, assessments.get(e.subject_id), scores) for e in enrollments],
        "services": _services(year, organization, enrollments, as_of),
        "roster": _roster(year, organization),
        "activities": activity_figures(
            year=year, organization=organization, enrollments=enrollments, as_of=as_of
        ),
        "spot_checks": spot_check_figures(year=year.year, organization=organization, as_of=as_of),
    }


def _roster(year: CampaignYear, organization: Organization) -> f.RosterFigures:
    """Statements: 3, one where there is no list."""
    roster = CultivationRoster.objects.filter(year=year, organization=organization).first()
    found: f.RosterFigures = {"confirmed": False, "seats": 0, "unsigned": [], "stale": []}
    if roster is None or roster.state != RosterState.CONFIRMED or roster.backfilled:
        return found
    paper = paper_of(roster=roster)
    signed = signatures_of(paper)
    found["confirmed"] = True
    for seat in seats_of(paper):
        signature = signed.get(seat.pk)
        standing = seat_standing(
            seat_held=seat.state != SeatState.NOT_ESTABLISHED,
            signed_version=signature.signed_version if signature else None,
            version=paper.version,
        )
        found["seats"] += standing is not SeatStanding.VACANT
        if standing is SeatStanding.UNSIGNED:
            found["unsigned"].append(str(seat.get_kind_display()))
        elif standing is SeatStanding.STALE:
            found["stale"].append(str(seat.get_kind_display()))
    return found


def _services(
    year: CampaignYear, organization: Organization, enrollments: list[Enrollment], as_of: date
) -> f.ServiceFigures:
    found = service_figures(year=year, organization=organization, enrollments=enrollments, as_of=as_of)
    of = {enrollment.subject_id: enrollment.subject for enrollment in enrollments}
    return {
        "to_pair": len(found.subjects),
        "paired": found.paired,
        "pairings": found.pairings,
        "visited": found.visited,
        "visits": found.visits,
        "on_site": found.by_mode[VisitMode.ON_SITE],
        "phone": found.by_mode[VisitMode.PHONE],
        "online": found.by_mode[VisitMode.ONLINE],
        "guidance": found.by_purpose[VisitPurpose.GUIDANCE],
        "supervision": found.by_purpose[VisitPurpose.SUPERVISION],
        "research": found.by_purpose[VisitPurpose.RESEARCH],
        "with_instructor": found.with_instructor,
        "follow_ups": found.follow_ups,
        "follow_ups_done": found.follow_ups_done,
        "trainings": found.trainings,
        "attended_managers": found.attended_managers,
        "attended_hr": found.attended_hr,
        "subjects": [
            {
                "name": of[row.subject_id].name,
                "kind": cast(f.SubjectKind, of[row.subject_id].kind),
                "partners": row.partners,
                "visits": row.visits,
                "on_site": row.on_site,
                "first_on": row.first_on.isoformat() if row.first_on else None,
                "last_on": row.last_on.isoformat() if row.last_on else None,
                "open_follow_ups": row.open_follow_ups,
            }
            for row in found.subjects
        ],
    }


def _targets(
    year: CampaignYear, organization: Organization, enrollments: list[Enrollment], as_of: date
) -> list[f.TargetRow]:
    counter = Counter(enrollment.subject.kind for enrollment in enrollments)
    rows: list[f.TargetRow] = []
    for target in AnnualTarget.objects.filter(year=year, organization=organization).order_by("id"):
        result = evaluate_target(
            target.metric,
            minimum=target.minimum,
            maximum=target.maximum,
            actual=sum(counter[kind] for kind in METRIC_KINDS[target.metric]),
            today=as_of,
            cutoff_on=year.cutoff_on,
        )
        rows.append(
            {
                "metric": target.metric,
                "name": target.get_metric_display(),
                "unit": _UNITS.get(target.metric, "个"),
                "clause": target.clause,
                "target": target.minimum,
                "actual": result.actual,
                "completion": result.completion.value,
                "completion_label": result.completion.label,
                "sentence": result.sentence,
            }
        )
    return rows


def _breakdown(labels: list[str]) -> list[f.Breakdown]:
    """Most frequent first, ties in order of appearance; a blank label is 未填."""
    counts = Counter(label or f.BLANK for label in labels)
    return [{"label": label, "count": count} for label, count in counts.most_common()]


def _kind(kind: str, enrollments: list[Enrollment], continued: set[int]) -> f.KindFigures:
    rows = [enrollment for enrollment in enrollments if enrollment.subject.kind == kind]
    staff = [row.subject.employee_count for row in rows if row.subject.employee_count is not None]
    old = sum(row.subject_id in continued for row in rows)
    enterprise = kind == SubjectKind.ENTERPRISE
    return {
        "kind": cast(f.SubjectKind, kind),
        "total": len(rows),
        "new": len(rows) - old,
        "continued": old,
        "by_size": _breakdown([row.subject.get_size_class_display() for row in rows]) if enterprise else [],
        "by_industry": _breakdown([_industry(row.subject) for row in rows]) if enterprise else [],
        "by_township": _breakdown(
            [row.subject.township.name if row.subject.township else "" for row in rows]
        ),
        "employee_count": sum(staff) if staff else None,
    }


def _industry(subject: Subject) -> str:
    """The name without its code."""
    return industry_label(subject.industry_code).partition(" ")[2] if subject.industry_code else ""


def _average(values: list[Decimal]) -> str | None:
    if not values:
        return None
    return str((sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _assessments(
    enrollments: list[Enrollment],
    assessments: dict[int, Assessment],
    scores: dict[int, AssessmentScores],
) -> list[f.AssessmentFigures]:
    rows: list[f.AssessmentFigures] = []
    for kind in (SubjectKind.ENTERPRISE, SubjectKind.INDUSTRIAL_PARK, SubjectKind.TOWNSHIP):
        started = [
            assessments[e.subject_id]
            for e in enrollments
            if e.subject.kind == kind and e.subject_id in assessments
        ]
        submitted = [a for a in started if a.submitted_at is not None]
        verified = [a for a in submitted if a.state in REVIEWED_STATES]
        judged = [found for a in verified if (found := scores[a.pk].verified)]
        own = [found for a in submitted if (found := scores[a.pk].own)]
        first = started[0].indicator_set if started else None
        rows.append(
            {
                "kind": cast(f.SubjectKind, kind.value),
                "started": len(started),
                "submitted": len(submitted),
                "verified": len(verified),
                "passed": sum(found.qualification == Qualification.PASSED for found in judged),
                "average_self_score": _average([found.value for found in own]),
                "average_verified_score": _average([found.value for found in judged]),
                "indicator_label": f"{first.title}（{first.standard_number}）" if first else "",
                "indicator_notice": RECONSTRUCTION_NOTICE
                if any(a.indicator_set.is_reconstruction for a in started)
                else "",
            }
        )
    return rows


def _participation(year: CampaignYear, organization: Organization) -> f.ParticipationFigures:
    """参与创建 enterprises over the active enterprises of the register."""
    participating = Participation.objects.filter(
        year=year, organization=organization, subject__kind=SubjectKind.ENTERPRISE
    ).count()
    expected = Subject.objects.filter(
        managing_organization=organization, kind=SubjectKind.ENTERPRISE, state=SubjectState.ACTIVE
    ).count()
    rate = None
    if expected:
        share = (Decimal(participating) * 100 / expected).quantize(Decimal("0.1"), ROUND_HALF_UP)
        rate = f"{share}%"
    return {"participating": participating, "expected": expected or None, "rate": rate}


def _subject(
    enrollment: Enrollment,
    continued: set[int],
    assessment: Assessment | None,
    scores: dict[int, AssessmentScores],
) -> f.SubjectRow:
    subject = enrollment.subject
    found = scores[assessment.pk] if assessment else None
    verified = found.verified if found and not found.provisional else None
    entry: Literal["NEW", "CONTINUED"] = "CONTINUED" if subject.pk in continued else "NEW"
    return {
        "kind": cast(f.SubjectKind, subject.kind),
        "name": subject.name,
        "credit_code": subject.credit_code or "",
        "township": subject.township.name if subject.township else "",
        "industry": _industry(subject),
        "size_class": subject.get_size_class_display(),
        "ownership": subject.get_ownership_display(),
        "employee_count": subject.employee_count,
        "entry": entry,
        "contact_name": subject.contact_name,
        "contact_phone": subject.contact_phone,
        "assessment_status": assessment.get_state_display() if assessment else "未开始",
        "self_score": found.own.text if found and found.own else None,
        "verified_score": verified.text if verified else None,
        "qualification": verified.words if verified else "",
        "backfilled": enrollment.backfilled,
    }
