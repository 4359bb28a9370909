"""Counting of 专题培训 (notice 三（二）1, C046–C050): a session once, people where they come from, coverage by topic.

Codes of topics and audiences are the stored ones of cultivation.enums.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

# The four groups of the notice; 其他 is shown and never a gap.
TOPICS = ("LAW_AND_POLICY", "WAGES_AND_HOURS", "DEMOCRACY_AND_BARGAINING", "DISPUTE_PREVENTION")
AUDIENCES = ("MANAGERS", "HR")
COUNTING_SENTENCE = (
    "一场培训只计一次场次，记在主办方名下：市级培训计入全市，不计入区（市）的场次；"
    "各区（市）按本区（市）的参训对象计人次。"
)


@dataclass(frozen=True)
class Attended:
    """People (人次) of one subject at one session. `organization` is the district it counts for."""

    subject: int
    organization: int
    managers: int = 0
    hr: int = 0


@dataclass(frozen=True)
class Session:
    """One training. `holder`: the district or city that entered it. `others`: people of no registered subject."""

    pk: int
    holder: int
    topics: frozenset[str] = frozenset()
    attended: tuple[Attended, ...] = ()
    others: int = 0


@dataclass(frozen=True)
class Count:
    """`held` sessions of its own; `joined` sessions of others where it had people (never added to `held`)."""

    held: int = 0
    joined: int = 0
    managers: int = 0
    hr: int = 0
    others: int = 0
    subjects: int = 0

    @property
    def people(self) -> int:
        return self.managers + self.hr + self.others


def count_city(sessions: Iterable[Session]) -> Count:
    """The whole city: each session once, however many districts took part."""
    rows = list({session.pk: session for session in sessions}.values())
    attended = [row for session in rows for row in session.attended]
    return Count(
        held=len(rows),
        managers=sum(row.managers for row in attended),
        hr=sum(row.hr for row in attended),
        others=sum(session.others for session in rows),
        subjects=len({row.subject for row in attended}),
    )


def count_organization(sessions: Iterable[Session], organization: int) -> Count:
    """One district (or the city body itself): sessions it held, and its own people wherever they were trained."""
    rows = list({session.pk: session for session in sessions}.values())
    own = [row for session in rows for row in session.attended if row.organization == organization]
    joined = [
        session
        for session in rows
        if session.holder != organization
        and any(row.organization == organization for row in session.attended)
    ]
    held = [session for session in rows if session.holder == organization]
    return Count(
        held=len(held),
        joined=len(joined),
        managers=sum(row.managers for row in own),
        hr=sum(row.hr for row in own),
        others=sum(session.others for session in held),
        subjects=len({row.subject for row in own}),
    )


@dataclass(frozen=True)
class Coverage:
    """One cultivated subject: 人次 by (topic, audience); `gaps` are the pairs nobody came for."""

    subject: int
    people: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def gaps(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (topic, audience)
            for topic in TOPICS
            for audience in AUDIENCES
            if not self.people.get((topic, audience))
        )


def coverage_of(sessions: Iterable[Session], subjects: Collection[int]) -> list[Coverage]:
    """Every subject of `subjects` × audience × topic, the ones with most gaps first (then in the given order).

    A session with several topics covers each of them.
    """
    people: dict[int, dict[tuple[str, str], int]] = {subject: {} for subject in subjects}
    for session in {session.pk: session for session in sessions}.values():
        for row in session.attended:
            if row.subject not in people:
                continue
            for topic in session.topics:
                for audience, number in (("MANAGERS", row.managers), ("HR", row.hr)):
                    if number:
                        cells = people[row.subject]
                        cells[topic, audience] = cells.get((topic, audience), 0) + number
    found = [Coverage(subject, cells) for subject, cells in people.items()]
    return sorted(found, key=lambda row: -len(row.gaps))


@dataclass(frozen=True)
class TopicCount:
    """District × topic: sessions held and joined, people trained, cultivated subjects reached out of all."""

    held: int
    joined: int
    people: int
    reached: int
    cultivated: int


def count_topic(
    sessions: Iterable[Session], organization: int, topic: str, cultivated: Collection[int]
) -> TopicCount:
    """One cell of the matrix district × topic. `cultivated`: the district's cultivated subjects of the year."""
    about = [session for session in sessions if topic in session.topics]
    count = count_organization(about, organization)
    present = {row.subject for session in about for row in session.attended if row.managers or row.hr}
    reached = len(present & set(cultivated))
    return TopicCount(count.held, count.joined, count.managers + count.hr, reached, len(cultivated))
