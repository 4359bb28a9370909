"""抽查对象名录 before it is frozen: who is in, who is out and why, which classes hold (design §4a).

Built from facts fixed before (register, confirmed roster), never from "has submitted": who did not file can be drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cultivation.enums import EnrollmentState, SubjectKind, SubjectState
from cultivation.models import Enrollment, Subject
from cultivation.selectors.risk_classes import risk_classes_of
from evaluation.enums import Frame
from evaluation.models import PopulationRow, SpotCheckRound
from evaluation.rules.spot_checks.draw import NO_RISK_CLASS, Shares, read_shares, stratum_code
from evaluation.selectors.spot_checks.classes import classes_of
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization

NO_CODE = "没有统一社会信用代码或机构代码"


@dataclass(frozen=True)
class FrameStratum:
    """One stratum of the list: how many are in and how many would be drawn."""

    code: str
    words: str
    size: int
    drawn: int
    rate: str = ""
    minimum: str = ""


@dataclass(frozen=True)
class FrameView:
    """The list and what is counted of it; the rows are unsaved until the freezing."""

    rows: list[PopulationRow]
    strata: list[FrameStratum]

    @property
    def included(self) -> list[PopulationRow]:
        return [row for row in self.rows if row.included]

    @property
    def excluded_count(self) -> int:
        return len(self.rows) - len(self.included)

    @property
    def exclusions(self) -> list[tuple[str, int]]:
        return sorted(Counter(row.exclusion for row in self.rows if not row.included).items())

    @property
    def class_counts(self) -> Counter[str]:
        return Counter(code for row in self.included for code in row.classes)


def code_of(subject: Subject) -> str:
    """The credit code; of a park or township the code of its organization. "" when there is none."""
    if subject.credit_code:
        return subject.credit_code
    wanted = {SubjectKind.TOWNSHIP: Level.TOWNSHIP, SubjectKind.INDUSTRIAL_PARK: Level.PARK}
    place = subject.township
    return place.code if place is not None and place.level == wanted.get(SubjectKind(subject.kind)) else ""


def stratum_words(code: str, districts: dict[str, str]) -> str:
    """`370481/ENTERPRISE/A` → 滕州市 企业 A级."""
    district, kind, risk = code.split("/")
    level = "未评级" if risk == NO_RISK_CLASS else f"{risk}级"
    return f"{districts.get(district, district)} {SubjectKind(kind).label} {level}"


def district_names() -> dict[str, str]:
    return dict(Organization.objects.districts().values_list("code", "name"))


def _candidates(held: SpotCheckRound) -> Iterator[tuple[Subject, Organization, str]]:
    """(subject, unit it is counted for, why it is out)."""
    if held.frame == Frame.ROSTER:
        rows = Enrollment.objects.filter(year_id=held.year_id, is_key=True)
        for one in rows.select_related("subject__township", "organization").order_by("subject_id"):
            yield one.subject, one.organization, _enrollment_words(one) or _state_words(one.subject)
    elif held.frame == Frame.REGISTER:
        subjects = Subject.objects.select_related("township", "managing_organization").order_by("pk")
        for subject in subjects:
            yield subject, subject.managing_organization, _state_words(subject)


def _enrollment_words(one: Enrollment) -> str:
    if one.state == EnrollmentState.CONFIRMED:
        return ""
    return "已调出本年度名单" if one.state == EnrollmentState.REMOVED else "尚未确认列入本年度名单"


def _state_words(subject: Subject) -> str:
    return "" if subject.state == SubjectState.ACTIVE else f"登记状态为“{SubjectState(subject.state).label}”"


def build_frame(held: SpotCheckRound, day: date) -> FrameView:
    """The list as it would be frozen on that day. Statements: those of the frame and one or two per class switched on."""
    rows: list[PopulationRow] = []
    candidates = list(_candidates(held))
    risks = risk_classes_of((subject.pk for subject, _, _ in candidates), on=day)
    for subject, organization, reason in candidates:
        code, risk = code_of(subject), risks.get(subject.pk, "")
        reason = reason or ("" if code else NO_CODE)
        rows.append(
            PopulationRow(
                round=held,
                subject=subject,
                organization=organization,
                code=code,
                name=subject.name,
                kind=subject.kind,
                risk_class=risk,
                stratum=stratum_code(organization.code, subject.kind, risk),
                included=not reason,
                exclusion=reason,
            )
        )
    found = classes_of(held, [row.subject_id for row in rows if row.included], day)
    for row in rows:
        row.classes = found.get(row.subject_id, [])
    return FrameView(rows, strata_of(held, rows))


def strata_of(held: SpotCheckRound, rows: Iterable[PopulationRow]) -> list[FrameStratum]:
    """By code, with the numbers that would be drawn by the shares of the round."""
    sizes = Counter(row.stratum for row in rows if row.included)
    shares: Shares = read_shares(held.strata)
    names = district_names()
    return [
        FrameStratum(
            code,
            stratum_words(code, names),
            size,
            shares.drawn_of(code, size),
            str(held.strata.get(code, {}).get("rate", "")),
            str(held.strata.get(code, {}).get("minimum", "")),
        )
        for code, size in sorted(sizes.items())
    ]
