"""检查组: what keeps whom from which check, who stands where, and the record the minutes are printed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from cultivation.models import Pairing
from evaluation.enums import CheckKind, CheckState, Layer
from evaluation.models import (
    Answer,
    Assessment,
    ConflictOfInterest,
    Inspector,
    SpotCheck,
    SpotCheckRound,
    TeamDraw,
    TeamMember,
)
from evaluation.models.spot_checks.checks import WITH_TEAM
from evaluation.rules.spot_checks.inspectors import (
    DECLARED_INTEREST,
    OWN_PAIRING,
    VERIFIED_BEFORE,
    CheckRow,
    Exclusion,
    InspectorRow,
    Interest,
    Team,
    assign_teams,
    list_exclusions,
)
from evaluation.workflows.checks import ASSIGN, CHECK_WORKFLOW
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization

# A team may be changed while the work lies with it; after the conclusion it stands.
CHANGEABLE = frozenset(WITH_TEAM)


def district_code(organization: Organization) -> str:
    """ "" for who works for the city."""
    return organization.code if organization.level == Level.DISTRICT else ""


def inspector_rows(inspectors: Sequence[Inspector]) -> list[InspectorRow]:
    """`organization` must be loaded."""
    return [
        InspectorRow(
            row.staff_number, row.name, row.party, district_code(row.organization), row.user_id is not None
        )
        for row in inspectors
    ]


def recorded_rows(record: TeamDraw) -> list[InspectorRow]:
    """The people as the record has them; a record of before accounts counted has nobody without."""
    return [
        InspectorRow(
            row["staff_number"], row["name"], row["party"], row["district"], row.get("account", True)
        )
        for row in record.inspectors
    ]


def check_rows(checks: Sequence[SpotCheck]) -> list[CheckRow]:
    """`organization` must be loaded."""
    return [CheckRow(row.code, row.name, row.organization.code) for row in checks]


def checks_to_assign(spot_round: SpotCheckRound) -> QuerySet[SpotCheck]:
    """SELECTED, in the order in which they are served: the districts, then the subjects by stratum and ticket order."""
    return (
        SpotCheck.objects.filter(round=spot_round, state__in=CHECK_WORKFLOW.sources(ASSIGN))
        .select_related("organization", "subject")
        .order_by("kind", "organization__sort_order", "stratum", "position", "code")
    )


def interests_of(
    inspectors: Sequence[Inspector], checks: Sequence[SpotCheck], spot_round: SpotCheckRound
) -> list[Interest]:
    """Own pairing in the period of the round, verified it before (in any year), declared interest. Statements: 4.

    Pairings and verifications are found by the account; whoever has none declares them.
    """
    subjects = {row.subject_id: row.code for row in checks if row.subject_id is not None}
    users = {row.user_id: row.staff_number for row in inspectors if row.user_id is not None}
    found: set[Interest] = set()
    pairings = (
        Pairing.objects.live()
        .filter(subject_id__in=subjects, person_id__in=users, starts_on__lte=spot_round.period_to)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=spot_round.period_from))
    )
    for user, subject in pairings.values_list("person_id", "subject_id"):
        found.add(Interest(users[user], subjects[subject], OWN_PAIRING))
    for user, subject, year in _verified(set(subjects), set(users)):
        found.add(Interest(users[user], subjects[subject], VERIFIED_BEFORE, f"{year}年度"))
    declared = ConflictOfInterest.objects.filter(inspector__in=[row.pk for row in inspectors])
    for number, subject, organization, reason in declared.values_list(
        "inspector__staff_number", "subject_id", "organization__code", "reason"
    ):
        target = subjects.get(subject) if subject is not None else organization
        if target:
            found.add(Interest(number, target, DECLARED_INTEREST, reason))
    return sorted(found, key=lambda one: (one.staff_number, one.target, one.reason, one.words))


def _verified(subjects: set[int], users: set[int]) -> set[tuple[int, int, int]]:
    """(user, subject, year): opened or finished the district's review, or judged an item of it."""
    people = ("review_opened_by_id", "verified_by_id")
    rows = Assessment.objects.filter(subject_id__in=subjects).filter(
        Q(review_opened_by_id__in=users) | Q(verified_by_id__in=users)
    )
    found = {
        (user, subject, year)
        for subject, year, *both in rows.values_list("subject_id", "year_id", *people)
        for user in both
        if user in users
    }
    answers = Answer.objects.filter(
        assessment__subject_id__in=subjects, layer=Layer.DISTRICT, updated_by_id__in=users
    )
    return found | set(
        answers.values_list("updated_by_id", "assessment__subject_id", "assessment__year_id").distinct()
    )


