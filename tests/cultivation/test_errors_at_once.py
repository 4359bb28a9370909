"""Errors of single columns and across columns are said together, and no sound column is accused for a wrong one's sake."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cultivation.ledgers.base import Ledger, all_ledgers, find_ledger
from cultivation.services.ledger_values import check_across, examine_record
from tests.cultivation.ledger_factories import valid_values
from tests.cultivation.lives import now, today
from tests.factories import make_actor, make_organization, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role

pytestmark = pytest.mark.django_db
LEDGERS = sorted(ledger.slug for ledger in all_ledgers())


def named(slug: str) -> Ledger:
    ledger = find_ledger(slug)
    assert ledger is not None
    return ledger


def keeper(ledger: Ledger) -> Actor:
    make_year()
    if Role.DISTRICT_OFFICE in ledger.keepers:
        return make_actor(Role.DISTRICT_OFFICE)
    return make_actor(Role.CITY_OFFICE)


@pytest.mark.parametrize("slug", LEDGERS)
def test_a_sound_column_is_not_accused(slug: str) -> None:
    ledger = named(slug)
    actor = keeper(ledger)
    place = make_organization(Level.DISTRICT) if actor.is_city else actor.organization
    given = valid_values(ledger, place, actor)
    values = examine_record(actor=actor, ledger=ledger, record=None, values=given, now=now()).values
    for key in values:
        others = {name: value for name, value in values.items() if name != key}
        assert check_across(actor, ledger, None, others, {key}) == [], key


BEFORE = timedelta(days=3)


@pytest.mark.parametrize(
    ("slug", "wrong", "fields"),
    [
        ("visits", {"follow_up_due": -BEFORE, "topic": "题" * 130}, {"follow_up_due", "topic"}),
        ("pairings", {"ends_on": -BEFORE, "note": "注" * 300}, {"ends_on", "note"}),
        ("awareness", {"numerator": 9, "denominator": 5, "note": "注" * 300}, {"numerator", "note"}),
        (
            "best-practices",
            {"consented_by": "", "consented_on": -BEFORE, "title": ""},
            {"consented_by", "title"},
        ),
        ("incentives", {"effective_until": -BEFORE * 30, "name": ""}, {"effective_until", "name"}),
    ],
)
def test_both_kinds_are_said_together(slug: str, wrong: dict[str, Any], fields: set[str]) -> None:
    ledger = named(slug)
    actor = keeper(ledger)
    place = make_organization(Level.DISTRICT) if actor.is_city else actor.organization
    values = valid_values(ledger, place, actor)
    if ledger.subject_column is not None and not values.get(ledger.subject_column.key):
        values |= {ledger.subject_column.key: valid_values(named("visits"), place, actor)["subject"]}
    starts = {"visits": "happened_on", "pairings": "starts_on", "incentives": "effective_from"}
    if slug in starts:
        values |= {starts[slug]: today()}
    values |= {key: today() + day if isinstance(day, timedelta) else day for key, day in wrong.items()}
    draft = examine_record(actor=actor, ledger=ledger, record=None, values=values, now=now())
    assert {slip.field for slip in draft.slips if not slip.warning} == fields
