"""Spreadsheets. The only package that imports openpyxl, calamine or the streaming writer."""

from zaozhuang_portal.kernel.spreadsheets.reading import CSV, PASTED, Sheet, read_pasted, read_workbook
from zaozhuang_portal.kernel.spreadsheets.refusals import Limits, SpreadsheetError

__all__ = ["CSV", "PASTED", "Limits", "Sheet", "SpreadsheetError", "read_pasted", "read_workbook"]
