"""The limit: the enterprise list as somebody would write it by hand for speed alone, one SQL statement and one f-string.

It stands behind the same middleware and session. What never varies for one clerk on the unfiltered list (head, header,
menu, filter bar, footer) is the portal's own page kept as three strings, with slots for the token, the total and the
next page, so that the two cannot drift apart. The rows are put together here. `bench.lists` compares the two pages
before it times them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from cultivation.enums import SizeClass
from cultivation.rules.industries import all_industries
from zaozhuang_portal.accounts.access import actor_of

SIZE = 50
CAP = 10_000
SQL = """
SELECT s.id, s.name, s.credit_code, d.name, t.name, s.industry_code, s.size_class, s.employee_count, s.contact_name,
       s.state, s.backfilled,
       (SELECT count(*) FROM (SELECT 1 FROM cultivation_subject
                              WHERE kind = 'ENTERPRISE' AND state = 'ACTIVE' LIMIT 10001) AS capped)
FROM cultivation_subject AS s
JOIN accounts_organization AS d ON d.id = s.managing_organization_id
LEFT JOIN accounts_organization AS t ON t.id = s.township_id
WHERE s.kind = 'ENTERPRISE' AND s.state = 'ACTIVE' AND s.id < %s
ORDER BY s.id DESC LIMIT %s
"""
# For one who knows already that there are more than 10,000, as the portal does for a minute.
UNCOUNTED = re.sub(r"\(SELECT count.*AS capped\)", "0", SQL, flags=re.DOTALL)
SIZES = dict(SizeClass.choices)
INDUSTRIES = {item.code: item.label for item in all_industries()}
TOKEN, TOTAL, NEXT = "\x00token\x00", "\x00total\x00", "\x00next\x00"
BACKFILLED = ' <span class="tag tag-neutral">补录</span>'


@dataclass(frozen=True)
class Shell:
    """The portal's page before and after its rows, with slots."""

    head: str
    foot: str


def cut(page: str) -> Shell:
    token = page.split('"X-CSRFToken": "')[1].split('"')[0]
    page = page.replace(token, TOKEN)
    page = re.sub(r"(<h1>企业 <small>)\d+\+?", rf"\1{TOTAL}", page, count=1)
    page = re.sub(r"page=after\.[^\"&]+", f"page={NEXT}", page)
    head, _, rest = page.partition("<tbody>")
    return Shell(f"{head}<tbody>", rest[rest.index("</tbody>") :])


def row(cells: tuple[Any, ...]) -> str:
    pk, name, code, district, township, industry, size, staff, contact, state, backfilled, _ = cells
    tag = (
        '<span class="tag tag-ok">在册</span>'
        if state == "ACTIVE"
        else '<span class="tag tag-neutral">已注销</span>'
    )
    return (
        f'<tr><td class="cell-check"><input type="checkbox" class="form-check-input" name="pk" value="{pk}" form="bulk-form"'
        f' data-check-row aria-label="选择 {escape(name)}"></td>'
        f'<th scope="row" class="sticky-first"><a href="/subjects/{pk}/">{escape(name)}</a></th>'
        f'<td class="nowrap">{code}</td><td>{escape(district)}</td><td>{escape(township or "")}</td>'
        f'<td class="secondary">{INDUSTRIES.get(industry, industry)}</td><td>{SIZES.get(size, "")}</td>'
        f'<td class="num">{"" if staff is None else staff}</td><td class="secondary">{escape(contact)}</td>'
        f"<td>{tag}{BACKFILLED if backfilled else ''}</td></tr>"
    )


def hand_written_list(request: HttpRequest, shell: Shell) -> HttpResponse:
    actor_of(request)
    text = request.GET.get("page", "")
    counts = "uncounted" not in request.GET
    with connection.cursor() as cursor:
        cursor.execute(SQL if counts else UNCOUNTED, [int(text) if text.isdigit() else 2**62, SIZE + 1])
        found = cursor.fetchall()[:SIZE]
    total = found[0][-1] if counts else CAP + 1
    head = shell.head.replace(TOKEN, get_token(request)).replace(
        TOTAL, f"{CAP}+" if total > CAP else str(total)
    )
    foot = shell.foot.replace(TOKEN, get_token(request)).replace(NEXT, str(found[-1][0]))
    return HttpResponse(f"{head}{''.join(map(row, found))}{foot}")
