"""Base forms: labels on top, red star with a legend line, errors in the words of the office, liberal fields (ux E6, E7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, BaseInput, Div, Fieldset, Layout
from django import forms
from django.core.validators import MaxLengthValidator

from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.kernel.lengths import typed_length
from zaozhuang_portal.kernel.parsing import (
    ParseError,
    parse_date,
    parse_decimal,
    parse_int,
    parse_phone,
    to_half_width,
)

FORM_KEY = "{% load portal_ui %}{% form_key %}"
REQUIRED_LEGEND = '<p class="required-legend"><span class="asteriskField">*</span>为必填项，其余选填</p>'


class SubmitButton(BaseInput):
    input_type = "submit"
    template = "components/crispy_button.html"

    def __init__(self, name: str, value: str, *, primary: bool = True, **kwargs: Any) -> None:
        self.field_classes = "btn btn-primary" if primary else "btn btn-outline-primary"
        super().__init__(name, value, **kwargs)


class PortalFormHelper(FormHelper):
    """novalidate, csrf, shortcuts and the leaving guard switched on; button row at the foot."""

    def __init__(self, form: forms.BaseForm | None = None) -> None:
        super().__init__(form)
        self.form_method = "post"
        self.attrs = {"novalidate": True, "data-shortcuts": True, "data-guard": True}
        self.disable_csrf = False
        self.form_show_errors = True
        self.error_text_inline = False
        self.html5_required = False
        self.form_error_title = ""


class PortalFormMixin:
    """Chinese errors, describing ids, and a helper built from `fieldsets`, `submit_label`, `cancel_url`.

    `extra_buttons` are (name, label) pairs after the primary button.
    """

    fieldsets: ClassVar[Sequence[tuple[str, Sequence[Any]]]] = ()
    submit_label = "保存"
    cancel_url = ""
    extra_buttons: Sequence[tuple[str, str]] = ()
    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.cancel_url = kwargs.pop("cancel_url", self.cancel_url)
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            self._speak(field)

    @staticmethod
    def _speak(field: forms.Field) -> None:
        if field.required:
            field.widget.attrs.setdefault("aria-required", "true")
        # A browser cuts a pasted text at maxlength without a word; the counter shows the room, the server refuses.
        field.widget.attrs.pop("maxlength", None)
        _count_as_typed(field)
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            verb = "选择" if isinstance(field, forms.ChoiceField | forms.FileField) else "填写"
            field.error_messages["required"] = f"请{verb}{str(field.label or '此项').strip()}"
        field.error_messages.setdefault(
            "max_length", "最多 %(limit_value)d 个字，现有 %(show_value)d 个字，请删减"
        )
        field.error_messages.setdefault(
            "min_length", "至少 %(limit_value)d 个字，现有 %(show_value)d 个字，请补充"
        )

    @property
    def helper(self) -> PortalFormHelper:
        helper = PortalFormHelper(self)  # type: ignore[arg-type]  # the mixin is only used on forms
        body = (
            [Fieldset(legend, *names, css_class="form-group-block") for legend, names in self.fieldsets]
            if self.fieldsets
            else list(self.fields)
        )
        legend = [HTML(REQUIRED_LEGEND)] if any(field.required for field in self.fields.values()) else []
        buttons: list[Any] = [SubmitButton("save", self.submit_label)]
        buttons += [SubmitButton(name, label, primary=False) for name, label in self.extra_buttons]
        if self.cancel_url:
            buttons.append(HTML('<a class="btn btn-link" href="{{ form.cancel_url }}">取消</a>'))
        helper.layout = Layout(HTML(FORM_KEY), *legend, *body, Div(*buttons, css_class="button-row"))
        return helper

    def add_domain_error(self, error: DomainError) -> None:
        """Put a domain error beside its field, or above the form when it names none."""
        field = error.field if error.field in self.fields else None
        self.add_error(field, error.message)  # type: ignore[attr-defined]  # from BaseForm


class TypedLength(MaxLengthValidator):
    """At most so many characters as the browser counts them."""

    def clean(self, value: Any) -> int:
        return typed_length(str(value))


def _count_as_typed(field: forms.Field) -> None:
    """The length of a text counted like the counter beside it (static/js/room.js)."""
    most = getattr(field, "max_length", None)
    if most is None or field.widget.is_hidden:
        return
    field.validators = [
        TypedLength(one.limit_value, one.message) if type(one) is MaxLengthValidator else one
        for one in field.validators
    ]
    # A code is counted without the spaces people type into it.
    if isinstance(field.widget, forms.Textarea | forms.TextInput) and not isinstance(field, CodeField):
        field.widget.attrs.setdefault("data-room", str(most))


class PortalForm(PortalFormMixin, forms.Form):
    pass


class _ParsedField(forms.CharField):
    """A text box whose words go through a liberal parser; a text that cannot be read stays as typed."""

    def parse(self, text: str) -> Any:
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        if value is None or value == "":
            return self.blank_value
        try:
            return self.parse(value)
        except ParseError as error:
            raise forms.ValidationError(str(error), code="invalid") from error

    blank_value: Any = None

    def run_validators(self, value: Any) -> None:
        if isinstance(value, str):
            super().run_validators(value)


def _box(inputmode: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(
        attrs={"inputmode": inputmode, "autocomplete": "off", "class": "short-input", **attrs}
    )


class LooseDateField(_ParsedField):
    """20261105, 2026.11.5, 2026-11-5, 2026年11月5日; shown as 2026-11-05. `data-date` adds the calendar button."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _box("numeric", **{"placeholder": "如 2026-11-05", "data-date": ""}))
        super().__init__(**kwargs)

    def parse(self, text: Any) -> date | None:
        return parse_date(text)

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return parse_date(data) != parse_date(initial)
        except ParseError:
            return True


class LooseIntegerField(_ParsedField):
    """A whole number in `minimum`..`maximum`; full-width digits, thousands commas and the unit are accepted."""

    def __init__(
        self, *, minimum: int | None = 0, maximum: int | None = None, unit: str = "", **kwargs: Any
    ) -> None:
        self.minimum, self.maximum, self.unit = minimum, maximum, unit
        kwargs.setdefault("widget", _box("numeric"))
        super().__init__(**kwargs)

    def parse(self, text: Any) -> int | None:
        return parse_int(text, minimum=self.minimum, maximum=self.maximum, unit=self.unit)


class LooseDecimalField(_ParsedField):
    """A decimal with at most `places` digits after the point, in `minimum`..`maximum`."""

    def __init__(
        self,
        *,
        minimum: Decimal | int | None = 0,
        maximum: Decimal | int | None = None,
        places: int | None = 2,
        unit: str = "",
        **kwargs: Any,
    ) -> None:
        self.minimum, self.maximum, self.places, self.unit = minimum, maximum, places, unit
        kwargs.setdefault("widget", _box("decimal"))
        super().__init__(**kwargs)

    def parse(self, text: Any) -> Decimal | None:
        return parse_decimal(
            text, minimum=self.minimum, maximum=self.maximum, places=self.places, unit=self.unit
        )


class PhoneField(_ParsedField):
    """A mainland telephone number, mobile or landline."""

    blank_value = ""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _box("tel", autocomplete="tel"))
        super().__init__(**kwargs)

    def parse(self, text: Any) -> str:
        return parse_phone(text)


class CodeField(forms.CharField):
    """A code: full-width characters halved, spaces dropped, upper case."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return "".join(to_half_width(text).split()).upper() if isinstance(text, str) else text
