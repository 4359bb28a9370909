"""The on-site page: the lines of a check with what may be seen before the verdict, and who may write on site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from evaluation.enums import CheckState, Layer, LineKind
from evaluation.models import Answer, CheckLine, LineSave, SpotCheck, TeamMember
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.spot_checks.facts import district_facts
from evaluation.workflows.checks import CHECK_WORKFLOW, JUDGE
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import attachments_of

# Lines are judged and the visit is written in these states (design §4a); the service says so again in its UPDATE.
ON_SITE = CHECK_WORKFLOW.sources(JUDGE)
LINE_FILES = "CheckLine"
CHECK_FILES = "SpotCheck"
# The signed sheet is scanned back after the visit, until the conclusion.
TAKES_SCANS = ON_SITE | {CheckState.PROVISIONAL, CheckState.ANSWERED}


_CLAUSE_WORDS = (
    ("clause", "条款"),
    ("looked_at", "看什么"),
    ("evidence", "应看材料"),
    ("judged_by", "如何判断"),
)


@dataclass
class SiteLine:
    """One screen. `indicator` and `clause` say what is looked at; neither tells what was claimed."""

    line: CheckLine
    number: int
    indicator: Indicator | None = None
    clause: dict[str, Any] = field(default_factory=dict)
    photos: Sequence[Attachment] = ()
    # What the SELF and DISTRICT layers say; loaded only of lines that are judged (or of a round that is not blind).
    claims: dict[str, Answer] = field(default_factory=dict)
    # Label and words of them, put by forms.spot_checks.site.compare().
    compared: list[tuple[str, str]] = field(default_factory=list)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What the checklist says of its clause: label, words."""
        found = []
        for key, label in _CLAUSE_WORDS:
            words = self.clause.get(key)
            if words:
                found.append((label, "、".join(words) if isinstance(words, list) else str(words)))
        return found

    @property
    def code(self) -> str:
        return self.line.code

    @property
    def label(self) -> str:
        return f"{self.line.code} {self.line.title}"

    @property
    def takes_value(self) -> bool:
        return self.indicator is not None and bool(self.indicator.parts_by_hand)


@dataclass
class SitePage:
    check: SpotCheck
    lines: list[SiteLine]
    team: list[TeamMember]
    me: TeamMember
    scans: Sequence[Attachment] = ()

    @property
    def definition(self) -> IndicatorSetDefinition | None:
        """The standard whose items are judged, for `standard_text`."""
        assessment = self.check.assessment
        return definition_of(assessment.indicator_set) if assessment is not None else None

    @property
    def editable(self) -> bool:
        return self.check.state in ON_SITE

    @property
    def takes_scans(self) -> bool:
        return self.check.state in TAKES_SCANS

    @property
    def open_lines(self) -> list[SiteLine]:
        return [one for one in self.lines if not one.line.judgement]

    def find(self, code: str) -> SiteLine | None:
        return next((one for one in self.lines if one.code == code), None)

    def after(self, code: str) -> str:
        """The code of the next line, or of the last screen."""
        codes = [one.code for one in self.lines]
        place = codes.index(code) + 1 if code in codes else len(codes)
        return codes[place] if place < len(codes) else "END"

    @property
    def signable(self) -> list[TeamMember]:
        return [one for one in self.team if self.may_sign(one)]

    def may_sign(self, member: TeamMember) -> bool:
        """Oneself; the 主检 for a colleague who has no account and signed on paper."""
        on_paper = member.inspector.user_id is None
        return member.signed_at is None and (member.pk == self.me.pk or (on_paper and self.me.lead))


def inspected_check(actor: Actor, round_pk: int, pk: int) -> SpotCheck | None:
    """The check, if this person is of its team now. Two statements at most."""
    checks = SpotCheck.objects.inspected_by(actor.user).filter(pk=pk, round_id=round_pk)
    return checks.select_related(
        "round__checklist", "organization", "subject", "assessment__indicator_set"
    ).first()


def load_site(actor: Actor, check: SpotCheck) -> SitePage:
    """Everything the phone needs, in a constant number of statements."""
    team = list(
        TeamMember.objects.filter(check_record=check, until_at__isnull=True).select_related("inspector")
    )
    rows = list(check.lines.select_related("judged_by"))
    # Until the check begins, and keeps them, the records as they are now.
    fresh = district_facts(check, clock.shanghai_date(clock.now())) if check.began_at is None else {}
    for row in rows:
        row.facts = row.facts or fresh.get(row.code, [])
    scans = attachments_of(CHECK_FILES, [check.pk]).get(check.pk, [])
    me = next(one for one in team if one.inspector.user_id == actor.user.pk)
    return SitePage(check, site_lines(check, rows), team, me, scans)


def site_lines(check: SpotCheck, rows: Sequence[CheckLine]) -> list[SiteLine]:
    """Each line with what is looked at, its photos, and, once it is judged, what was claimed. Statements: 2."""
    photos = attachments_of(LINE_FILES, [row.pk for row in rows])
    definition = definition_of(check.assessment.indicator_set) if check.assessment is not None else None
    indicators = {one.code: one for one in definition.indicators} if definition else {}
    clauses = {str(one.get("code")): one for one in check.round.checklist.lines if isinstance(one, dict)}
    claims = _claims(check, [row.code for row in rows if row.judgement or not check.round.blind])
    return [
        SiteLine(
            row,
            number,
            indicators.get(row.code) if row.kind == LineKind.INDICATOR else None,
            clauses.get(row.code, {}) if row.kind == LineKind.CLAUSE else {},
            photos.get(row.pk, []),
            claims.get(row.code, {}),
        )
        for number, row in enumerate(rows, start=1)
    ]


def _claims(check: SpotCheck, codes: Sequence[str]) -> dict[str, dict[str, Answer]]:
    """Answers of the two lower layers by item. Of other items nothing is read, so nothing of them can leak."""
    found: dict[str, dict[str, Answer]] = {}
    if check.assessment_id is None or not codes:
        return found
    rows = Answer.objects.filter(
        assessment=check.assessment_id, layer__in=[Layer.SELF, Layer.DISTRICT], indicator__in=codes
    )
    for row in rows:
        found.setdefault(row.indicator, {})[row.layer] = row
    return found


def save_that_arrived(actor: Actor, check_pk: int, uid: UUID | None) -> LineSave | None:
    """A save of this person that reached the server in time, though its answer did not reach the phone."""
    saves = LineSave.objects.filter(uid=uid, user=actor.user) if uid else LineSave.objects.none()
    return saves.filter(Q(line__check_record=check_pk) | Q(check_record=check_pk)).first()


def saved_last(*, line: CheckLine | None = None, check: SpotCheck | None = None) -> LineSave | None:
    """Who saved this line, or what is written about the visit, last."""
    saves = LineSave.objects.filter(line=line, check_record=check).select_related("user")
    return saves.order_by("-id").first()
