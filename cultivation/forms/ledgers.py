"""The form of a ledger's record, derived from its columns: groups as fieldsets, liberal fields, 补录 with its source."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

from crispy_forms.layout import LayoutObject
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cultivation.forms.ledger_fields import field_for
from cultivation.ledgers.base import ColumnKind, Ledger, Slip
from cultivation.selectors.calendar import current_year, statistical_periods
from cultivation.selectors.ledgers import choosable_organizations, last_entry
from cultivation.services.ledger_values import check_across
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.clock import now, shanghai_date
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.forms import PortalForm, PortalFormHelper
from zaozhuang_portal.kernel.merging import MergingForm

BACKFILL = ("补录", ("backfilled", "source_document"))
# Persons and places a clerk enters the same way many times; `Column.remember` adds more (ux E8).
REMEMBERED = frozenset(
    {"place", "lecturer", "chair", "mediator_body", "provider", "organizer", "outlet", "mode"}
)


class Folded(LayoutObject):
    """Fields behind a summary; opened without script too."""

    def __init__(self, *fields: str, summary: str, opened: bool) -> None:
        self.fields, self.summary, self.opened = list(fields), summary, opened

    def render(
        self, form: Any, context: Any, template_pack: Any = TEMPLATE_PACK, **kwargs: Any
    ) -> SafeString:
        inner = self.get_rendered_fields(form, context, template_pack, **kwargs)
        return format_html(
            '<details class="disclosure"{}><summary>{}</summary>{}</details>',
            SafeString(" open") if self.opened else "",
            self.summary,
            inner,
        )


class RecordForm(MergingForm):
    """Base of the derived forms. `record` None: a new row.

    Besides the columns: `organization` (a city actor says whose record it is), `year` (undated ledgers), 补录 with
    its source, and hidden the version and what was confirmed.
    """

    ledger: ClassVar[Ledger]
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # The digest of the warnings the clerk has seen; pressed again with the same ones, they are confirmed.
    confirmed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, actor: Actor, record: Any = None, **kwargs: Any) -> None:
        self.actor, self.record = actor, record
        self.submit_label = f"保存{self.ledger.noun}"
        if record is None:
            self.extra_buttons = (("save_and_add", "保存并新增下一条"),)
        kwargs["initial"] = {**self._defaults(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for name, field in self._derived_fields().items():
            self.fields[name] = field
            self._speak(field)
        self.order_fields([name for _, names in self.fieldsets for name in names])
        if record is None and not self.is_bound:
            self._focus_first()

    def _focus_first(self) -> None:
        first = next((name for _, names in self.fieldsets for name in names), "")
        if first:
            self.fields[first].widget.attrs["autofocus"] = True

    @property
    def organization(self) -> Any:
        """Whose record it is, when that is already certain."""
        if self.record is not None:
            return self.record.organization
        return None if self.actor.is_city else self.actor.district

    def _defaults(self) -> dict[str, Any]:
        """Own district, today, this year, the last place and person; never a judgement (ux E8)."""
        columns = self.ledger.form_columns
        if self.record is not None:
            stored = {column.key: getattr(self.record, column.key) for column in columns}
            names = ("version", "year_id", "organization_id", "backfilled", "source_document")
            return stored | {name.removesuffix("_id"): getattr(self.record, name) for name in names}
        today = shanghai_date(now())
        values: dict[str, Any] = {"year": current_year(today)}
        remembered = [column.key for column in columns if column.remember or column.key in REMEMBERED]
        last = last_entry(self.actor, self.ledger) if remembered else None
        values |= self.ledger.defaults(self.actor, today)
        entered = {key: getattr(last, key) for key in remembered} if last is not None else {}
        values |= {key: value for key, value in entered.items() if value not in (None, "")}
        if self.ledger.year_key:
            values[self.ledger.year_key] = today
        return values

    def _derived_fields(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        if self.record is None and self.actor.is_city:
            fields["organization"] = forms.ModelChoiceField(
                label="填报单位",
                queryset=choosable_organizations(self.actor),
                required=False,
                empty_label="自动（培育对象所在区（市），没有的为市本级）"
                if self.ledger.subject_column
                else "市本级",
            )
        if not self.ledger.year_key:
            fields["year"] = forms.TypedChoiceField(
                label="年度",
                coerce=int,
                choices=[(period.year, f"{period.year}年度") for period in statistical_periods()],
            )
        for column in self.ledger.form_columns:
            fields[column.key] = field_for(
                column, actor=self.actor, organization=self.organization, record=self.record
            )
        fields["backfilled"] = forms.BooleanField(
            label="补录（以前发生、现在补登的记录）",
            required=False,
            help_text="补录的记录照常计数，不催办、不预警。",
        )
        fields["source_document"] = forms.CharField(
            label="补录来源",
            max_length=160,
            required=False,
            help_text="文件、签到表、照片等原始资料的名称或文号，勾选补录时必填。",
        )
        return fields

    @property
    def fieldsets(self) -> Sequence[tuple[str, Sequence[Any]]]:  # type: ignore[override]  # depends on actor and record
        groups = list(self.ledger.groups)
        named = {key for _, keys in groups for key in keys}
        rest = tuple(column.key for column in self.ledger.form_columns if column.key not in named)
        if rest:
            groups.append(("其他" if groups else self.ledger.noun, rest))
        known = {column.key for column in self.ledger.form_columns}
        head: tuple[str, ...] = ()
        if self.record is None and self.actor.is_city:
            head += ("organization",)
        if not self.ledger.year_key:
            head += ("year",)
        first, keys = groups[0]
        groups[0] = (first, (*head, *keys))
        kept = [(name, tuple(key for key in keys if key in known or key in head)) for name, keys in groups]
        return (*((name, keys) for name, keys in kept if keys), BACKFILL)

    @property
    def helper(self) -> PortalFormHelper:
        helper = super().helper
        helper.render_hidden_fields = True
        parts = helper.layout.fields
        place = next(i for i, part in enumerate(parts) if getattr(part, "legend", "") == BACKFILL[0])
        parts[place] = Folded(*BACKFILL[1], summary="补录以前发生的记录", opened=self._backfill_open)
        return helper

    @property
    def _backfill_open(self) -> bool:
        """补录 is out of the way until it is used, asked about, or wrong."""
        if self.is_bound:
            asked = bool(self.data.get("confirmed")) or "source_document" in self.errors
            return asked or bool(self.data.get("backfilled") or self.data.get("source_document"))
        return bool(self.initial.get("backfilled"))

    def clean(self) -> dict[str, Any]:
        """With wrong fields the service is not asked: say here what spans the others, so that all is said at once."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if wrong := set(self.errors):
            columns = {column.key for column in self.ledger.form_columns}
            values = {key: value for key, value in cleaned.items() if key in columns}
            slips = check_across(self.actor, self.ledger, self.record, values, wrong)
            for slip in slips:
                self.add_error(slip.field if slip.field in self.fields else None, slip.message)
        return cleaned

    @property
    def values_for_service(self) -> dict[str, Any]:
        """What create_record and update_record take as `values`."""
        names = {column.key for column in self.ledger.form_columns} | {"organization", "year"}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in names and not (name == "organization" and value is None)
        }

    @property
    def filing(self) -> dict[str, Any]:
        """The other arguments of the services: 补录 and its source."""
        return {
            "backfilled": self.cleaned_data["backfilled"],
            "source_document": self.cleaned_data["source_document"],
        }

    def add_domain_error(self, error: DomainError) -> None:
        """Every slip beside its field; one that names none of them above the form."""
        slips: Sequence[Slip] = getattr(error, "slips", ())
        if not slips:
            super().add_domain_error(error)
        for slip in slips:
            self.add_error(slip.field if slip.field in self.fields else None, slip.message)

    def confirms(self, slips: Sequence[Slip]) -> bool:
        """Whether these very warnings were shown before and the form was sent again."""
        return bool(self.cleaned_data.get("confirmed")) and self.cleaned_data["confirmed"] == digest(slips)

    def ask_to_confirm(self, slips: Sequence[Slip]) -> None:
        """Send the form again to confirm; the button says so."""
        self.set_hidden("confirmed", digest(slips))
        self.submit_label = "确认无误，保存"

    def set_hidden(self, name: str, value: str) -> None:
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict once bound
        self.data[name] = value


def digest(slips: Sequence[Slip]) -> str:
    words = "\n".join(f"{slip.field}:{slip.message}" for slip in slips)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


@cache
def record_form(ledger: Ledger) -> type[RecordForm]:
    """The form class of a ledger."""
    return type(f"{ledger.kind}Form", (RecordForm,), {"ledger": ledger})


def inline_form(ledger: Ledger, record: Any, actor: Actor, data: Any = None) -> PortalForm:
    """A form of the columns that a list lets one change in place (ux E11)."""
    form = PortalForm(
        data,
        prefix=f"r{record.pk}",
        initial={key: getattr(record, key) for key in ledger.inline} | {"version": record.version},
    )
    for key in ledger.inline:
        column = ledger.by_key[key]
        field = field_for(column, actor=actor, organization=record.organization, record=record)
        if column.kind is ColumnKind.LONG_TEXT:
            field.widget = forms.TextInput()
        if not form.fields:
            field.widget.attrs["autofocus"] = True
        form.fields[key] = field
        form._speak(field)
    form.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
    return form
