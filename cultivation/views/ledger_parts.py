"""Parts of the ledger pages: the guarded ledger and record, filters from the URL, chips, cells of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from cultivation.ledgers.base import Column, ColumnKind, Ledger, find_ledger
from cultivation.ledgers.display import cell
from cultivation.selectors.calendar import statistical_periods
from cultivation.selectors.ledgers import LedgerFilters, get_record, may_read
from cultivation.views.filters import without
from zaozhuang_portal.accounts.access import actor_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.selectors.code_tables import (
    districts,
    organization_name,
    organization_names,
    townships_of,
)
from zaozhuang_portal.kernel.components import Chip
from zaozhuang_portal.kernel.keyset import KeysetPage
from zaozhuang_portal.kernel.lengths import searched, shortened
from zaozhuang_portal.kernel.parsing import whole_number
from zaozhuang_portal.kernel.rows import render_rows
from zaozhuang_portal.operations.enums import AttachmentPurpose
from zaozhuang_portal.operations.selectors.attachments import files_of_one

YES_NO = (("1", "是"), ("0", "否"))
# ?sort= of a dated ledger; without it the latest day comes first.
EARLIEST_FIRST = "earliest"
SIZES = (20, 50, 100)
_NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.DECIMAL})
_SHORT = frozenset({ColumnKind.DATE, ColumnKind.MONTH, ColumnKind.PHONE, ColumnKind.BOOLEAN})
_LONGEST_CELL = 60
_UNBROKEN = 6
# Fields of the filter bar before 更多筛选 (ux E1).
MOST_FIELDS = 5
MOST_CHOSEN = 100
# The box 选择全部: the filters of the address choose, not the ticks.
EVERY = "every"


def open_ledger(request: HttpRequest, slug: str, *, keep: bool = False) -> tuple[Actor, Ledger]:
    """The actor and the ledger; 404 for an unknown one, 403 for a role that may not read (`keep`: not write) it."""
    actor = actor_of(request)
    ledger = find_ledger(slug)
    if ledger is None:
        raise Http404
    if not may_read(actor, ledger) or (keep and actor.role not in ledger.keepers):
        raise PermissionDenied
    return actor, ledger


def open_record(
    request: HttpRequest, slug: str, pk: int, *, keep: bool = False, removed: bool = False
) -> tuple[Actor, Ledger, Any]:
    """The same with a record the actor may read (`keep`: and its district keeps); a stranger's is 404."""
    actor, ledger = open_ledger(request, slug, keep=keep)
    record = get_record(actor, ledger, pk, removed=removed, to_read=not keep)
    if record is None:
        raise Http404
    return actor, ledger, record


def list_url(ledger: Ledger) -> str:
    return _own(ledger.list_url_name) or ledger_url("ledger_list", ledger)


def detail_url(ledger: Ledger, pk: int) -> str:
    return _own(ledger.detail_url_name, pk=pk) or ledger_url("ledger_detail", ledger, pk)


def create_url(ledger: Ledger) -> str:
    return _own(ledger.create_url_name) or ledger_url("ledger_create", ledger)


def _own(name: str, **kwargs: Any) -> str:
    """The address of a noun's own page, "" for none."""
    try:
        return reverse(name, kwargs=kwargs) if name else ""
    except NoReverseMatch:
        return ""


def page_links(actor: Actor, ledger: Ledger) -> list[tuple[str, str]]:
    """(label, address) of the noun's own pages beside the list, those the actor may use."""
    return [(label, url) for label, name in ledger.pages_for(actor.role) if (url := _own(name))]


def ledger_url(name: str, ledger: Ledger, pk: int | None = None) -> str:
    """The address of a common page; "" for one that is not built in (import, export)."""
    kwargs: dict[str, Any] = {"slug": ledger.slug} | ({} if pk is None else {"pk": pk})
    try:
        return reverse(f"cultivation:{name}", kwargs=kwargs)
    except NoReverseMatch:
        return ""


# --- filters in the URL -----------------------------------------------------------------------------------------------


def filter_columns(ledger: Ledger) -> list[tuple[Column, tuple[tuple[str, str], ...]]]:
    """The filterable columns with what may be chosen; a township has its own place in the bar."""
    return [
        (column, YES_NO if column.kind is ColumnKind.BOOLEAN else column.choices)
        for column in ledger.columns
        if column.filterable and (column.choices or column.kind is ColumnKind.BOOLEAN)
    ]


