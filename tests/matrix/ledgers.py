"""The common ledger pages: every page for 指导服务 here, reading and writing of every ledger in test_ledger_matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cultivation.ledgers.base import ColumnKind, Ledger, all_ledgers, find_ledger
from cultivation.models import SavedFilter
from cultivation.services.ledgers import remove_record
from tests.cultivation.ledger_factories import make_record
from tests.matrix.cultivation import READERS
from tests.matrix.matrix import EVERYONE, Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

FORM = ("GET", "POST")
SHOWN = frozenset({ColumnKind.TEXT, ColumnKind.SUBJECT, ColumnKind.RECORD})


def record_of(ledger: Ledger, world: World, place: Place) -> Any:
    """A row of the place with its canary in every text, done for the place's subject where the ledger has one."""
    columns = ledger.by_key
    given: dict[str, Any] = {"note": f"{place.canary}备注"} if "note" in columns else {}
    subject = columns.get("subject")
    if subject is not None and (not subject.subject_kinds or place.subject.kind in subject.subject_kinds):
        given["subject"] = place.subject
    return make_record(
        ledger, place.district, actor=None, word=place.canary, township=place.township, **given
    )


def is_placed(ledger: Ledger) -> bool:
    """Whether such a row belongs to a township, by its subject or by naming it."""
    return ledger.subject_column is not None or "township" in ledger.by_key


def reach(ledger: Ledger, roles: Iterable[str], *, record: bool) -> dict[str, str]:
    """Who gets there. Of a row: townships only where rows have a place, instructors write for the subjects looked after."""
    allowed = {role: "own" for role in Role.values if role in set(roles)}
    if record and not is_placed(ledger):
        allowed.pop("TOWNSHIP_STAFF", None)
    return allowed


def readers(ledger: Ledger, *, record: bool) -> dict[str, str]:
    contact = {"SUBJECT_CONTACT"} if ledger.contact_reads else set()
    return reach(ledger, set(ledger.readers) | contact, record=record)


@dataclass(frozen=True)
class Builder:
    ledger: Ledger

    def __call__(self, world: World, place: Place) -> dict[str, Any]:
        return {"slug": self.ledger.slug, "pk": record_of(self.ledger, world, place).pk}


for _ledger in all_ledgers():
    register_object(f"record:{_ledger.slug}")(Builder(_ledger))

VISITS = find_ledger("visits")
assert VISITS is not None


@register_object("removed_record")
def removed_record(world: World, place: Place) -> dict[str, Any]:
    record = record_of(VISITS, world, place)
    remove_record(actor=world.actors["CITY_OFFICE"], ledger=VISITS, record=record, now=clock.now())
    return {"slug": VISITS.slug, "pk": record.pk}


@register_object("saved_filter")
def saved_filter(world: World, place: Place) -> SavedFilter:
    """Nobody else's: what colleagues share is in tests/cultivation/test_saved_filters.py."""
    return SavedFilter.objects.create(
        owner=world.actors["LEADER"].user,
        organization=place.district,
        page="ledger:visits",
        name=f"{place.canary}筛选",
        query="mode=PHONE",
        created_at=clock.now(),
    )


def entries_of(ledger: Ledger) -> Iterator[Entry]:
    """List, record and removal of one ledger; its other pages stand behind the same two guards."""
    named = f"record:{ledger.slug}"
    shown = named if ledger.title_column.kind in SHOWN else ""
    yield Entry(
        "cultivation:ledger_list",
        readers(ledger, record=False),
        kwargs={"slug": ledger.slug},
        shows=shown,
    )
    yield Entry("cultivation:ledger_detail", readers(ledger, record=True), object=named, shows=named)
    keepers = reach(ledger, ledger.keepers, record=True)
    yield Entry("cultivation:ledger_remove", keepers, object=named, methods=("POST",))


KEEPERS = reach(VISITS, VISITS.keepers, record=True)
ENTRIES = [
    *entries_of(VISITS),
    Entry("cultivation:ledger_create", KEEPERS, kwargs={"slug": "visits"}, methods=FORM),
    Entry("cultivation:ledger_edit", KEEPERS, object="record:visits", methods=FORM),
    Entry("cultivation:ledger_home", READERS | {"SUBJECT_CONTACT": "own"}),
    Entry("cultivation:ledger_bin", KEEPERS, kwargs={"slug": "visits"}, shows="removed_record"),
    Entry(
        "cultivation:ledger_bulk", KEEPERS, kwargs={"slug": "visits"}, methods=("POST",), data={"pk": ["x"]}
    ),
    Entry("cultivation:ledger_restore", KEEPERS, object="removed_record", methods=("POST",)),
    Entry(
        "cultivation:ledger_paper",
        readers(VISITS, record=True),
        object="record:visits",
        shows="record:visits",
    ),
    Entry("cultivation:ledger_upload", KEEPERS, object="record:visits", methods=("POST",)),
    Entry(
        "cultivation:ledger_inline",
        KEEPERS,
        object="record:visits",
        methods=FORM,
        status=frozenset({200, 404, 422}),
    ),
    Entry("cultivation:subject_suggestions", EVERYONE, query="?q=机械"),
    Entry("cultivation:saved_filter_list", READERS | {"SUBJECT_CONTACT": "own"}, query="?list=ledger:visits"),
    Entry(
        "cultivation:saved_filter_create",
        READERS | {"SUBJECT_CONTACT": "own"},
        query="?list=ledger:visits&query=mode%3DPHONE",
        methods=FORM,
    ),
    Entry(
        "cultivation:saved_filter_change",
        {"LEADER": "own"},
        object="saved_filter",
        methods=("POST",),
        data={"act": "share"},
    ),
]
