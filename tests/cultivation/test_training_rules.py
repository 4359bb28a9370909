"""Counting of trainings: a session once, people where they come from, gaps first (C046–C050)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.attendance_lines import read_attendance_lines
from cultivation.rules.trainings import (
    AUDIENCES,
    TOPICS,
    Attended,
    Session,
    count_city,
    count_organization,
    count_topic,
    coverage_of,
)

CITY = 1
DISTRICTS = (10, 20, 30)
# A subject belongs to one district: 100–104 to 10, 200–204 to 20, 300–304 to 30.
ATTENDED = st.builds(
    lambda district, number, managers, hr: Attended(
        district * 10 + number, district, managers, hr if managers or hr else 1
    ),
    st.sampled_from(DISTRICTS),
    st.integers(0, 4),
    st.integers(0, 3),
    st.integers(0, 3),
)
SESSIONS = st.lists(
    st.builds(
        Session,
        pk=st.integers(1, 40),
        holder=st.sampled_from((CITY, *DISTRICTS)),
        topics=st.frozensets(st.sampled_from((*TOPICS, "OTHER")), min_size=1),
        attended=st.lists(ATTENDED, max_size=6, unique_by=lambda row: row.subject).map(tuple),
        others=st.integers(0, 5),
    ),
    max_size=15,
    unique_by=lambda session: session.pk,
)


@given(SESSIONS)
def test_sessions_of_all_holders_add_up_to_the_city_and_none_counts_twice(sessions: list[Session]) -> None:
    city = count_city(sessions)
    parts = [count_organization(sessions, place) for place in (CITY, *DISTRICTS)]
    assert sum(part.held for part in parts) == city.held == len(sessions)
    assert sum(part.held for part in parts[1:]) <= city.held
    assert sum(part.people for part in parts) == city.people
    assert sum(part.subjects for part in parts) == city.subjects


@given(SESSIONS)
def test_the_same_session_handed_in_twice_changes_nothing(sessions: list[Session]) -> None:
    assert count_city([*sessions, *sessions]) == count_city(sessions)
    for district in DISTRICTS:
        assert count_organization([*sessions, *sessions], district) == count_organization(sessions, district)


@given(SESSIONS)
def test_a_city_session_is_joined_by_districts_and_held_by_none(sessions: list[Session]) -> None:
    city_only = [session for session in sessions if session.holder == CITY]
    for district in DISTRICTS:
        count = count_organization(city_only, district)
        assert count.held == 0 and count.others == 0
        assert count.joined == sum(
            any(row.organization == district for row in session.attended) for session in city_only
        )


@given(SESSIONS)
def test_gaps_and_trained_pairs_make_up_the_whole_and_gaps_come_first(sessions: list[Session]) -> None:
    wanted = [district * 10 + number for district in DISTRICTS for number in range(5)]
    found = coverage_of(sessions, wanted)
    assert sorted(row.subject for row in found) == wanted
    numbers = [len(row.gaps) for row in found]
    assert numbers == sorted(numbers, reverse=True)
    for row in found:
        trained = {pair for pair in row.people if pair[0] in TOPICS}
        assert trained | set(row.gaps) == {(topic, who) for topic in TOPICS for who in AUDIENCES}
        assert not trained & set(row.gaps)


def test_a_city_training_of_two_districts_by_hand() -> None:
    session = Session(
        1,
        CITY,
        frozenset({TOPICS[0], TOPICS[1]}),
        (Attended(101, 10, 1, 2), Attended(201, 20, 0, 3)),
        others=4,
    )
    assert count_city([session]).held == 1
    assert count_city([session]).people == 10
    ten = count_organization([session], 10)
    assert (ten.held, ten.joined, ten.people, ten.subjects) == (0, 1, 3, 1)
    assert count_organization([session], CITY).people == 4
    cell = count_topic([session], 10, TOPICS[1], {101, 102})
    assert (cell.held, cell.joined, cell.people, cell.reached, cell.cultivated) == (0, 1, 3, 1, 2)
    assert count_topic([session], 10, TOPICS[2], {101, 102}).people == 0
    first, second = coverage_of([session], [101, 102])
    assert first.subject == 102 and len(first.gaps) == 8
    assert second.people[TOPICS[1], "HR"] == 2 and len(second.gaps) == 4


def test_pasted_lines_are_read_as_clerks_paste_them() -> None:
    text = "企业名称\t负责人\t人资\n甲公司\t1\t2\n\n91370400MA3ABCDE1X，３人\n乙 公司  4\n丙公司\n丁公司\t一个\n戊公司\t0\t0\n"
    lines = read_attendance_lines(text)
    assert [(line.number, line.who, line.managers, line.hr) for line in lines[:3]] == [
        (2, "甲公司", 1, 2),
        (4, "91370400MA3ABCDE1X", 0, 3),
        (5, "乙 公司", 0, 4),
    ]
    assert [line.who for line in lines if line.problem] == ["丙公司", "丁公司", "戊公司"]
    assert "没有人数" in lines[3].problem and "‘一个’" in lines[4].problem
    assert read_attendance_lines("甲公司\t3", single_is_manager=True)[0].managers == 3
