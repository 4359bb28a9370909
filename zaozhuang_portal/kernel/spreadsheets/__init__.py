"""Spreadsheets. The only package that imports openpyxl, calamine or the streaming writer."""

from zaozhuang_portal.kernel.spreadsheets.reading import Sheet, read_pasted, read_workbook
from zaozhuang_portal.kernel.spreadsheets.refusals import Limits, SpreadsheetError

__all__ = ["Limits", "Sheet", "SpreadsheetError", "read_pasted", "read_workbook"]
