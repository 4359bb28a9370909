"""What a ledger (台账) is: one declaration per noun, from which list, form, record page, paper, import and export follow.

A declaration names its columns once. Forms, cells of a list, template columns of an import and cells of an export are
derived from the same `Column`; what a noun alone knows stands in its `check` and `prepare`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from cultivation.models.records import DatedRecord, Record
from cultivation.rules.sameness import Sameness, surely_the_same
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

READERS = frozenset(
    {
        Role.CITY_OFFICE,
        Role.CITY_MEMBER,
        Role.DISTRICT_OFFICE,
        Role.DISTRICT_MEMBER,
        Role.TOWNSHIP_STAFF,
        Role.INSTRUCTOR,
        Role.LEADER,
    }
)
KEEPERS = frozenset({Role.CITY_OFFICE, Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
TALLY_KEEPERS = KEEPERS | {Role.TOWNSHIP_STAFF}
FIELD_KEEPERS = KEEPERS | {Role.TOWNSHIP_STAFF, Role.INSTRUCTOR}


LONGEST_TEXT = 4_000


class ColumnKind(StrEnum):
    """How a column is typed, parsed, shown and exchanged."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    MONTH = "month"  # stored as the first day of the month
    BOOLEAN = "boolean"  # 是 / 否
    CHOICE = "choice"  # one of `choices`
    CHOICES = "choices"  # several of `choices`, stored as a JSON list, exchanged joined by 、
    PHONE = "phone"
    URL = "url"
    SUBJECT = "subject"  # a培育对象 by credit code or exact name
    ORGANIZATION = "organization"  # a district
    TOWNSHIP = "township"  # a place of the record's district
    MEMBER_UNIT = "member_unit"  # a unit of the record's organization, or of the city
    USER = "user"  # a person with an account in the record's organization
    RECORD = "record"  # a row of another ledger, named by `ledger`
    DERIVED = "derived"  # read only: `value_of(record)`; shown and exported, ignored by an import


@dataclass(frozen=True)
class Column:
    """One column. `key` is the attribute of the model; `header` its word on form, list, template and export.

    `longest` in characters; `minimum`, `maximum`, `places`, `unit` for numbers; `in_list` puts it into the table;
    `private` is masked in exports for those who do not keep the ledger; `filterable` offers it in the filter bar.
    """

    key: str
    header: str
    kind: ColumnKind = ColumnKind.TEXT
    help: str = ""
    synonyms: tuple[str, ...] = ()
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 200
    minimum: int | None = 0
    maximum: int | None = None
    places: int = 2
    unit: str = ""
    example: str | int | float = ""
    width: float = 16
    in_list: bool = False
    in_form: bool = True
    in_exchange: bool = True
    private: bool = False
    filterable: bool = False
    subject_kinds: frozenset[str] = frozenset()  # SUBJECT: empty means every kind
    ledger: str = ""  # RECORD: the slug of the ledger it points to
    value_of: Callable[[Any], Any] | None = None  # DERIVED
    # The row's own attributes that value_of reads: an export then loads only these.
    value_from: tuple[str, ...] = ()
    # A new form starts with what the same person entered last (place, lecturer; ux E8).
    remember: bool = False

    @property
    def limit(self) -> int:
        """Most characters of a text; a long text without a limit of its own may have 4,000."""
        return LONGEST_TEXT if self.kind is ColumnKind.LONG_TEXT and self.longest == 200 else self.longest


@dataclass(frozen=True)
class Slip:
    """One thing wrong with what was entered. `field` is a column's key or ""; `warning` may be confirmed and saved."""

    field: str
    message: str
    warning: bool = False


@dataclass(frozen=True)
class Paper:
    """The one-page print of a record: its title, the columns on it (empty: all), and the lines to be signed."""

    title: str
    columns: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ("填表人", "负责人", "日期")
    # The word of the signed paper that comes back as a scan; empty: the title.
    scan: str = ""
    blank_rows: int = 0  # a sign-in sheet has empty numbered rows
    blank_headers: tuple[str, ...] = ()

    @property
    def scan_word(self) -> str:
        return self.scan or self.title


def no_slips(actor: Actor | None, record: Any, values: Mapping[str, Any]) -> Iterable[Slip]:
    return ()


def nothing_to_finish(actor: Actor | None, record: Any) -> None:
    """The row is all there is."""


def never_open(record: Any) -> bool:
    """Nothing about a row of this noun is left to be finished."""
    return False


def no_defaults(actor: Actor, today: date) -> Mapping[str, Any]:
    """A new form starts with what every form starts with."""
    return {}


def nothing_to_prepare(actor: Actor | None, record: Any, values: dict[str, Any]) -> None:
    """Nothing beyond the columns."""


CheckMany = Callable[[Actor | None, Sequence[tuple[Any, Mapping[str, Any]]]], Sequence[Iterable[Slip]]]


