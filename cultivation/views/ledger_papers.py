"""The print of a record: one A4 page to sign, whose scan comes back as a file of the record."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import select_template
from django.views.decorators.http import require_GET

from cultivation.ledgers.base import ColumnKind, Paper
from cultivation.ledgers.details import known_paper_lines
from cultivation.ledgers.display import cell, with_unit
from cultivation.rules.record_numbers import paper_number
from cultivation.views.ledger_parts import detail_url, open_record
from zaozhuang_portal.accounts.access import requires
from zaozhuang_portal.kernel import clock

# Characters of a value that fits half a line of the paper.
LONGEST_HALF = 12


@requires()
@require_GET
def ledger_paper(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One A4 page to print and sign; a sign-in sheet goes on as long as it has lines."""
    actor, ledger, record = open_record(request, slug, pk)
    paper = ledger.paper
    if paper is None:
        raise Http404
    keys = paper.columns or tuple(column.key for column in ledger.columns)
    columns = [ledger.by_key[key] for key in keys]
    short = [column for column in columns if column.kind is not ColumnKind.LONG_TEXT]
    heads = sheet_heads(paper)
    lines = known_paper_lines(slug, actor, record) if heads else None
    context = {
        "ledger": ledger,
        "record": record,
        "paper": paper,
        "number": paper_number(ledger.noun, record.year_id, record.pk),
        "rows": paper_rows([(column.header, with_unit(column, cell(column, record))) for column in short]),
        "long": [(column.header, cell(column, record)) for column in columns if column not in short],
        "sheet_heads": heads,
        "sheet_rows": [
            [str(number), *(line.get(head, "") for head in heads[1:])]
            for number, line in enumerate([{}] * paper.blank_rows if lines is None else lines, 1)
        ],
        "back": detail_url(ledger, pk),
        "printed_on": clock.shanghai_date(clock.now()),
    }
    template = select_template([f"cultivation/ledgers/{slug}/paper.html", "cultivation/ledgers/paper.html"])
    return HttpResponse(template.render(context, request))


def sheet_heads(paper: Paper) -> tuple[str, ...]:
    """The columns of the lines to be signed, numbered; none for a paper without such lines."""
    if not paper.blank_rows:
        return ()
    return (() if "序号" in paper.blank_headers[:1] else ("序号",)) + paper.blank_headers


def paper_rows(facts: Sequence[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Two short facts to a line, so that the record stays on one page."""
    rows: list[list[tuple[str, str]]] = []
    for label, words in facts:
        short = len(words) <= LONGEST_HALF
        if short and rows and len(rows[-1]) == 1 and len(rows[-1][0][1]) <= LONGEST_HALF:
            rows[-1].append((label, words))
        else:
            rows.append([(label, words)])
    return rows
