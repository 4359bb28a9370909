"""The draw's printed record: population.csv, order.csv, the lines for the minutes; read again by anybody (design §4a, §9).

Codes, names of units, strata, weights, tickets: no personal data. The texts are stable: the same draw, the same bytes.
"""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterable, Sequence
from io import StringIO

from evaluation.rules.numbers import plain
from evaluation.rules.problems import Problem, Problems
from evaluation.rules.spot_checks.draw import (
    Candidate,
    Draw,
    DrawError,
    Place,
    Shares,
    check_population,
    draw,
    read_weight,
    ticket,
)
from zaozhuang_portal.kernel.parsing import quote

REQUIRED = ("id", "name", "stratum")
POPULATION_HEADER = (*REQUIRED, "weight")
ORDER_HEADER = ("stratum", "position", "drawn", "ticket", "id", "name")
BOM = "\ufeff"  # Excel reads a CSV as UTF-8 only with it


def read_population(source: bytes) -> tuple[Candidate, ...]:
    """The rows of a CSV (UTF-8, BOM allowed) with a header id,name,stratum[,weight] in any order; blank lines are skipped.

    Raises DrawError with every problem and its line: bytes that are no UTF-8, header, ragged rows, weights, ids.
    """
    rows = _rows(_decoded(source))
    if not rows:
        raise DrawError(
            (Problem("BAD_HEADER", "", f"文件是空的。首行应为表头 {','.join(POPULATION_HEADER)}。"),)
        )
    header = [name.strip() for name in rows[0][1]]
    _check_header(header, rows[0][0])
    problems, candidates = Problems(), []
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            problems.add(
                "RAGGED_ROW",
                str(line),
                f"第 {line} 行有 {len(cells)} 列，表头有 {len(header)} 列。请补齐或删去；名称里有逗号时用英文双引号括起。",
            )
            continue
        row, weight = dict(zip(header, cells, strict=True)), 1
        try:
            weight = read_weight(row.get("weight", ""))
        except DrawError as error:
            for problem in error.problems:
                problems.add(problem.code, str(line), f"第 {line} 行：{problem.message}")
        candidates.append(Candidate(row["id"], row["name"], row["stratum"], weight, line))
    try:
        if candidates or not problems:
            check_population(candidates)
    except DrawError as error:
        raise DrawError((*problems.as_tuple(), *error.problems)) from error
    if problems:
        raise DrawError(problems.as_tuple())
    return tuple(candidates)


def population_csv(candidates: Iterable[Candidate]) -> str:
    """population.csv, sorted by id as bytes, with a BOM; `draw_spot_check --population` and the script read it."""
    rows = sorted(candidates, key=lambda one: one.id.encode())
    return _csv(POPULATION_HEADER, [(one.id, _inert(one.name), one.stratum, str(one.weight)) for one in rows])


def order_csv(drawn: Draw) -> str:
    """order.csv for people: by stratum and position, 抽中 or 候补."""
    return _csv(
        ORDER_HEADER,
        [
            (
                place.stratum,
                str(place.position),
                place_word(place.drawn),
                place.ticket,
                place.id,
                _inert(place.name),
            )
            for place in by_stratum(drawn)
        ],
    )


def published_json(drawn: Draw) -> str:
    """draw.json: the object of `draw_spot_check --json`, which the script compares with."""
    return json.dumps(drawn.to_json(), ensure_ascii=False, indent=2) + "\n"


def by_stratum(drawn: Draw) -> list[Place]:
    """The places as the record lists them: strata by code, within each by position."""
    return sorted(drawn.order, key=lambda place: (place.stratum, place.position))


def place_word(drawn: bool) -> str:
    return "抽中" if drawn else "候补"


def share_options(shares: Shares) -> tuple[list[str], list[str]]:
    """The arguments of --rate and --minimum that say the same: the default, then the strata by code."""
    rates = [plain(shares.rate), *(f"{code}={plain(rate)}" for code, rate in sorted(shares.rates.items()))]
    minimums = [
        str(shares.minimum),
        *(f"{code}={number}" for code, number in sorted(shares.minimums.items())),
    ]
    return rates, minimums


