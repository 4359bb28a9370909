"""Loading a version of the 落实情况检查表."""

from __future__ import annotations

from django import forms

from evaluation.rules.yaml_text import MAX_BYTES
from zaozhuang_portal.kernel.forms import PortalForm


class ChecklistFileForm(PortalForm):
    submit_label = "检查并存为草稿"
    file = forms.FileField(
        label="检查表文件",
        help_text="YAML 文件，不超过 2 MB。检查有误时不写入任何内容。",
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}),
    )

    def clean_file(self) -> bytes:
        """The bytes; read only when the size is within bounds."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("文件超过 2 MB，不是一份检查表。请检查所选文件。")
        return bytes(upload.read())
