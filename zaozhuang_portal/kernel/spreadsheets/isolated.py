"""Runs as a script in its own process: parse one workbook from standard input under hard limits.

Standard input: one JSON line of options, then the file. Standard output: one JSON object, either
{"sheets": [{"name", "visible", "rows"}]} or {"error": code}. Dates travel as {"d": iso}. Nothing of the
project is imported, so a start costs some 50 ms and a crash costs nothing.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
from io import BytesIO
from typing import Any


def main() -> None:
    options = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (options["memory"], options["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (options["seconds"], options["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(
        json.dumps(parse(data, options), default=_encode, ensure_ascii=False, separators=(",", ":"))
    )


def parse(data: bytes, options: dict[str, int]) -> dict[str, Any]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    except python_calamine.PasswordError:
        return {"error": "encrypted"}
    except (python_calamine.CalamineError, OSError, ValueError):
        return {"error": "corrupt"}
    sheets = []
    cells = 0
    for index, meta in enumerate(workbook.sheets_metadata):
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        try:
            sheet = workbook.get_sheet_by_index(index)
            height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            if (
                height > options["rows"]
                or width > options["columns"]
                or cells + height * width > options["cells"]
            ):
                return {"error": "too_many_cells"}
            rows = sheet.to_python(skip_empty_area=False) if height else []
        except python_calamine.PasswordError:
            return {"error": "encrypted"}
        except (python_calamine.CalamineError, OSError, ValueError):
            return {"error": "corrupt"}
        cells += height * width
        visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
        sheets.append({"name": meta.name, "visible": visible, "rows": rows})
    return {"sheets": sheets}


def _encode(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return (
            {"d": value.date().isoformat()} if value.time() == datetime.time() else {"t": value.isoformat()}
        )
    if isinstance(value, datetime.date):
        return {"d": value.isoformat()}
    return str(value)


if __name__ == "__main__":
    main()
