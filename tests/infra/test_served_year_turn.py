"""The served portal over the turn of the year, under another clock (Debian's faketime): a real process on 30 November and
one on 2 January on the same data. Who signs in finds the same open things."""

from __future__ import annotations

import http.cookiejar
import re
import shutil
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from reporting.demo.accounts import DEMO_PASSWORD
from tests import templates
from tests.servers import Process, free_port, get_status, missing, wait_until

pytestmark = [pytest.mark.servers]
BEFORE, AFTER = "2026-11-30 02:00:00", "2027-01-02 02:00:00"
LISTS = ("/inbox/", "/inbox/sent/", "/inbox/drafts/")
PEOPLE = ("shiban", "shizonggonghui", "tengzhou", "tengzhou2", "zhidaoyuan", "qiye")


# libfaketime of Debian 12 answers clock_nanosleep() on the monotonic clock with EINVAL; select() it leaves alone.
SLEEP = """
import select
import time

time.sleep = lambda seconds: select.select([], [], [], max(seconds, 0)) and None
"""


class Portal(Process):
    """A command of `manage.py` whose clock starts at `utc`; its monotonic clock is left alone, so that waiting ends."""

    def __init__(self, data_dir: Path, utc: str, *command: str) -> None:
        site = data_dir / "site"
        site.mkdir(exist_ok=True)
        (site / "sitecustomize.py").write_text(SLEEP, "utf-8")
        super().__init__(
            ["faketime", "--exclude-monotonic", utc, sys.executable, "manage.py", *command],
            {
                "PORTAL_DATA_DIR": str(data_dir),
                "PORTAL_NO_BOOTSTRAP": "1",
                "DATABASE_URL": "",
                "REDIS_URL": "",
                "PYTHONUNBUFFERED": "1",
                "PYTHONPATH": str(site),
                "TZ": "UTC",
            },
        )

    def run(self) -> None:
        self.start()
        wait_until(lambda: not self.alive, 600, "command")
        assert self.popen is not None and self.popen.returncode == 0, self.output()

    def serve(self) -> str:
        self.start()
        wait_until(lambda: "Ctrl+C" in self.output() or not self.alive, 240, "demo")
        found = re.search(r"http://127\.0\.0\.1:\d+", self.output())
        assert found, self.output()
        wait_until(lambda: get_status(found[0] + "/healthz") == 200, 120, "demo page")
        return found[0]


class Visitor:
    def __init__(self, address: str, name: str) -> None:
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        page = self.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page
        form = {"csrfmiddlewaretoken": token[1], "login": name, "password": DEMO_PASSWORD}
        request = urllib.request.Request(
            f"{address}/accounts/login/", urllib.parse.urlencode(form).encode(), {"Referer": address}
        )
        answer = self.opener.open(request, timeout=30).read().decode()
        assert "工作台" in answer and 'name="password"' not in answer

    def get(self, path: str) -> str:
        return self.opener.open(self.address + path, timeout=60).read().decode()

    def things(self) -> set[tuple[str, str]]:
        """(act, what) of every row of the three lists, over their pages."""
        found: set[tuple[str, str]] = set()
        for path in LISTS:
            number = 1
            while True:
                page = self.get(f"{path}?page={number}")
                body = page.partition("<tbody>")[2].partition("</tbody>")[0]
                rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body.split("<tr")[1:]]
                found |= {(self._act(row), self._what(row)) for row in rows}
                number += 1
                if f"page={number}" not in page:
                    break
        return found

    @staticmethod
    def _words(cell: str) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()

    def _act(self, cells: list[str]) -> str:
        """The first cell with words: before it there may be a tick box; what was reminded stands behind the act."""
        return next(words for cell in cells if (words := self._words(cell))).split(" ")[0]

    def _what(self, cells: list[str]) -> str:
        words = [self._words(cell) for cell in cells]
        return " ".join([found for found in words if found][1:2])


def test_the_second_of_january_finds_what_was_open_on_the_thirtieth_of_november(tmp_path: Path) -> None:
    if not shutil.which("faketime"):
        missing("faketime（另一天的时钟）")
    # The city before its self-assessments: quick to load; those are tried in tests/reporting/test_year_turn.py.
    seed = ("seed_demo", "--stage", "enrolled", "--enterprises", "105")
    templates.migrated_sqlite(tmp_path / "portal.sqlite3")
    made = Portal(tmp_path, BEFORE, *seed)
    try:
        made.run()
    finally:
        made.stop()
    known: dict[str, set[tuple[str, str]]] = {}
    for utc in (BEFORE, AFTER):
        portal = Portal(tmp_path, utc, "demo", "--port", str(free_port()))
        try:
            address = portal.serve()
            for name in PEOPLE:
                visitor = Visitor(address, name)
                things = visitor.things()
                assert things or name not in {"shiban", "tengzhou", "tengzhou2", "qiye"}, name
                lost = known.get(name, set()) - things
                # A promise whose day passed is told as overdue: the same thing under the same act.
                assert not lost, f"{name}: {sorted(lost)}"
                known[name] = things
            if utc == AFTER:
                inbox = Visitor(address, "tengzhou").get("/inbox/?kind=reports_missing")
                assert "2026年度书面报告" in inbox and "超期 33 天" in inbox
        finally:
            portal.stop()
    assert ("填报年度报告", "2026年度书面报告") in known["tengzhou"]
