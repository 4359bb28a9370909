"""Rebuild static/icons.svg from an unpacked bootstrap-icons package: python tools/build_icons.py path/to/package."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ICONS = [
    "arrow-down",
    "arrow-down-up",
    "arrow-left",
    "arrow-return-left",
    "arrow-repeat",
    "arrow-up",
    "archive",
    "bar-chart",
    "bell",
    "bell-slash",
    "bookmark",
    "box-arrow-right",
    "building",
    "buildings",
    "calendar-event",
    "camera",
    "chat-square-text",
    "check-circle",
    "check-lg",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "chevron-double-left",
    "chevron-double-right",
    "clipboard-check",
    "clock-history",
    "copy",
    "download",
    "exclamation-triangle",
    "eye",
    "file-earmark",
    "file-earmark-arrow-up",
    "file-earmark-excel",
    "file-earmark-image",
    "file-earmark-pdf",
    "file-earmark-text",
    "file-earmark-word",
    "folder",
    "funnel",
    "gear",
    "geo-alt",
    "graph-up",
    "house-door",
    "inbox",
    "info-circle",
    "journal-check",
    "link-45deg",
    "list",
    "list-check",
    "lock",
    "mortarboard",
    "paperclip",
    "pencil",
    "people",
    "person",
    "person-badge",
    "person-gear",
    "plus-lg",
    "printer",
    "qr-code",
    "question-circle",
    "search",
    "send",
    "shield-check",
    "shield-lock",
    "star",
    "table",
    "telephone",
    "three-dots",
    "trash",
    "trophy",
    "upload",
    "x-circle",
    "x-lg",
    "x-octagon",
]
TARGET = Path(__file__).resolve().parent.parent / "static" / "icons.svg"


def build(package: Path) -> str:
    symbols = []
    for name in sorted(ICONS):
        svg = (package / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        body = re.sub(r"\s*\n\s*", "", svg[svg.index(">") + 1 : svg.rindex("</svg>")])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


if __name__ == "__main__":
    TARGET.write_text(build(Path(sys.argv[1])), encoding="utf-8")
