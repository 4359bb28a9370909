"""Every kind of record with files says when it is sealed; a new kind that does not is found here."""

from __future__ import annotations

import pytest

from cultivation.services.visit_photos import VISIT_DRAFT
from zaozhuang_portal.operations import access

# Never filed, accepted or confirmed: their files come and go with who may write them.
NEVER_SEALED = {
    "Subject",  # the dossier of a firm
    "Improvement",  # what a unit undertook by itself; nobody confirms it
    "ImportBatch",  # the stamped source of an import; an undone batch takes no files
    VISIT_DRAFT,  # photos of a visit not saved yet
    "job",  # made by the portal, removed by its own rule
}


def registered() -> dict[str, access.AttachmentAccess]:
    return {kind: rule for kind, rule in access._access.items() if not kind.startswith(("matrix.", "test"))}


def test_every_kind_of_owner_says_when_it_is_sealed():
    assert {
        kind for kind, rule in registered().items() if rule.sealing is access.never_sealed
    } == NEVER_SEALED


def test_whoever_can_be_sealed_is_held_while_a_file_is_written():
    """Without the lock a removal passes between the look at the state and the act that seals."""
    sealed = {kind for kind, rule in registered().items() if rule.sealing is not access.never_sealed}
    by_year = {kind for kind in sealed if registered()[kind].hold is None}
    assert "AnnualReport" in sealed - by_year and "WorkPlan" in sealed - by_year
    # Ledger rows are sealed with their year, by an act of the city that is not raced for.
    assert not by_year & {"AnnualReport", "WorkPlan", "PlanCountersigning", "RosterCountersigning", "answer"}


@pytest.mark.django_db
def test_an_owner_that_is_not_there_is_open():
    """Asked about a file whose owner is gone, every rule answers."""
    assert {rule.sealing(0).now for rule in registered().values()} == {False}
    assert access.sealing_of("nobody registered this", 1) == access.OPEN
