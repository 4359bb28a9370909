"""Teams: exclusions with their reasons, pairs of different parties, even loads, the same record the same teams."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.rules.spot_checks.draw import ticket
from evaluation.rules.spot_checks.inspectors import (
    DECLARED_INTEREST,
    OWN_DISTRICT,
    OWN_PAIRING,
    VERIFIED_BEFORE,
    CheckRow,
    Exclusion,
    InspectorRow,
    Interest,
    TeamError,
    assign_teams,
    list_exclusions,
    order_inspectors,
)
from evaluation.rules.spot_checks.seeds import SEATS

SEED = "12345678901234567890"
PARTIES = list(SEATS)
EIGHT = [InspectorRow(f"J{number:03}", f"检查员{number}", PARTIES[number % 4]) for number in range(8)]
CHECKS = [CheckRow(f"9137{number:03}", f"企业{number}", "370481") for number in range(12)]


def test_order_is_by_ticket_of_the_staff_number() -> None:
    ordered = order_inspectors(SEED, EIGHT)
    assert [one.ticket for one in ordered] == sorted(
        ticket(SEED, f"inspector:{row.staff_number}", 1) for row in EIGHT
    )
    assert order_inspectors(SEED, reversed(EIGHT)) == ordered
    assert order_inspectors(SEED, [replace(row, name="改名") for row in EIGHT])[0].ticket == ordered[0].ticket


@given(st.permutations(EIGHT), st.text("0123456789", min_size=20, max_size=24))
def test_pairs_are_of_different_parties_and_loads_even(rows: list[InspectorRow], seed: str) -> None:
    teams = assign_teams(seed, rows, CHECKS)
    assert teams == assign_teams(seed, EIGHT, CHECKS)
    assert [team.check_id for team in teams] == [check.id for check in CHECKS]
    assert all(team.lead.party != team.second.party for team in teams)
    load = Counter(one.staff_number for team in teams for one in (team.lead, team.second))
    assert set(load.values()) <= {2, 3, 4}
    assert sum(load.values()) == 2 * len(CHECKS)


def test_the_first_by_ticket_leads_and_whoever_had_fewer_goes_first() -> None:
    ordered = order_inspectors(SEED, EIGHT)
    first = assign_teams(SEED, EIGHT, CHECKS[:1])[0]
    assert first.lead == ordered[0]
    assert first.second == next(one for one in ordered if one.party != ordered[0].party)
    later = assign_teams(SEED, EIGHT, CHECKS[:1], assigned={ordered[0].staff_number: 1})[0]
    assert later.lead == ordered[1]


@given(st.permutations(EIGHT), st.sets(st.sampled_from([row.staff_number for row in EIGHT])))
def test_whoever_leads_can_write_in_the_portal(rows: list[InspectorRow], on_paper: set[str]) -> None:
    people = [replace(row, account=row.staff_number not in on_paper) for row in rows]
    for team in assign_teams(SEED, people, CHECKS):
        with_account = {row.party for row in people if row.account}
        assert team.lead.account or with_account <= {team.lead.party}
        assert team.lead.party != team.second.party


def test_an_account_changes_only_who_leads_the_drawn_pair() -> None:
    drawn = assign_teams(SEED, EIGHT, CHECKS[:1])[0]
    first, second = (one.staff_number for one in (drawn.lead, drawn.second))
    people = [replace(row, account=row.staff_number != first) for row in EIGHT]
    swapped = assign_teams(SEED, people, CHECKS[:1])[0]
    assert (swapped.lead.staff_number, swapped.second.staff_number) == (second, first)


def test_exclusions_are_listed_with_every_reason() -> None:
    rows = [replace(EIGHT[0], district="370481"), *EIGHT[1:]]
    check = CHECKS[0]
    interests = [
        Interest("J000", check.id, DECLARED_INTEREST, "亲属任职"),
        Interest("J001", check.id, OWN_PAIRING),
        Interest("J002", check.id, VERIFIED_BEFORE),
        Interest("J003", "370481", DECLARED_INTEREST, "曾任职"),
        Interest("J004", "370402", DECLARED_INTEREST, "他区"),
    ]
    expected = (
        Exclusion(check.id, "J000", "检查员0", OWN_DISTRICT),
        Exclusion(check.id, "J000", "检查员0", DECLARED_INTEREST, "亲属任职"),
        Exclusion(check.id, "J001", "检查员1", OWN_PAIRING),
        Exclusion(check.id, "J002", "检查员2", VERIFIED_BEFORE),
        Exclusion(check.id, "J003", "检查员3", DECLARED_INTEREST, "曾任职"),
    )
    assert list_exclusions(rows, [check], interests) == expected
    assert expected[1].sentence == "检查员0：申报了利害关系（亲属任职）"
    [team] = assign_teams(SEED, rows, [check], interests)
    assert team.excluded == expected
    assert {team.lead.staff_number, team.second.staff_number} <= {"J004", "J005", "J006", "J007"}


def test_no_pair_is_refused_with_why() -> None:
    rows = [
        InspectorRow("1", "甲", "HRSS"),
        InspectorRow("2", "乙", "HRSS"),
        InspectorRow("3", "丙", "TRADE_UNION_FEDERATION", "370481"),
    ]
    elsewhere = CheckRow("other", "他区企业", "370402")
    with pytest.raises(TeamError) as refused:
        assign_teams(SEED, rows, [CHECKS[0], elsewhere, CHECKS[1]])
    assert [(one.code, one.path) for one in refused.value.problems] == [
        ("NO_PAIR", CHECKS[0].id),
        ("NO_PAIR", CHECKS[1].id),
    ]
    assert "“企业0”" in refused.value.message
    assert "甲（人社局）" in refused.value.message
    assert "丙：在被检查区（市）工作" in refused.value.message
    with pytest.raises(TeamError, match="没有可派的"):
        assign_teams(SEED, [], [elsewhere])


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([InspectorRow("", "甲", "HRSS")], "BAD_STAFF_NUMBER"),
        ([InspectorRow("1 ", "甲", "HRSS")], "BAD_STAFF_NUMBER"),
        ([InspectorRow("1\n2", "甲", "HRSS")], "BAD_STAFF_NUMBER"),
        ([InspectorRow("1", "甲", "HRSS"), InspectorRow("1", "乙", "HRSS")], "DUPLICATE_STAFF_NUMBER"),
        ([InspectorRow("1", "甲", "BANK")], "BAD_PARTY"),
    ],
)
def test_inspectors_refused(rows: list[InspectorRow], code: str) -> None:
    with pytest.raises(TeamError) as refused:
        order_inspectors(SEED, rows)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_checks_and_reasons_refused() -> None:
    with pytest.raises(TeamError, match="两次"):
        assign_teams(SEED, EIGHT, [CHECKS[0], CHECKS[0]])
    with pytest.raises(TeamError, match="回避理由"):
        assign_teams(SEED, EIGHT, CHECKS, [Interest("J000", CHECKS[0].id, "FRIEND")])
