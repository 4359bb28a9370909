"""A form of a versioned record that, after a conflict, keeps what only the other window changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms

from zaozhuang_portal.kernel.conflicts import same_lines, who_saved
from zaozhuang_portal.kernel.forms import PortalForm


@dataclass
class Merge:
    """`taken`: labels of fields that were not touched here and now hold what is stored. `clashes`: (label, typed, stored)
    of fields that were changed on both sides; what was typed stays in their boxes.
    """

    taken: list[str] = field(default_factory=list)
    clashes: list[tuple[str, str, str]] = field(default_factory=list)

    def context(self, actor_id: int | None, changer: Any) -> dict[str, Any]:
        """What components/conflict_compare.html shows."""
        return {
            "merge_taken": self.taken,
            "conflict": self.clashes,
            "conflict_by": who_saved(actor_id, changer),
        }


class MergingForm(PortalForm):
    """A form of a versioned record. It carries a mark of every value it showed, so that after a conflict only what the
    person changed here stands against what is stored now (three-way, field by field)."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = lambda: _marks(self.initial, self.fields)

    def merge_stored(self, stored: Mapping[str, Any]) -> Merge:
        """After a conflict: `stored` is what an unbound form of the record would show now, with its version.

        Asks for a valid form. Changes the data of the form: untouched fields take the stored value, the version and
        the marks become those of now, so that sending it again writes what is on the page.
        """
        before = _read_marks(self.data.get(self.add_prefix("shown"), ""))
        merge, both = Merge(), []
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict once bound
        self.data = data
        for name in _names(stored, self.fields):
            typed, now = _mark(self.cleaned_data.get(name)), _mark(stored[name])
            if typed == now:
                continue
            if typed == before.get(name):
                self._put(name, stored[name])
                merge.taken.append(str(self.fields[name].label))
            elif now != before.get(name):
                box = self.fields[name]
                words = (_words(box, self.cleaned_data.get(name)), _words(box, stored[name]))
                merge.clashes.append((str(box.label), *words))
                both.append(name)
        for name in both:
            self.add_error(name, "这一项两边都改了，框中是您填写的，请对照后保存。")
        data[self.add_prefix("version")] = str(stored["version"])
        data[self.add_prefix("shown")] = _marks(stored, self.fields)
        return merge

    def _put(self, name: str, value: Any) -> None:
        data: Any = self.data
        box, key = self.fields[name], self.add_prefix(name)
        shown = box.prepare_value(value)
        if isinstance(box, forms.BooleanField):
            data.pop(key, None)
            if value:
                data[key] = "on"
        elif isinstance(shown, list | tuple | set):
            data.setlist(key, [str(entry) for entry in shown])
        else:
            data[key] = "" if shown is None else str(shown)


def _names(values: Mapping[str, Any], fields: Mapping[str, forms.Field]) -> list[str]:
    """What a person can have changed: fields one sees."""
    return [name for name, box in fields.items() if name in values and not box.widget.is_hidden]


def _marks(values: Mapping[str, Any], fields: Mapping[str, forms.Field]) -> str:
    return json.dumps({name: _mark(values[name]) for name in _names(values, fields)})


def _read_marks(text: str) -> dict[str, str]:
    """Without marks (or with broken ones) every field counts as changed here."""
    try:
        marks = json.loads(text)
    except ValueError:
        return {}
    return marks if isinstance(marks, dict) else {}


def _mark(value: Any) -> str:
    return hashlib.sha256(_plain(value).encode()).hexdigest()[:16]


def _words(box: forms.Field, value: Any) -> str:
    """A value as its field words it."""
    shown = box.prepare_value(value)
    if isinstance(box, forms.BooleanField):
        return "是" if value else "否"
    if isinstance(box, forms.ChoiceField):
        keys = {str(key) for key in (shown if isinstance(shown, list | tuple | set) else [shown])}
        choices: Any = box.choices
        return "、".join(label for key, label in _flat(choices) if key in keys - {"", "None"})
    return "" if shown is None else str(shown)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(key), str(label)


def _plain(value: Any) -> str:
    """One spelling for what a field shows, cleans to and stores: a row is its key, no value is the empty text."""
    if value is None or value is False:
        return ""
    if hasattr(value, "pk"):
        return str(value.pk)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, str):
        return same_lines(value)
    if isinstance(value, Collection) or (isinstance(value, Iterable) and not isinstance(value, bytes)):
        return "\n".join(sorted(_plain(entry) for entry in value))
    return str(value)
