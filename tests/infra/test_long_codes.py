"""What has no place to break (tickets, fingerprints, commands) is shown whole, on A4 too; parts of a cell stand apart."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

TEMPLATES = Path(settings.BASE_DIR) / "templates"
CODES = re.compile(r"<(\w+)([^>]*)>\{\{ (?:\w+\.)*(?:ticket|commitment|nonce) (?:\}\}|\|)")
PRE = re.compile(r"<pre([^>]*)>")
LINES = re.compile(r'class="lines">(.{6})', re.DOTALL)


def test_codes_and_commands_wrap_and_lines_stand_apart() -> None:
    faults = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(TEMPLATES)
        faults += [
            f"{name}: <pre{one}>" for one in PRE.findall(text) if not re.search("prewrap|plain-text", one)
        ]
        faults += [f"{name}: <{tag}{rest}>" for tag, rest in CODES.findall(text) if "hash" not in rest]
        # `.lines` shows each <span> in it as a line of its own.
        faults += [
            f"{name}: .lines {inner}"
            for inner in LINES.findall(text)
            if not inner.startswith(("<span", "<a ", "{%"))
        ]
    assert not faults, "\n".join(faults)
