"""Forms of the import: what to import, which column is which, and the word for wrong check digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from cultivation.enums import ImportKindChoice
from cultivation.rules.imports_fields import DISTRICT, IGNORED, KindSpec
from cultivation.rules.imports_headers import Certainty, SheetLayout
from cultivation.rules.imports_rows import LEFT_OUT, column_key, sheet_mapping
from cultivation.services.imports_examine import locate_tables
from cultivation.services.imports_kinds import ImportAdapter
from cultivation.services.imports_paste import is_made_up
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.forms import PortalForm
from zaozhuang_portal.kernel.lengths import shortened
from zaozhuang_portal.kernel.parsing import cell_text
from zaozhuang_portal.kernel.spreadsheets import Limits, Sheet

_SAMPLE_ROWS = 3


class ImportStartForm(PortalForm):
    """① what and where to, ② a file or pasted cells. A district's own people have no choice of district.

    With `adapter` the kind is settled (a ledger's own page); else it is chosen among the register's kinds.
    """

    kind = forms.ChoiceField(label="导入什么", choices=ImportKindChoice)
    district = forms.ModelChoiceField(
        label="导入到", queryset=Organization.objects.none(), empty_label="请选择区（市）"
    )
    file = forms.FileField(
        label="选择文件",
        required=False,
        allow_empty_file=True,
        help_text="支持 .xlsx、.xls、.csv，不超过 20 MB。本系统导出的数据版也可以直接导入。",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
    text = forms.CharField(
        label="或粘贴表格",
        required=False,
        strip=False,
        help_text="在 Excel 或 WPS 中选中含表头的区域，复制后粘贴到这里。",
        widget=forms.Textarea(attrs={"rows": 5, "wrap": "off", "spellcheck": "false"}),
    )
    backfilled = forms.BooleanField(
        label="历史补录：这些是以前年度的记录",
        required=False,
        help_text="补录的行标注来源，照常计数，不触发提醒。",
    )
    source_document = forms.CharField(
        label="补录来源", required=False, max_length=160, help_text="原始文件的名称或文号；不填时用文件名。"
    )
    submit_label = "上传并校验"
    status = 422

    def __init__(self, *args: Any, actor: Actor, adapter: ImportAdapter | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if adapter is not None:
            del self.fields["kind"]
        if adapter is not None and adapter.without_heading:
            self.fields[
                "text"
            ].help_text = (
                "在 Excel 或 WPS 中选中区域，复制后粘贴到这里。没有表头时按模板的列序对应，下一步可以改。"
            )
        if adapter is None or not adapter.may_backfill:
            del self.fields["backfilled"], self.fields["source_document"]
        elif adapter.must_backfill:
            del self.fields["backfilled"]
        if actor.is_city:
            levels = adapter.levels if adapter is not None else {Level.DISTRICT}
            places = Organization.objects.filter(level__in=levels, is_active=True)
            self.fields["district"].queryset = places.order_by("sort_order", "code")  # type: ignore[attr-defined]  # a ModelChoiceField
        else:
            del self.fields["district"]
        self._own = actor.district

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload = data.get("file")
        if upload is None and not (data.get("text") or "").strip() and "file" not in self.errors:
            self.add_error("file", "请选择要导入的文件，或在下方粘贴表格。")
        if upload is not None and upload.size > Limits.file_bytes:
            self.add_error("file", f"文件不能超过 {Limits.file_bytes // 1024 // 1024} MB，请分批上传。")
        return data

    @property
    def district_chosen(self) -> Organization | None:
        return self.cleaned_data.get("district") or self._own

    @property
    def content(self) -> tuple[bytes, str, bool]:
        """(bytes, file name, pasted). A chosen file goes before pasted text."""
        upload = self.cleaned_data.get("file")
        if upload is not None:
            return upload.read(), upload.name, False
        return self.cleaned_data["text"].encode("utf-8"), "", True


@dataclass(frozen=True)
class ColumnChoice:
    """One column on the mapping page: its heading, three sample values, and the present choice."""

    name: str
    heading: str
    samples: tuple[str, ...]
    chosen: str
    is_guess: bool


@dataclass(frozen=True)
class SheetChoice:
    """One sheet with a heading on the mapping page. `heading_row` counts from 1; `left_out`: 此表不导入."""

    number: int
    name: str
    heading_row: int
    columns: tuple[ColumnChoice, ...]
    left_out: bool

    @property
    def field(self) -> str:
        return f"leave-out-{self.number}"


def sheet_choices(spec: KindSpec, sheets: Sequence[Sheet], mapping: Mapping[str, str]) -> list[SheetChoice]:
    """Every sheet that has a heading, each with its own columns; what was chosen before is chosen still."""
    shown = {key: chosen for key, chosen in mapping.items() if chosen != LEFT_OUT}
    rows = {sheet.name: sheet.rows for sheet in sheets}
    return [
        SheetChoice(
            number,
            table.name,
            table.layout.header_row + 1,
            tuple(_columns(table.layout, number, rows[table.name], sheet_mapping(mapping, table.name))),
            mapping.get(column_key(table.name, "")) == LEFT_OUT,
        )
        for number, table in enumerate(locate_tables(spec, sheets, shown))
        if table.layout
    ]


def _columns(
    layout: SheetLayout, number: int, rows: Sequence[Sequence[object]], mapping: Mapping[str, str]
) -> Iterator[ColumnChoice]:
    place = f"column-{number}-" if number else "column-"
    for column in layout.columns:
        below = rows[layout.first_data_row : layout.first_data_row + 20]
        samples = [cell_text(row[column.index]).strip() for row in below if column.index < len(row)]
        yield ColumnChoice(
            f"{place}{column.index}",
            column.heading,
            tuple([shortened(text, 30) for text in samples if text][:_SAMPLE_ROWS]),
            mapping.get(column.heading, column.key),
            column.certainty is Certainty.GUESS or is_made_up(column.heading),
        )


def mapping_options(spec: KindSpec) -> Iterator[tuple[str, str]]:
    """The choices of each column: not used, the district check, and every field."""
    yield "", "不导入"
    for key, field in spec.by_key.items():
        yield key, f"{field.header}{'（必填）' if field.required else ''}"
    yield DISTRICT, "区（市）（只核对）"


def read_mapping(choices: Sequence[SheetChoice], data: Mapping[str, Any]) -> dict[str, str]:
    """Column of a sheet → key from the posted selects; a column that was not posted keeps its guess."""
    mapping = {}
    for sheet in choices:
        if data.get(sheet.field):
            mapping[column_key(sheet.name, "")] = LEFT_OUT
        for column in sheet.columns:
            key = str(data.get(column.name, column.chosen))
            mapping[column_key(sheet.name, column.heading)] = "" if key == IGNORED else key
    return mapping