def drawn_before(spot_round: SpotCheckRound) -> dict[str, int]:
    """Staff number → assignments drawn so far in the round; what came by a change counts for nobody."""
    rows = TeamMember.objects.filter(check_record__round=spot_round).exclude(ticket="")
    return dict(
        rows.order_by()
        .values_list("inspector__staff_number")
        .annotate(times=Count("pk"))
        .values_list("inspector__staff_number", "times")
    )


def exclusions_from(check: SpotCheck, inspectors: Sequence[Inspector]) -> dict[int, list[Exclusion]]:
    """By inspector: what keeps him from this check now. Statements: 4."""
    found: dict[str, list[Exclusion]] = {}
    interests = interests_of(inspectors, [check], check.round)
    for one in list_exclusions(inspector_rows(inspectors), check_rows([check]), interests):
        found.setdefault(one.staff_number, []).append(one)
    return {row.pk: found[row.staff_number] for row in inspectors if row.staff_number in found}


def redraw(record: TeamDraw, seed: str) -> tuple[Team, ...]:
    """The teams again, from nothing but the printed record and the seed."""
    served = [row for row in record.checks if row["team"]]
    interests = [
        Interest(one["staff_number"], one["target"], one["reason"], one["words"])
        for row in served
        for one in row["interests"]
    ]
    return assign_teams(
        seed,
        recorded_rows(record),
        [CheckRow(row["id"], row["name"], row["district"]) for row in served],
        interests,
        assigned={row["staff_number"]: row["assigned"] for row in record.inspectors},
    )


@dataclass(frozen=True)
class TeamRow:
    """One check of the round and who goes there; `former` are those replaced, with when and why."""

    check: SpotCheck
    members: Sequence[TeamMember]
    former: Sequence[TeamMember]
    # Of the latest run, when no pair was possible.
    refused: str = ""

    @property
    def is_district(self) -> bool:
        return self.check.kind == CheckKind.DISTRICT

    @property
    def changeable(self) -> bool:
        return self.check.state in CHANGEABLE


def team_rows(spot_round: SpotCheckRound) -> list[TeamRow]:
    """Every check of the round that was not skipped, in the order of 派组. Statements: 3."""
    team = Prefetch(
        "team", TeamMember.objects.select_related("inspector__organization").order_by("-lead", "id")
    )
    checks = (
        SpotCheck.objects.filter(round=spot_round)
        .exclude(state=CheckState.SKIPPED)
        .select_related("organization")
        .prefetch_related(team)
        .order_by("kind", "organization__sort_order", "stratum", "position", "code")
    )
    last = TeamDraw.objects.filter(round=spot_round).order_by("-number").first()
    refused: Mapping[str, Any] = {row["id"]: row["refused"] for row in last.checks} if last else {}
    rows = []
    for check in checks:
        members = list(check.team.all())
        rows.append(
            TeamRow(
                check,
                [one for one in members if one.until_at is None],
                [one for one in members if one.until_at is not None],
                refused.get(check.code, "") if check.state == CheckState.SELECTED else "",
            )
        )
    return rows


def printed_draw(record: TeamDraw) -> dict[str, Any]:
    """The record in words for paper: people by ticket, each check with its team, who was kept off, or why there is none."""
    people = {row["staff_number"]: row for row in record.inspectors}
    rows = recorded_rows(record)
    checks = []
    for row in record.checks:
        interests = [
            Interest(one["staff_number"], one["target"], one["reason"], one["words"])
            for one in row["interests"]
        ]
        check = CheckRow(row["id"], row["name"], row["district"])
        checks.append(
            {
                **row,
                "members": [people[number] for number in row["team"]],
                "excluded": [one.sentence for one in list_exclusions(rows, [check], interests)],
            }
        )
    parties = dict(MemberUnitKind.choices)
    inspectors = [row | {"party_label": parties.get(row["party"], row["party"])} for row in record.inspectors]
    return {"inspectors": inspectors, "checks": checks}