def read_filters(query: QueryDict, actor: Actor, ledger: Ledger) -> LedgerFilters:
    """Only listed fields and values; anything else is ignored, so no query reaches a hidden column."""
    choices = tuple(
        (column.key, query[column.key])
        for column, offered in filter_columns(ledger)
        if query.get(column.key, "") in dict(offered)
    )
    year = whole_number(query.get("year"), digits=4)
    return LedgerFilters(
        year=year if year in {period.year for period in statistical_periods()} else None,
        organization=whole_number(query.get("district")) if actor.sees_whole_city else None,
        township=whole_number(query.get("township")),
        subject=whole_number(query.get("subject")) if ledger.subject_column else None,
        choices=choices,
        text=searched(query.get("q", "")),
        earliest_first=query.get("sort") == EARLIEST_FIRST,
    )


def chosen_pks(request: HttpRequest) -> tuple[int, ...]:
    """The rows ticked in a list, at most MOST_CHOSEN."""
    posted = (whole_number(text) for text in request.POST.getlist("pk")[:MOST_CHOSEN])
    return tuple(dict.fromkeys(pk for pk in posted if pk is not None))


def page_size(query: QueryDict) -> int:
    size = whole_number(query.get("size"), digits=3)
    return size if size in SIZES else 50


def filter_chips(query: QueryDict, ledger: Ledger, filters: LedgerFilters, subject: str = "") -> list[Chip]:
    """The filters in force, each with the address of the same list without it."""

    def drop(*names: str) -> str:
        return without(query, *names, "page")

    chips = []
    if filters.text:
        chips.append(Chip("查找", filters.text, drop("q")))
    if filters.year:
        chips.append(Chip("年度", str(filters.year), drop("year")))
    if filters.organization:
        chips.append(Chip("区（市）", organization_name(filters.organization), drop("district", "township")))
    if filters.township:
        chips.append(Chip("乡镇（街道）、园区", organization_name(filters.township), drop("township")))
    if filters.subject:
        chips.append(Chip("培育对象", subject or "指定的对象", drop("subject")))
    chosen = dict(filters.choices)
    for column, offered in filter_columns(ledger):
        if column.key in chosen:
            chips.append(Chip(column.header, dict(offered)[chosen[column.key]], drop(column.key)))
    return chips


def filter_bar(actor: Actor, ledger: Ledger, filters: LedgerFilters, size: int) -> SafeString:
    district = actor.district
    scope = filters.organization or (district.pk if district else None)
    place = actor.organization
    townships = (
        townships_of(scope) if scope and place is not None and place.level not in {"TOWNSHIP", "PARK"} else []
    )
    title, subject = ledger.title_column, ledger.subject_column
    searched = title.header if subject is None or subject is title else f"{title.header}或对象名称"
    offered = filter_columns(ledger)
    room = MOST_FIELDS - 2 - bool(actor.sees_whole_city) - bool(townships)
    chosen = dict(filters.choices)
    return render_rows(
        "ledger_filters.jinja",
        filters=filters,
        chosen=chosen,
        searched=searched,
        years=[(period.year, f"{period.year}年度") for period in reversed(statistical_periods())],
        districts=[(entry.pk, entry.name) for entry in districts()] if actor.sees_whole_city else [],
        townships=[(entry.pk, entry.name) for entry in townships],
        shown=offered[:room],
        more=offered[room:],
        more_open=any(column.key in chosen for column, _ in offered[room:]),
        size=size,
    )


# --- the table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The head of a column. `sorted` is its aria-sort, "" for none; `url` the same list in the other order."""

    label: str
    css: str
    sorted: str = ""
    url: str = ""


@dataclass(frozen=True)
class Row:
    """One row as drawn. `cells` are (text, css, header) behind the title."""

    pk: int
    url: str
    title: str
    cells: Sequence[tuple[str, str, str]]
    backfilled: bool
    inline_url: str


def _css(column: Column) -> str:
    return "num" if column.kind in _NUMBERS else "nowrap" if column.kind in _SHORT else ""


def _shown(ledger: Ledger) -> list[Column]:
    """The title first: the first column is the record's link (ux E4)."""
    title = ledger.title_column
    return [title, *(column for column in ledger.list_columns if column.key != title.key)]


def _tells_year(ledger: Ledger) -> bool:
    """No day of the row tells its year: rows of two years would look the same."""
    return not ledger.dated and not ledger.year_from


