"""Coverage of the four levels, and 主动汇报、纳入规划、纳入考核 by body (notice 三（二）2, 四（一）)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, Value

from cultivation.enums import PolicyAdoptionKind, PolicyDocumentKind, SubjectKind
from cultivation.models import Coordinator, PolicyAdoption, PolicyDocument, Subject
from cultivation.rules.coverage import (
    LEVELS,
    Place,
    Share,
    body_share,
    coordinator_share,
    coverage_by_level,
    lacking_parties,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, SeatState
from zaozhuang_portal.accounts.models import Organization, Seat, TripartiteBody
from zaozhuang_portal.kernel.names import normalize_name


@dataclass(frozen=True)
class BodyNode:
    """One organization with its body (None: not even listed) and seats, and the places below it.

    `unregistered_parks`: parks a district cultivates that are no places of it yet, so that no number here knows them.
    """

    organization: Organization
    body: TripartiteBody | None
    seats: list[Seat]
    place: Place
    children: list[BodyNode]
    unregistered_parks: list[str] = field(default_factory=list)

    @property
    def vacant_seats(self) -> list[str]:
        """Seats nobody holds, and the parties an established body does not even list."""
        empty = [seat.get_kind_display() for seat in self.seats if seat.state == SeatState.NOT_ESTABLISHED]
        if not self.place.established:
            return empty
        listed = [seat.kind for seat in self.seats]
        lacking = lacking_parties(self.organization.level, listed, MemberUnitKind.values)
        return empty + [str(MemberUnitKind(kind).label) for kind in lacking]

    @property
    def unseated(self) -> bool:
        """Established, and nobody is said to sit in it."""
        return self.place.established and not self.seats

    @property
    def bodies(self) -> Share:
        """The places directly below."""
        return body_share("三方机构", [child.place for child in self.children])

    @property
    def coordinators(self) -> Share:
        return coordinator_share("协调员", [child.place for child in self.children])


@dataclass(frozen=True)
class BodyCoverage:
    levels: list[Share]
    coordinators: Share
    upper: list[BodyNode]
    districts: list[BodyNode]
    vacant_seats: list[str]
    unseated: list[str]

    @property
    def unregistered_parks(self) -> list[str]:
        return [name for node in self.districts for name in node.unregistered_parks]


def body_coverage(actor: Actor, *, today: date) -> BodyCoverage:
    """The tree of the actor's reach with its gaps. Statements: 3."""
    reach = Organization.objects.all() if actor.sees_whole_city else Organization.objects.visible_to(actor)
    return coverage_within(reach, today=today)


def coverage_within(reach: Any, *, today: date) -> BodyCoverage:
    """The tree of these organizations. Statements: 3 (organizations with bodies, seats, coordinators and parks)."""
    known = list(reach.select_related("tripartite_body").order_by("sort_order", "code"))
    organizations = [organization for organization in known if organization.is_active]
    pks = [organization.pk for organization in organizations]
    seats: dict[int, list[Seat]] = {}
    for seat in Seat.objects.filter(body__organization__in=pks).select_related("body", "unit").order_by("id"):
        seats.setdefault(seat.body.organization_id, []).append(seat)
    serving, parks = _serving_and_parks(pks, today)
    nodes = {
        organization.pk: _node(organization, seats.get(organization.pk, []), serving[organization.pk])
        for organization in organizations
    }
    for node in nodes.values():
        parent = nodes.get(node.organization.parent_id or 0)
        if parent is not None:
            parent.children.append(node)
    for district, name in _without_place(parks, known):
        nodes[district].unregistered_parks.append(name)
    places = [node.place for node in nodes.values()]
    return BodyCoverage(
        coverage_by_level(places),
        coordinator_share("乡镇（街道）、工业园区协调员", places),
        [node for node in nodes.values() if node.organization.level in {Level.PROVINCE, Level.CITY}],
        [node for node in nodes.values() if node.organization.level == Level.DISTRICT],
        [f"{node.organization.name}{kind}" for node in nodes.values() for kind in node.vacant_seats],
        [node.organization.name for node in nodes.values() if node.unseated],
    )


def _serving_and_parks(pks: list[int], today: date) -> tuple[Counter[int], list[tuple[int, str]]]:
    """Coordinators in service by place, and (district, name) of the parks cultivated: one UNION."""
    in_service = Q(appointed_on__lte=today) & (Q(left_on__isnull=True) | Q(left_on__gte=today))
    coordinators = (
        Coordinator.objects.live()
        .filter(in_service, township__in=pks)
        .order_by()
        .values_list("township_id", Value(""))
    )
    # A park that is tied to a park organization is a place already, whatever its name.
    parks = (
        Subject.objects.active()
        .of_kind(SubjectKind.INDUSTRIAL_PARK)
        .filter(managing_organization__in=pks)
        .exclude(township__level=Level.PARK)
        .order_by()
        .values_list("managing_organization_id", "name")
    )
    rows = list(coordinators.union(parks, all=True))
    serving = Counter(place for place, name in rows if not name)
    return serving, sorted((place, name) for place, name in rows if name)


