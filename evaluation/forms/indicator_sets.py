"""Uploading a set file."""

from __future__ import annotations

from django import forms

from evaluation.rules.yaml_text import MAX_BYTES
from zaozhuang_portal.kernel.forms import PortalForm


class SetFileForm(PortalForm):
    submit_label = "检查并存为草稿"
    file = forms.FileField(
        label="评价标准文件",
        help_text="YAML 或 Excel（.xlsx）文件，不超过 2 MB。检查有误时不写入任何内容。",
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.xlsx"}),
    )

    def clean_file(self) -> bytes:
        """The bytes; read only when the size is within bounds."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("文件超过 2 MB，不是一份评价标准。请检查所选文件。")
        return bytes(upload.read())


class PublishForm(PortalForm):
    """Carries the fingerprint of the content that was shown, so that nothing else is published."""

    content_hash = forms.CharField(widget=forms.HiddenInput)
