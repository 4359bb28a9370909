"""Every registered ledger: who lists, enters, reads, changes and removes own, sibling and foreign rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from cultivation.ledgers.base import Ledger, all_ledgers
from tests.matrix.ledgers import entries_of
from tests.matrix.matrix import Entry
from tests.matrix.test_matrix import Asked, check_anonymous, check_role, world
from tests.matrix.world import RELATIONS, World
from zaozhuang_portal.accounts.enums import Role

__all__ = ["world"]

pytestmark = [pytest.mark.matrix, pytest.mark.django_db]


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Two districts with a row of every ledger; rolled back at the end."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            made = World()
            for ledger in all_ledgers():
                made.build(f"record:{ledger.slug}")
            made.sign_everybody_in()
            yield made
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


def problems_of(entry: Entry, world: World) -> list[str]:
    problems: list[str] = []
    for role in Role.values:
        for relation in RELATIONS if entry.object else ("own",):
            for method in ("GET",) if "GET" in entry.methods else entry.methods:
                check_role(entry, world, role, relation, method, problems)
    check_anonymous(entry, world, [entry.methods[0]], problems)
    if entry.shows:
        asked = Asked(world, entry, next(iter(entry.allow)), "own", "GET")
        if world.own.canary not in asked.text:
            problems.append(f"{asked.what}: does not show its own row ({world.own.canary})")
    return problems


@pytest.mark.parametrize("ledger", all_ledgers(), ids=lambda ledger: ledger.slug)
def test_who_may(ledger: Ledger, world: World) -> None:
    problems = [text for entry in entries_of(ledger) for text in problems_of(entry, world)]
    assert not problems, "\n".join(problems)
