"""The November PDF: against bare WeasyPrint on the same HTML, its size, and a worker's memory over fifty reports."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from functools import partial
from io import BytesIO
from typing import Any

import django

from bench.measure import Result, interleave
from bench.world import World
from tests.servers import ROOT

PAGES = 12
REPORTS = 3 if os.environ.get("BENCH_SMOKE") else 50
# The peak of the fifth report stands for a warm worker: fonts, layout caches and Pango's maps are there by then.
WARM = 1 if os.environ.get("BENCH_SMOKE") else 5


def report(number: int = 0) -> Any:
    """A district's report of about twelve pages; the number changes names and figures, so no two are the same."""
    from cultivation.rules.industries import all_industries
    from reporting.rules.annual_report import compose_report
    from reporting.rules.narrative import GAPS
    from tests.reporting.sample_figures import sample_figures, subject

    industries = [item.name for item in all_industries()]
    narrative = {
        key: f"围绕{'、'.join(industries[place * 7 % 60 :][:30])}等行业企业，第{number + place}次开展集中指导，"
        "逐户了解劳动合同签订、工资支付、社会保险缴纳和职工代表大会制度运行情况，列出问题清单并限期整改。"
        for place, key in enumerate(GAPS)
    }
    rows = [
        subject(f"滕州市{industries[row % 97]}第{number * 100 + row}有限公司", employee_count=number + row)
        for row in range(1, 16)
    ]
    return compose_report(sample_figures(subjects=rows), narrative, date="2026-11-25")


def bare(html: str) -> bytes:
    """WeasyPrint and nothing around it; the fetcher only because the bundled fonts have no other address."""
    from weasyprint import HTML

    from reporting.documents.assets import bundled_fetcher

    pdf: bytes = HTML(string=html, url_fetcher=bundled_fetcher()).write_pdf()
    return pdf


def measure(world: World) -> list[Result]:
    from pypdf import PdfReader

    from reporting.documents.pdf import render_html, render_pdf

    content = report()
    pdf = render_pdf(content, draft=False)
    pages = len(PdfReader(BytesIO(pdf)).pages)
    taken = interleave(
        {
            "portal": partial(render_pdf, content, draft=False),
            "bare": partial(bare, render_html(content, draft=False)),
        },
        rounds=world.rounds,
    )
    peaks = memory(world)
    return [
        Result(
            "November PDF against bare WeasyPrint on the same HTML",
            taken.ratio("portal", "bare"), 1.15, True, note=f"{pages} pages; {taken.milliseconds()}",
        ),
        Result(
            f"November PDF of {pages} pages, size", len(pdf) / 1000, 400, True, unit=" kB",
            note=f"goal for {PAGES} pages; fonts embedded and subset",
        ),
        Result(
            f"peak memory after {REPORTS} reports against after {WARM}",
            peaks[-1] / peaks[WARM - 1], 1.2, True,
            note=f"{peaks[WARM - 1] // 1024} MB, {peaks[-1] // 1024} MB, one process",
        ),
    ]  # fmt: skip


def memory(world: World) -> list[int]:
    """Peak resident kilobytes after each report, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.documents"],
        cwd=ROOT,
        env={**os.environ, **world.environment()},
        check=True,
        stdout=subprocess.PIPE,
    )
    return list(json.loads(done.stdout))


def main() -> None:
    django.setup()
    from reporting.documents.pdf import render_pdf

    peaks = []
    for number in range(REPORTS):
        render_pdf(report(number), draft=False)
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print(json.dumps(peaks))


if __name__ == "__main__":
    main()
