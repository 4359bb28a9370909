"""常用语 (ux E19): a reason box with ready phrases. Ticked ones are added to what was typed; with script they are buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class PhrasedTextarea(forms.Textarea):
    """`phrases` are whole sentences. Without script their ticks are sent beside the text and joined to it here."""

    def __init__(self, phrases: Sequence[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 3, **(attrs or {})})
        self.phrases = tuple(phrases)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        ticked = data.getlist(f"{name}_phrase") if hasattr(data, "getlist") else []
        added = [phrase for phrase in self.phrases if phrase in ticked and phrase not in (typed or "")]
        return "\n".join([*([typed.rstrip()] if typed and typed.strip() else []), *added]) if added else typed

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        own = (attrs or {}).get("id") or f"id_{name}"
        choices = format_html_join(
            "",
            '<label class="phrase"><input type="checkbox" name="{}_phrase" value="{}"> {}</label>',
            ((name, phrase, phrase) for phrase in self.phrases),
        )
        return format_html(
            '{}<fieldset class="phrases" data-phrases-for="{}"><legend>常用语</legend>{}</fieldset>',
            box,
            own,
            choices,
        )
