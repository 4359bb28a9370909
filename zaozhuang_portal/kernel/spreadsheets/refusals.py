"""What a spreadsheet may weigh, and the error that names one cause and its cure."""

from __future__ import annotations

from dataclasses import dataclass

from zaozhuang_portal.kernel.errors import DomainError


@dataclass(frozen=True)
class Limits:
    """Caps on one file. The defaults hold a city's register and refuse what no clerk writes."""

    file_bytes: int = 20 * 1024 * 1024
    members: int = 2_000
    inflated_bytes: int = 200 * 1024 * 1024
    ratio: int = 300
    rows: int = 100_000
    columns: int = 200
    cells: int = 3_000_000
    parse_seconds: int = 30
    parse_memory: int = 1536 * 1024 * 1024


class SpreadsheetError(DomainError):
    """The file cannot be taken in; `code` names the cause (encrypted, bomb, macros, ...)."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code, field="file")
