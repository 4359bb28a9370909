"""Work that waits, of any kind, as rows of one UNION. Apps describe their kinds as parts; the count of a part is the
number of its rows, so the workbench, the badge and the inbox cannot tell different stories."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    Field,
    IntegerField,
    Min,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from zaozhuang_portal.operations.models import Reminder

# More than one person can look through; the page says when it stops there.
MOST = 1000
_NEVER = date(9999, 12, 31)
Identity = tuple[str, str]


@dataclass(frozen=True)
class TodoPart:
    """One kind of work that waits for somebody. `key` is its word in addresses, `act` the 事项 of a row, `label` and
    `unit` the line of the workbench that counts it, `url` the list behind that number (empty: the inbox itself).

    `what`, `note`, `place`, `arrived`, `due`, `aux`: a column, an expression or a constant; empty when there is none.
    `target` is the key `page` needs; `aux` a second one. `identity` names the thing itself, for reminders.
    `quiet`: nobody is late with it, and it never alarms. `reassign`: the kind of cultivation.services.reassigning, when a
    row may be given to a colleague. `tell`: the page of those who are reminded of it, for things that wait for others.
    """

    key: str
    act: str
    label: str
    unit: str
    rows: QuerySet[Any]
    page: Callable[[int, int | None], str]
    what: Any
    place: Any = None
    note: Any = None
    arrived: Any = None
    due: Any = None
    target: str = "pk"
    aux: Any = None
    identity: Callable[[int, int | None], Identity] | None = None
    urgent: bool = False
    quiet: bool = False
    url: str = ""
    reassign: str = ""
    tell: Callable[[int, int | None], str] | None = None


@dataclass(frozen=True)
class TodoRow:
    """One thing that waits. `reminded` is filled by with_reminders()."""

    part: TodoPart
    target: int
    aux: int | None
    what: str
    note: str
    place: str
    arrived: datetime | None
    due: date | None
    reminded: Reminder | None = field(default=None, compare=False)

    @property
    def token(self) -> str:
        """Its word in addresses and tick boxes."""
        return f"{self.part.key}.{self.target}.{self.aux or 0}"

    @property
    def url(self) -> str:
        return self.part.page(self.target, self.aux)

    @property
    def identity(self) -> Identity | None:
        return self.part.identity(self.target, self.aux) if self.part.identity else None

    @property
    def remindable(self) -> bool:
        """It waits for others, who can be told."""
        return self.part.tell is not None

    @property
    def order(self) -> tuple[str, str, str]:
        """By deadline (none last), then by arrival; the same in every database."""
        return (
            (self.due or _NEVER).isoformat(),
            self.arrived.isoformat() if self.arrived else "",
            self.token,
        )


def _column(value: Any, kind: Field[Any, Any], empty: Any = None) -> Any:
    """A column, an expression or a constant as an expression of this type: a UNION needs the same in each branch."""
    if value is None:
        return Cast(Value(empty), kind)
    if isinstance(value, str) and isinstance(kind, CharField):
        return Cast(F(value), kind)
    if isinstance(value, str):
        return F(value)
    if isinstance(value, date | int):
        return Cast(Value(value, kind), kind)
    return Cast(value, kind) if isinstance(kind, CharField) else value


def _by(part: TodoPart) -> Any:
    """The deadline, never null: NULLs are sorted differently by each database."""
    if isinstance(part.due, str):
        return Coalesce(F(part.due), Value(_NEVER, DateField()), output_field=DateField())
    if part.due is None or isinstance(part.due, date):
        return Cast(Value(part.due or _NEVER, DateField()), DateField())
    return Coalesce(part.due, Value(_NEVER, DateField()), output_field=DateField())


def count_part(part: TodoPart, number: int) -> Any:
    """(number, n) of the part as one branch of a UNION; no row when nothing waits."""
    return (
        part.rows.order_by()
        .values(todo_part=Value(number, IntegerField()))
        .annotate(todo_count=Count("pk"))
        .values_list("todo_part", "todo_count")
    )


def count_parts(parts: Sequence[TodoPart]) -> list[int]:
    """How many wait of each part, in order. One statement."""
    if not parts:
        return []
    branches = [count_part(part, number) for number, part in enumerate(parts)]
    found = dict(branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0])
    return [found.get(number, 0) for number in range(len(parts))]


@dataclass(frozen=True)
class Tally:
    """How many wait of a part, the earliest deadline among them, and where the only one is done."""

    count: int = 0
    due: date | None = None
    only: str = ""


def tally_parts(parts: Sequence[TodoPart]) -> list[Tally]:
    """One of each part, in order. One statement."""
    if not parts:
        return []
    branches = [
        part.rows.order_by()
        .annotate(todo_by=_by(part), todo_aux=_column(part.aux, BigIntegerField()))
        .values(todo_part=Value(number, IntegerField()))
        .annotate(
            todo_count=Count("pk"),
            todo_first=Min("todo_by"),
            todo_target=Min(part.target),
            todo_second=Min("todo_aux"),
        )
        .values_list("todo_part", "todo_count", "todo_first", "todo_target", "todo_second")
        for number, part in enumerate(parts)
    ]
    found: dict[int, Tally] = {}
    for number, count, first, target, aux in (
        branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    ):
        due = None if first == _NEVER else first
        found[number] = Tally(count, due, parts[number].page(target, aux) if count == 1 else "")
    return [found.get(number, Tally()) for number in range(len(parts))]


def _branch(part: TodoPart, number: int, before: date | None, target: int | None) -> Any:
    text, key = CharField(), BigIntegerField()
    rows = part.rows.order_by().annotate(todo_by=_by(part))
    if before is not None:
        rows = rows.filter(todo_by__lt=before)
    if target is not None:
        rows = rows.filter(**{part.target: target})
    return rows.annotate(
        todo_part=Value(number, IntegerField()),
        todo_target=F(part.target),
        todo_aux=_column(part.aux, key),
        todo_what=_column(part.what, text, ""),
        todo_note=_column(part.note, text, ""),
        todo_place=_column(part.place, text, ""),
        todo_arrived=_column(part.arrived, DateTimeField()),
    ).values_list(
        "todo_part",
        "todo_target",
        "todo_aux",
        "todo_what",
        "todo_note",
        "todo_place",
        "todo_arrived",
        "todo_by",
    )


def list_parts(
    parts: Sequence[TodoPart], *, overdue_on: date | None = None, target: int | None = None
) -> list[TodoRow]:
    """The rows of the parts, by deadline and then by arrival, at most MOST. One statement.

    `overdue_on`: only what was due before this day. `target`: only rows of this target.
    """
    if not parts:
        return []
    branches = [_branch(part, number, overdue_on, target) for number, part in enumerate(parts)]
    joined = branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    found = [
        TodoRow(
            parts[number],
            key,
            aux,
            what or "",
            note or "",
            place or "",
            arrived,
            None if by == _NEVER else by,
        )
        for number, key, aux, what, note, place, arrived, by in joined.order_by("todo_by")[:MOST]
    ]
    return sorted(found, key=lambda row: row.order)


def with_reminders(rows: Iterable[TodoRow]) -> list[TodoRow]:
    """The same rows with what was reminded of them. One statement, whatever the number."""
    listed = list(rows)
    known = reminders_of(identity for row in listed if (identity := row.identity) is not None)
    return [
        TodoRow(
            row.part,
            row.target,
            row.aux,
            row.what,
            row.note,
            row.place,
            row.arrived,
            row.due,
            known.get(row.identity) if row.identity else None,
        )
        for row in listed
    ]


def reminders_of(identities: Iterable[Identity]) -> dict[Identity, Reminder]:
    """By (kind, object id). One statement; none without identities."""
    wanted = set(identities)
    if not wanted:
        return {}
    rows = Reminder.objects.filter(
        kind__in={kind for kind, _ in wanted}, object_id__in={object_id for _, object_id in wanted}
    )
    found = {(row.kind, row.object_id): row for row in rows}
    return {identity: row for identity, row in found.items() if identity in wanted}
