"""Parse one workbook into plain rows; run in the limited process only (kernel/limited.py)."""

from __future__ import annotations

import datetime
import json
from io import BytesIO
from typing import Any


class Unreadable(Exception):
    """`code`: encrypted, corrupt or too_many_cells; the words are the caller's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.message = code, ""


def parse_workbook(data: bytes, **caps: int) -> tuple[dict[str, Any], bytes]:
    """No facts, and {"sheets": [{"name", "visible", "rows"}]} as JSON bytes; dates travel as {"d": iso}."""
    sheets = json.dumps(_parse(data, caps), default=_encode, ensure_ascii=False, separators=(",", ":"))
    return {}, sheets.encode()


def _parse(data: bytes, options: dict[str, int]) -> dict[str, Any]:
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
    except python_calamine.PasswordError:
        raise Unreadable("encrypted") from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise Unreadable("corrupt") from None
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
                raise Unreadable("too_many_cells")
            rows = sheet.to_python(skip_empty_area=False) if height else []
        except python_calamine.PasswordError:
            raise Unreadable("encrypted") from None
        except (python_calamine.CalamineError, OSError, ValueError):
            raise Unreadable("corrupt") from None
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
