"""检查组: inspectors in the order of their tickets, kept from what concerns them, in pairs of different parties (design §4a)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.rules.problems import Problem, Problems, ProblemsError
from evaluation.rules.spot_checks.draw import read_seed, ticket
from evaluation.rules.spot_checks.seeds import SEATS
from zaozhuang_portal.kernel.parsing import quote

OWN_DISTRICT, OWN_PAIRING = "OWN_DISTRICT", "OWN_PAIRING"
VERIFIED_BEFORE, DECLARED_INTEREST = "VERIFIED_BEFORE", "DECLARED_INTEREST"
# 回避理由, in the order in which they are listed.
EXCLUSION_REASONS: dict[str, str] = {
    OWN_DISTRICT: "在被检查区（市）工作",
    OWN_PAIRING: "与被检查对象结对",
    VERIFIED_BEFORE: "核验过该对象的自评",
    DECLARED_INTEREST: "申报了利害关系",
}
_ORDER = {code: number for number, code in enumerate(EXCLUSION_REASONS)}


class TeamError(ProblemsError):
    """Teams cannot be made; every check without one is told, with why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems, code="teams")


@dataclass(frozen=True)
class InspectorRow:
    """One 检查人员. `party` is a key of SEATS, `district` the code of the district he works in, "" for the city.

    `account`: may write in the portal; without one he signs on paper and the 主检 types.
    """

    staff_number: str
    name: str
    party: str
    district: str = ""
    account: bool = True


@dataclass(frozen=True)
class CheckRow:
    """One check that needs a team. `id` is the subject's code, or the district's for 落实情况检查; never a database key."""

    id: str
    name: str
    district: str


@dataclass(frozen=True)
class Interest:
    """What keeps an inspector from a check beside his district. `target` is a check's id or a whole district's code."""

    staff_number: str
    target: str
    reason: str
    words: str = ""


@dataclass(frozen=True)
class Exclusion:
    """回避 of one inspector from one check, as it is listed."""

    check_id: str
    staff_number: str
    name: str
    reason: str
    words: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.name}：{EXCLUSION_REASONS[self.reason]}{f'（{self.words}）' if self.words else ''}"


@dataclass(frozen=True)
class Member:
    staff_number: str
    name: str
    party: str
    ticket: str
    account: bool = True


@dataclass(frozen=True)
class Team:
    """`lead` is 主检. `excluded` are those who were kept from this check."""

    check_id: str
    lead: Member
    second: Member
    excluded: tuple[Exclusion, ...] = ()


def inspector_id(staff_number: str) -> str:
    """What is drawn of an inspector: `inspector:<staff number>`."""
    return f"inspector:{staff_number}"


def order_inspectors(seed: str, inspectors: Iterable[InspectorRow]) -> tuple[Member, ...]:
    """All by (ticket, id). Raises DrawError (seed) and TeamError (staff number empty or twice, party unknown)."""
    digits, rows = read_seed(seed), list(inspectors)
    _check_inspectors(rows)
    members = [
        Member(
            row.staff_number,
            row.name,
            row.party,
            ticket(digits, inspector_id(row.staff_number), 1),
            row.account,
        )
        for row in rows
    ]
    return tuple(sorted(members, key=lambda one: (one.ticket, one.staff_number)))


def list_exclusions(
    inspectors: Iterable[InspectorRow], checks: Iterable[CheckRow], interests: Iterable[Interest] = ()
) -> tuple[Exclusion, ...]:
    """Every 回避 in the order of the checks, then by staff number, each with each of its reasons."""
    stated: dict[tuple[str, str], list[Interest]] = {}
    for interest in interests:
        if interest.reason not in EXCLUSION_REASONS:
            words = f"回避理由{quote(interest.reason)}不认识。请改用 {'、'.join(EXCLUSION_REASONS)}。"
            raise TeamError((Problem("BAD_REASON", interest.staff_number, words),))
        stated.setdefault((interest.staff_number, interest.target), []).append(interest)
    rows = sorted(inspectors, key=lambda row: row.staff_number)
    found: list[Exclusion] = []
    for check in checks:
        for row in rows:
            reasons = {(OWN_DISTRICT, "")} if row.district and row.district == check.district else set()
            for target in {check.id, check.district}:
                reasons |= {(one.reason, one.words) for one in stated.get((row.staff_number, target), ())}
            found += [
                Exclusion(check.id, row.staff_number, row.name, reason, words)
                for reason, words in sorted(reasons, key=lambda pair: (_ORDER[pair[0]], pair[1]))
            ]
    return tuple(found)


