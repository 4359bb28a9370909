"""Runs as a script in its own process under hard limits: opens one file of a stranger's (see limited.py).

Standard input: one JSON line with function, arguments, memory and seconds, then the file. Standard output: one JSON
line, {"facts": …} or {"refused": [code, message]}, then bytes. Of the project only the module of the function is
loaded; the package's own start (Celery) is stepped over, so a start costs some 100 ms.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import types
from pathlib import Path
from typing import Any

# Each takes (data, **arguments) and returns (facts, bytes).
FUNCTIONS = {
    "parse_workbook": "zaozhuang_portal.kernel.spreadsheets.isolated:parse_workbook",
    "mark_workbook": "zaozhuang_portal.kernel.spreadsheets.marked:mark_original",
    "clean_image": "zaozhuang_portal.kernel.uploads.images:clean_image",
    "check_pdf": "zaozhuang_portal.kernel.uploads.pdfs:check_pdf",
    "check_office": "zaozhuang_portal.kernel.uploads.offices:check_office",
    "check_checklist": "evaluation.rules.spot_checks.checklists:check_checklist",  # a name, not an import: pure rules
}


def main() -> None:
    order = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    module, _, name = FUNCTIONS[order["function"]].partition(":")
    package = types.ModuleType("zaozhuang_portal")
    package.__path__ = [str(Path(__file__).resolve().parents[1])]
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    sys.modules["zaozhuang_portal"] = package
    function = getattr(importlib.import_module(module), name)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (order["seconds"], order["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    head, content = _run(function, data, order["arguments"])
    sys.stdout.buffer.write(json.dumps(head, ensure_ascii=False).encode() + b"\n" + content)


def _run(function: Any, data: bytes, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    try:
        facts, content = function(data, **arguments)
    except Exception as error:
        code, message = getattr(error, "code", ""), getattr(error, "message", "")
        if not code:
            raise
        return {"refused": [code, message]}, b""
    return {"facts": facts}, content


if __name__ == "__main__":
    main()