def _without_place(parks: list[tuple[int, str]], known: Iterable[Organization]) -> Iterable[tuple[int, str]]:
    """The parks whose district has no place of that name, also none that was closed."""
    places = {(place.parent_id, normalize_name(place.name)) for place in known}
    return [(district, name) for district, name in parks if (district, normalize_name(name)) not in places]


def _node(organization: Organization, seats: list[Seat], coordinators: int) -> BodyNode:
    body: TripartiteBody | None = getattr(organization, "tripartite_body", None)
    place = Place(
        organization.pk,
        organization.name,
        organization.level,
        organization.parent_id,
        body is not None and body.established,
        coordinators,
    )
    return BodyNode(organization, body, seats, place, [])


@dataclass(frozen=True)
class AdoptionRow:
    """One body: its answers by (kind, year); a key that is not there was not answered."""

    organization: Organization
    answers: dict[tuple[str, int], PolicyAdoption]

    def achieved(self, kind: str, year: int) -> bool:
        answer = self.answers.get((kind, year))
        return answer is not None and answer.achieved

    def gaps(self, years: list[int]) -> list[str]:
        """The matters not achieved or not answered, in words."""
        found = []
        for year in years:
            for kind in PolicyAdoptionKind:
                answer = self.answers.get((kind.value, year))
                if answer is None or not answer.achieved:
                    word = "未做到" if answer else "未填报"
                    found.append(f"{year}年{kind.label}（{word}）")
        return found


@dataclass(frozen=True)
class AdoptionLevel:
    """One level of bodies. `shares`: achieved ÷ bodies of each year and matter, the gaps by name."""

    label: str
    rows: list[AdoptionRow]
    shares: list[Share]


@dataclass(frozen=True)
class AdoptionMatrix:
    """City, districts, and townships and parks; a level without a body in reach is left out."""

    levels: list[AdoptionLevel]

    @property
    def upper(self) -> list[AdoptionLevel]:
        return [level for level in self.levels if level.label != LEVELS[-1][1]]

    @property
    def places(self) -> AdoptionLevel | None:
        """Townships and parks."""
        return next((level for level in self.levels if level.label == LEVELS[-1][1]), None)


def adoption_matrix(actor: Actor, *, years: list[int]) -> AdoptionMatrix:
    """Bodies in reach × three matters × years, level by level. Statements: 2."""
    answers = PolicyAdoption.objects.visible_to(actor).live()
    bodies = Organization.objects.all()
    if not actor.sees_whole_city:
        home = actor.district.pk if actor.district else 0
        bodies = bodies.filter(Q(pk=home) | Q(parent_id=home))
    return adoptions_of(bodies, answers, years=years)


def adoptions_of(bodies: Any, answers: Any, *, years: list[int]) -> AdoptionMatrix:
    """The matrix of these organizations; `answers` are the adoptions that count. Statements: 2."""
    wanted = [level for _, _, levels in LEVELS[1:] for level in levels]
    listed = list(
        bodies.filter(level__in=wanted, is_active=True)
        .select_related("parent")
        .order_by("parent__sort_order", "sort_order", "code")
    )
    own: dict[int, dict[tuple[str, int], PolicyAdoption]] = {}
    for answer in answers.filter(year_id__in=years).order_by("id"):
        place = answer.township_id or answer.organization_id
        own.setdefault(place, {})[answer.kind, answer.year_id] = answer
    levels = []
    for _, label, names in LEVELS[1:]:
        rows = [AdoptionRow(body, own.get(body.pk, {})) for body in listed if body.level in names]
        if rows:
            levels.append(AdoptionLevel(label, rows, _adoption_shares(rows, years)))
    return AdoptionMatrix(levels)


def _adoption_shares(rows: list[AdoptionRow], years: list[int]) -> list[Share]:
    return [
        Share(
            f"{year}年{kind.label}",
            sum(row.achieved(kind.value, year) for row in rows),
            len(rows),
            tuple(row.organization.name for row in rows if not row.achieved(kind.value, year)),
        )
        for year in years
        for kind in PolicyAdoptionKind
    ]


def policy_shelf(actor: Actor) -> list[tuple[str, list[PolicyDocument]]]:
    """The documents the actor may read by kind, the newest first. One statement."""
    shelves: dict[str, list[PolicyDocument]] = {kind.value: [] for kind in PolicyDocumentKind}
    documents = (
        PolicyDocument.objects.visible_to(actor)
        .live()
        .select_related("organization")
        .order_by("-issued_on", "-id")
    )
    for document in documents:
        shelves[document.kind].append(document)
    return [(PolicyDocumentKind(kind).label, rows) for kind, rows in shelves.items()]
