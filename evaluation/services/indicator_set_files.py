"""A set file as it comes from a person: YAML text or the authoring workbook, told apart by content."""

from __future__ import annotations

from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_tables import to_tables
from evaluation.rules.indicator_set_workbook import read_indicator_workbook
from evaluation.rules.indicator_sets import read_indicator_set
from evaluation.rules.problems import IndicatorSetError, Problem
from evaluation.rules.yaml_text import MAX_BYTES
from zaozhuang_portal.kernel.spreadsheets import Limits, SpreadsheetError, read_workbook
from zaozhuang_portal.kernel.spreadsheets.tables import write_tables

WORKBOOK_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LIMITS = Limits(file_bytes=MAX_BYTES, rows=5_000, columns=60, cells=100_000)


def read_indicator_set_file(source: bytes) -> IndicatorSetDefinition:
    """The definition in a .yaml, .xlsx or .xls file of at most 2 MB. Raises IndicatorSetError with every problem."""
    if not source.startswith(WORKBOOK_MAGIC):
        return read_indicator_set(source)
    try:
        sheets = read_workbook(source, limits=LIMITS)
    except SpreadsheetError as error:
        raise IndicatorSetError((Problem(error.code.upper(), "", error.message),)) from error
    return read_indicator_workbook(sheets)


def write_indicator_workbook(definition: IndicatorSetDefinition) -> bytes:
    """The authoring workbook (.xlsx) of a set: edited and loaded again it gives the same set."""
    return write_tables(to_tables(definition))
