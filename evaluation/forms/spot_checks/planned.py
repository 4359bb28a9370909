"""The file with planned days of a round's checks."""

from __future__ import annotations

from django import forms

from zaozhuang_portal.kernel.forms import PortalForm

MAX_BYTES = 5 * 1024 * 1024


class PlannedForm(PortalForm):
    submit_label = "导入计划检查日期"
    file = forms.FileField(
        label="汇总表文件",
        help_text="先在批次页导出表格，只改“检查名单”的“计划检查日期”。不超过 5 MB；有一处不对时不写入任何内容。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )

    def clean_file(self) -> bytes:
        """The bytes; read only when the size is within bounds."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("文件超过 5 MB，请检查所选文件。")
        return bytes(upload.read())