@dataclass(frozen=True)
class Ledger:
    """One noun's ledger. `slug` stands in addresses and on the command line; `noun` and `unit` in words (3 场).

    `natural_key`: attributes by which a row is known when an import brings no 编号; empty means each row without 编号
    that does not equal an existing row in all its columns is new. `is_same` says whether two rows of one key are one
    thing: an import changes the row it is sure of, asks about the one it is not; a form asks before a second is made.
    `check(actor, record or None, values)` finds slips across columns; `prepare(actor, record or None, values)` fills
    derived columns before the row is written; `finish(actor, record)` writes what hangs below the row, in the same
    transaction, after each create and change. `groups` are the headed parts of the form: (heading, keys).
    `standing` rows live on across the years (people, pairings, places): closing a year leaves them open. Of the others,
    a row of a closed year for which `open_row(record)` holds may still get its `finishing` columns (design §3).
    `defaults(actor, today)` is what a new form starts with for this person; what was entered last (`remember`) goes before.
    `refuse_change(actor, record)` gives the reason why this row may not be changed now, or "".
    `check_many(actor, rows)` is `check` for all rows of an import at once: `rows` are (record or None, values), the
    answer one collection of slips for each, in a number of statements that does not grow; it also sees rows of the same
    file that clash. A ledger whose `check` asks the database should have it. `after_import(rows)` is called with the
    rows an import has created or changed, in its transaction, for what hangs on a row (the participants of a visit).
    `counted_by` is the number column that says how many a row stands for: heads and overviews give its sum in
    `counted_unit`, as the reports do, and not the number of rows.
    `title` is the column that names a row and carries its link; `year_from` the DATE column that tells the year of an
    undated record (empty: the year is chosen, key `year`); `inline` the columns a list lets one change in place.
    """

    slug: str
    noun: str
    unit: str
    model: type[Record]
    columns: tuple[Column, ...]
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    natural_key: tuple[str, ...] = ()
    # What else `is_same` looks at of two rows with an equal key, and its answer: rules/sameness.py.
    compared: tuple[str, ...] = ()
    is_same: Sameness = surely_the_same
    # What a form asks about, where that is more or other than the key; empty: the key; None: `check` asks itself.
    asks_about: tuple[str, ...] | None = ()
    clause: str = ""
    icon: str = "journal-check"
    menu: str = "培育"
    order: int = 300
    readers: frozenset[str] = READERS
    keepers: frozenset[str] = KEEPERS
    counted_by: str = ""
    counted_unit: str = ""
    contact_reads: bool = False  # the firm's own person reads rows of its own subject
    empty_hint: str = ""
    paper: Paper | None = None
    check: Callable[[Actor | None, Any, Mapping[str, Any]], Iterable[Slip]] = no_slips
    prepare: Callable[[Actor | None, Any, dict[str, Any]], None] = nothing_to_prepare
    finish: Callable[[Actor | None, Any], None] = nothing_to_finish
    defaults: Callable[[Actor, date], Mapping[str, Any]] = no_defaults
    refuse_change: Callable[[Actor, Any], str] = field(default=lambda actor, record: "")
    standing: bool = False
    open_row: Callable[[Any], bool] = never_open
    finishing: frozenset[str] = frozenset()
    check_many: CheckMany | None = None
    after_import: Callable[[Sequence[Any]], None] | None = None
    # Wrong columns are left out of the values `check` gets, so that it says its errors with theirs; without one of
    # these it can say nothing sound and is asked only when they are mended.
    check_needs: tuple[str, ...] = ()
    select_related: tuple[str, ...] = ()
    title: str = ""
    year_from: str = ""
    inline: tuple[str, ...] = ()
    family: str = ""
    # The kind of import (and export) whose lines hang on these records: attendance on trainings.
    sheet: str = ""
    # (label, URL name) of pages beside the list, grids and matrices; a third element names the roles that may use it.
    pages: tuple[tuple[str, str] | tuple[str, str, frozenset[str]], ...] = ()
    # Addresses of pages of its own, when the noun has more than the common ones; "" means the common page.
    list_url_name: str = ""
    create_url_name: str = ""
    detail_url_name: str = ""

    def pages_for(self, role: str) -> list[tuple[str, str]]:
        """The pages beside the list that this role may use."""
        return [(page[0], page[1]) for page in self.pages if len(page) == 2 or role in page[2]]

    @property
    def dated(self) -> bool:
        return issubclass(self.model, DatedRecord)

    @property
    def by_key(self) -> Mapping[str, Column]:
        return {column.key: column for column in self.columns}

    @property
    def list_columns(self) -> Sequence[Column]:
        return [column for column in self.columns if column.in_list]

    @property
    def form_columns(self) -> Sequence[Column]:
        return [column for column in self.columns if column.in_form and column.kind is not ColumnKind.DERIVED]

    @property
    def title_column(self) -> Column:
        """The column that names a row: the declared one, else a title or name, the first text, the first column."""
        found = self.by_key
        texts = [column.key for column in self.list_columns if column.kind is ColumnKind.TEXT]
        for key in (self.title, "title", "name", *texts):
            if key in found:
                return found[key]
        return (self.list_columns or self.columns)[0]

    @property
    def subject_column(self) -> Column | None:
        """The subject a row belongs to, which gives it district and township: a pilot's rows belong to the pilot."""
        found = self.by_key
        return found.get("pilot") or found.get("subject")

    @property
    def year_key(self) -> str:
        """The column whose day tells the year; "" when the year is chosen."""
        return "happened_on" if self.dated else self.year_from

    @property
    def kind(self) -> str:
        """The model's name: the kind of its audit entries and attachments."""
        return self.model.__name__


_ledgers: dict[str, Ledger] = {}


def register_ledger(*ledgers: Ledger) -> None:
    """Called while the modules of `cultivation.ledgers` are imported; the same slug again replaces the former one."""
    for ledger in ledgers:
        _ledgers[ledger.slug] = ledger


def find_ledger(slug: str) -> Ledger | None:
    return _ledgers.get(slug)


def all_ledgers() -> list[Ledger]:
    return sorted(_ledgers.values(), key=lambda ledger: (ledger.order, ledger.slug))
