"""Form fields of a ledger's columns: one liberal field per kind, what may be chosen limited to what the actor may name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from cultivation.ledgers.base import Column, ColumnKind, find_ledger
from cultivation.models import Subject
from cultivation.selectors.ledgers import (
    choosable_townships,
    choosable_units,
    choosable_users,
    find_subject,
    visible_records,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import LooseDateField, LooseDecimalField, LooseIntegerField, PhoneField
from zaozhuang_portal.kernel.parsing import parse_month

LONGEST_SELECT = 500


class LooseMonthField(LooseDateField):
    """2026-11, 202611, 2026年11月 or a day of the month; stored as its first day."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "inputmode": "numeric",
            "autocomplete": "off",
            "class": "short-input",
            "placeholder": "如 2026-11",
        }
        super().__init__(widget=forms.TextInput(attrs=attrs), **kwargs)

    def parse(self, text: Any) -> date | None:
        return parse_month(text)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != data


class AddressField(forms.CharField):
    """A web address as copied from the browser; without a scheme it gets https."""

    def to_python(self, value: Any) -> Any:
        text = "".join(str(super().to_python(value) or "").split())
        return f"https://{text}" if text and "://" not in text else text


class SubjectWidget(forms.TextInput):
    """A text box with suggestions from the register; without script the exact name or the credit code serves."""

    template_name = "cultivation/ledgers/_subject_widget.html"

    def __init__(self, kinds: frozenset[str]) -> None:
        super().__init__(attrs={"autocomplete": "off", "placeholder": "输入两个字或信用代码"})
        self.kinds = kinds

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        query = urlencode({"field": name, "kind": sorted(self.kinds)}, doseq=True)
        context["widget"]["suggestions"] = f"{reverse('cultivation:subject_suggestions')}?{query}"
        context["widget"]["list_id"] = f"{context['widget']['attrs'].get('id', name)}-options"
        context["widget"]["attrs"]["list"] = context["widget"]["list_id"]
        return context


class SubjectField(forms.CharField):
    """The subject as typed: its exact name, its credit code, or 名称（代码） as suggested. Cleans to the Subject."""

    def __init__(
        self, *, actor: Actor, kinds: frozenset[str], current: Subject | None, **kwargs: Any
    ) -> None:
        super().__init__(widget=SubjectWidget(kinds), **kwargs)
        self.actor, self.kinds, self.current = actor, kinds, current

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if self.current is not None and text == self.current.name:
            return self.current
        try:
            return find_subject(self.actor, text, kinds=self.kinds)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error

    def prepare_value(self, value: Any) -> Any:
        return value.name if isinstance(value, Subject) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial or "") != (data or ""))


class PlaceField(forms.ModelChoiceField):
    """Townships; with the district in front where several districts are offered."""

    with_district = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{organization_name(obj.parent_id)} {obj.name}" if self.with_district else str(obj.name)


def _text(column: Column, **common: Any) -> forms.Field:
    return forms.CharField(max_length=column.limit, **common)


def _long_text(column: Column, **common: Any) -> forms.Field:
    return forms.CharField(max_length=column.limit, widget=forms.Textarea(attrs={"rows": 4}), **common)


def _integer(column: Column, **common: Any) -> forms.Field:
    return LooseIntegerField(
        minimum=column.minimum, maximum=column.maximum or 2_000_000_000, unit=column.unit, **common
    )


def _decimal(column: Column, **common: Any) -> forms.Field:
    return LooseDecimalField(
        minimum=column.minimum, maximum=column.maximum, places=column.places, unit=column.unit, **common
    )


def _choice(column: Column, **common: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("", "请选择"), *column.choices], **common)


def _choices(column: Column, **common: Any) -> forms.Field:
    return forms.MultipleChoiceField(choices=column.choices, widget=forms.CheckboxSelectMultiple, **common)


_SIMPLE: dict[ColumnKind, Callable[..., forms.Field]] = {
    ColumnKind.TEXT: _text,
    ColumnKind.LONG_TEXT: _long_text,
    ColumnKind.INTEGER: _integer,
    ColumnKind.DECIMAL: _decimal,
    ColumnKind.DATE: lambda column, **common: LooseDateField(**common),
    ColumnKind.MONTH: lambda column, **common: LooseMonthField(**common),
    ColumnKind.BOOLEAN: lambda column, **common: forms.BooleanField(**{**common, "required": False}),
    ColumnKind.CHOICE: _choice,
    ColumnKind.CHOICES: _choices,
    ColumnKind.PHONE: lambda column, **common: PhoneField(**common),
    ColumnKind.URL: lambda column, **common: AddressField(max_length=column.longest, **common),
}


def field_for(
    column: Column, *, actor: Actor, organization: Organization | None, record: Any = None
) -> forms.Field:
    """The form field of a column. `organization` is whose record it is; None: a city actor has still to choose."""
    label = (
        f"{column.header}（{column.unit}）" if column.unit and "（" not in column.header else column.header
    )
    common = {"label": label, "required": column.required, "help_text": column.help}
    if column.kind in _SIMPLE:
        return _SIMPLE[column.kind](column, **common)
    current = getattr(record, column.key, None) if record is not None else None
    if column.kind is ColumnKind.SUBJECT:
        return SubjectField(actor=actor, kinds=column.subject_kinds, current=current, **common)
    if column.kind is ColumnKind.TOWNSHIP:
        places = choosable_townships(actor, organization)
        if current is not None:
            places = places | type(current).objects.filter(pk=current.pk).select_related("parent")
        field = PlaceField(queryset=places, empty_label="请选择", **common)
        field.with_district = organization is None
        return field
    queryset: QuerySet[Any]
    if column.kind is ColumnKind.ORGANIZATION:
        queryset = Organization.objects.districts()
    elif column.kind is ColumnKind.RECORD:
        ledger = find_ledger(column.ledger)
        if ledger is None:
            raise LookupError(f"column {column.key} names the unknown ledger {column.ledger}")
        queryset = visible_records(actor, ledger).select_related(*ledger.select_related)
    elif column.kind is ColumnKind.MEMBER_UNIT:
        queryset = choosable_units(_home(actor, organization))
    else:
        queryset = choosable_users(_home(actor, organization))
    if current is not None:
        shown = set(queryset.values_list("pk", flat=True)[:LONGEST_SELECT]) | {current.pk}
        queryset = type(current)._default_manager.filter(pk__in=shown)
    return forms.ModelChoiceField(queryset=queryset, empty_label="请选择", **common)


def _home(actor: Actor, organization: Organization | None) -> Organization:
    home = organization or actor.district or actor.organization
    if home is None:
        raise LookupError("an actor who keeps a ledger works somewhere")
    return home