def assign_teams(
    seed: str,
    inspectors: Iterable[InspectorRow],
    checks: Sequence[CheckRow],
    interests: Iterable[Interest] = (),
    *,
    assigned: Mapping[str, int] | None = None,
) -> tuple[Team, ...]:
    """A pair of different parties for every check, in the order of the checks.

    Of those not excluded: first whoever has the fewest assignments so far (`assigned`: staff number → assignments of
    before), ties by (ticket, id); then the next of another party, one with an account where the first has none. The first
    with an account is 主检, the first of all where neither has. Raises DrawError (seed), TeamError.
    """
    rows = list(inspectors)
    ordered = order_inspectors(seed, rows)
    excluded: dict[str, list[Exclusion]] = {check.id: [] for check in checks}
    problems = Problems()
    if len(excluded) < len(checks):
        problems.add("DUPLICATE_CHECK", "", "同一检查对象列了两次。请删去重复的。")
        raise TeamError(problems.as_tuple())
    for one in list_exclusions(rows, checks, interests):
        excluded[one.check_id].append(one)
    load = {member.staff_number: (assigned or {}).get(member.staff_number, 0) for member in ordered}
    rank = {member.staff_number: number for number, member in enumerate(ordered)}
    teams = []
    for check in checks:
        kept_off = {one.staff_number for one in excluded[check.id]}
        eligible = sorted(
            (member for member in ordered if member.staff_number not in kept_off),
            key=lambda member: (load[member.staff_number], rank[member.staff_number]),
        )
        others = [member for member in eligible if member.party != eligible[0].party]
        if not others:
            problems.add("NO_PAIR", check.id, _no_pair(check, eligible, excluded[check.id]))
            continue
        lead = eligible[0]
        second = next((member for member in others if lead.account or member.account), others[0])
        if second.account and not lead.account:
            lead, second = second, lead
        teams.append(Team(check.id, lead, second, tuple(excluded[check.id])))
        for member in (lead, second):
            load[member.staff_number] += 1
    if problems:
        raise TeamError(problems.as_tuple())
    return tuple(teams)


def _no_pair(check: CheckRow, eligible: Sequence[Member], excluded: Sequence[Exclusion]) -> str:
    if eligible:
        who = "、".join(f"{member.name}（{SEATS[member.party]}）" for member in eligible)
        left = f"可派的只有 {who}，须有不同方的两人"
    else:
        left = "没有可派的检查人员"
    kept_off = f"回避：{'；'.join(one.sentence for one in excluded)}。" if excluded else ""
    return f"“{check.name}”派不出检查组：{left}。{kept_off}请在检查人员名录中补充其他方的人员。"


def _check_inspectors(rows: Iterable[InspectorRow]) -> None:
    problems, seen = Problems(), set()
    for row in rows:
        number = row.staff_number
        if not number or number != number.strip() or not number.isprintable():
            problems.add(
                "BAD_STAFF_NUMBER", number, f"检查人员“{row.name}”的工号为空或首尾有空格。请改正工号。"
            )
        elif number in seen:
            problems.add(
                "DUPLICATE_STAFF_NUMBER", number, f"工号{quote(number)}（{row.name}）重复。请改正工号。"
            )
        if row.party not in SEATS:
            problems.add(
                "BAD_PARTY", number, f"检查人员“{row.name}”的所属方{quote(row.party)}不认识。请改正所属方。"
            )
        seen.add(number)
    if problems:
        raise TeamError(problems.as_tuple())
