"""The list of one year, pasted line by line."""

from __future__ import annotations

from typing import Any

from django import forms

from cultivation.rules.work_days import HolidayLine, read_holiday_lines
from cultivation.services.holidays import LONGEST_DOCUMENT
from zaozhuang_portal.kernel.forms import PortalForm


class HolidayForm(PortalForm):
    document = forms.CharField(
        label="文号",
        max_length=LONGEST_DOCUMENT,
        help_text="国务院办公厅通知的文号，如“国办发明电〔2026〕8号”。",
    )
    lines = forms.CharField(
        label="放假和调休上班",
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=(
            "每行一段：放假写“2027-02-06..2027-02-12 春节”；调休上班写“2027-02-14 上班 春节”。"
            "已有的日期按新写的更改，其余不动。"
        ),
    )
    submit_label = "核对"

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year
        self.days: tuple[HolidayLine, ...] = ()

    def clean_lines(self) -> str:
        text = str(self.cleaned_data["lines"])
        found = read_holiday_lines(text, self.year)
        if found.errors:
            raise forms.ValidationError(list(found.errors))
        self.days = found.lines
        return text