def redraw_line(seed: str, shares: Shares, *, population: str = "population.csv") -> str:
    """The line that draws again with the script of the page: printed in the minutes, runs in any shell."""
    rates, minimums = share_options(shares)
    given = ["--seed", seed, "--rate", *rates, "--minimum", *minimums, "--published", "draw.json"]
    return f"python3 redraw.py {population} {' '.join(shlex.quote(word) for word in given)}"


def ticket_line(seed: str, id: str, number: int = 1) -> str:
    """The one-line check of a ticket with sha256sum."""
    return f"printf '%s\\n%s\\n%s' {shlex.quote(seed)} {shlex.quote(id)} {number} | sha256sum"


def record_text(candidates: Sequence[Candidate], drawn: Draw, shares: Shares) -> str:
    """The record as lines for print and zip: hash, seed, shares, strata, every ticket, and how to draw again."""
    rates, minimums = share_options(shares)
    first = drawn.order[0]
    weights = {one.id: one.weight for one in candidates}
    number = next(
        number
        for number in range(1, weights[first.id] + 1)
        if ticket(drawn.seed, first.id, number) == first.ticket
    )
    out = [
        f"名录指纹（SHA-256）\t{drawn.population_sha256}",
        f"种子\t{drawn.seed}",
        f"抽取比例（%）\t{' '.join(rates)}",
        f"每层最少户数\t{' '.join(minimums)}",
        "",
        "层\t户数\t抽取",
        *(f"{one.code}\t{one.size}\t{one.drawn}" for one in drawn.strata),
        "",
        "层\t次序\t结果\t票号\t代码\t名称\t权数",
        *(
            f"{place.stratum}\t{place.position}\t{place_word(place.drawn)}\t{place.ticket}"
            f"\t{place.id}\t{place.name}\t{weights[place.id]}"
            for place in by_stratum(drawn)
        ),
        "",
        f"核对一个票号（{first.id}）\t{ticket_line(drawn.seed, first.id, number)}",
        f"复算全部\t{redraw_line(drawn.seed, shares)}",
    ]
    return "\n".join(out) + "\n"


def record_files(candidates: Sequence[Candidate], seed: str, shares: Shares) -> dict[str, str]:
    """Everything a stranger needs to check the sample: file name → text, the same draw the same bytes. Raises DrawError."""
    drawn = draw(candidates, seed, shares)
    return {
        "population.csv": population_csv(candidates),
        "order.csv": order_csv(drawn),
        "draw.json": published_json(drawn),
        "record.txt": record_text(candidates, drawn, shares),
    }


def _inert(name: str) -> str:
    """A name that a spreadsheet would run as a formula begins with an apostrophe; names do not enter the draw."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """As spreadsheets read it: with a BOM; a text they would run as a formula begins with an apostrophe."""
    return _csv(header, [[_inert(str(cell)) for cell in row] for row in rows])


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return BOM + out.getvalue()


def _decoded(source: bytes) -> str:
    try:
        return source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        words = f"第 {line} 行的文字编码不是 UTF-8。请在表格软件中另存为“CSV UTF-8（逗号分隔）”后重试。"
        raise DrawError((Problem("BAD_ENCODING", str(line), words),)) from error


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """(line where it begins, cells) of every row that is not blank."""
    reader, found, line = csv.reader(StringIO(text, newline=""), strict=True), [], 1
    try:
        for cells in reader:
            if cells:
                found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        words = f"第 {line} 行读不出来：引号不成对，或有无法识别的字符。请改正该行后重试。"
        raise DrawError((Problem("BAD_ROW", str(line), words),)) from error
    return found


def _check_header(header: Sequence[str], line: int) -> None:
    problems = Problems()
    shape = f"表头应为 {','.join(POPULATION_HEADER)}（weight 可省略，即权数都是 1）"
    for name in dict.fromkeys(header):
        if name not in POPULATION_HEADER:
            problems.add("BAD_HEADER", name, f"第 {line} 行：不认识的列{quote(name)}。{shape}。")
        elif header.count(name) > 1:
            problems.add("BAD_HEADER", name, f"第 {line} 行：列 {name} 重复。{shape}。")
    for name in REQUIRED:
        if name not in header:
            problems.add("BAD_HEADER", name, f"第 {line} 行：表头缺少列 {name}。{shape}。")
    if problems:
        raise DrawError(problems.as_tuple())