def table_heads(actor: Actor, ledger: Ledger) -> list[Head]:
    heads = [Head(column.header, _css(column)) for column in _shown(ledger)]
    if _tells_year(ledger):
        heads.append(Head("年度", "num"))
    return [*heads, Head("填报单位", "secondary")] if actor.sees_whole_city else heads


def table_row(actor: Actor, ledger: Ledger, record: Any, *, inline: bool) -> Row:
    columns = _shown(ledger)
    words = [(column, shortened(cell(column, record), _LONGEST_CELL)) for column in columns[1:]]
    cells = [(text, _css(column) or _short(text), column.header) for column, text in words]
    if _tells_year(ledger):
        cells.append((str(record.year_id), "num", "年度"))
    if actor.sees_whole_city:
        cells.append((organization_names()[record.organization_id], "secondary", "填报单位"))
    return Row(
        pk=record.pk,
        url=detail_url(ledger, record.pk),
        title=cell(columns[0], record) or f"{ledger.noun} {record.pk}",
        cells=cells,
        backfilled=record.backfilled,
        inline_url=ledger_url("ledger_inline", ledger, record.pk) if inline and ledger.inline else "",
    )


def _short(text: str) -> str:
    return "nowrap" if len(text) <= _UNBROKEN else ""


def sortable_heads(actor: Actor, ledger: Ledger, filters: LedgerFilters, query: QueryDict) -> list[Head]:
    """The head of the day leads to the list in the other order (ux E1); no other order has an index."""
    if not ledger.dated:
        return table_heads(actor, ledger)
    day = ledger.by_key["happened_on"].header
    if filters.earliest_first:
        order, url = "ascending", without(query, "sort", "page") or "?"
    else:
        order, url = "descending", without(query, "sort", "page", sort=EARLIEST_FIRST)
    heads = table_heads(actor, ledger)
    return [replace(head, sorted=order, url=url) if head.label == day else head for head in heads]


def draw_table(
    actor: Actor, ledger: Ledger, filters: LedgerFilters, query: QueryDict, records: Sequence[Any]
) -> SafeString:
    keeps = actor.role in ledger.keepers
    return render_rows(
        "ledger.jinja",
        noun=ledger.noun,
        heads=sortable_heads(actor, ledger, filters, query),
        rows=[table_row(actor, ledger, record, inline=keeps) for record in records],
        selectable=True,
        inline=keeps and bool(ledger.inline),
        focus=False,
    )


def draw_row(actor: Actor, ledger: Ledger, record: Any) -> SafeString:
    """A row that comes back after it was changed in place; its button takes the focus again."""
    row = table_row(actor, ledger, record, inline=True)
    return render_rows("ledger_row.jinja", row=row, selectable=True, inline=True, focus=True)


def bulk_bar(request: HttpRequest, actor: Actor, ledger: Ledger, page: KeysetPage[Any]) -> SafeString:
    """What may be done with the chosen rows, or with all the list's filters find (E4)."""
    bulk_url = ledger_url("ledger_bulk", ledger) if actor.role in ledger.keepers else ""
    return draw_bulk_bar(
        request, page, unit=ledger.unit, bulk_url=bulk_url, export_url=ledger_url("ledger_export", ledger)
    )


def draw_bulk_bar(
    request: HttpRequest, page: KeysetPage[Any], *, unit: str, export_url: str, bulk_url: str = ""
) -> SafeString:
    """The addresses carry the filters, so that 选择全部 chooses on the server what the list shows."""
    query = without(request.GET, "page", "size") if request.GET else ""
    every = page.capped or page.total > len(page.rows)
    return render_rows(
        "ledger_bulk.jinja",
        unit=unit,
        every=f"{page.total}{'+' if page.capped else ''}" if every else "",
        bulk_url=f"{bulk_url}{query}" if bulk_url else "",
        export_url=f"{export_url}{query}",
        csrf_token=get_token(request),
    )


def record_files(ledger: Ledger, record: Any, *, editable: bool) -> dict[str, Any]:
    """The signed papers that came back (`scans`) and everything else (`files`), apart. Statements: 2."""
    present, kept, sealing = files_of_one(ledger.kind, record.pk)
    scans = [file for file in present if file.purpose == AttachmentPurpose.SCAN]
    return {
        "scans": scans,
        "files": [file for file in present if file not in scans],
        "kept_files": kept,
        "sealing": sealing,
        "editable": editable,
        "scan_word": ledger.paper.scan_word if ledger.paper else "",
    }
