"""An indicator set as data: frozen, ordered, exact. Built by `indicator_sets.parse_indicator_set` only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from evaluation.rules.fields import Provenance
from evaluation.rules.kinds import Part, SurveyPart

SUBJECT_KINDS = {
    "ENTERPRISE": "企业",
    "INDUSTRIAL_PARK": "工业园区",
    "TOWNSHIP": "乡镇（街道）",
    "INDUSTRY_PILOT": "行业试点",
}
STATUSES = {"RECONSTRUCTION": "重构稿，待官方文本核定", "OFFICIAL": "官方文本"}
REQUIREMENTS = {"WORKERS_CONGRESS_ADOPTION": "经职工（代表）大会审议通过"}
NOT_APPLICABLE_POLICIES = {
    "FULL": "不适用的得满分",
    "EXCLUDE": "不适用的不计入总分",
    "FORBIDDEN": "不得按不适用处理",
}


@dataclass(frozen=True)
class Source:
    """A document the set was taken from; `grade` A official text … D unverified recollection."""

    code: str
    ref: str
    grade: str = ""


@dataclass(frozen=True)
class Indicator:
    """One item. `text` keeps the wording of the standard's rule beside the parts that reckon it."""

    code: str
    name: str
    max_score: Decimal
    parts: tuple[Part, ...]
    not_applicable: str = "FORBIDDEN"
    evidence: tuple[str, ...] = ()
    name_township: str = ""
    text: str = ""
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def parts_by_hand(self) -> tuple[Part, ...]:
        """The parts that take an entry of the answer, in order."""
        return tuple(part for part in self.parts if part.by_hand)

    @property
    def survey_codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.survey for part in self.parts if isinstance(part, SurveyPart)))

    def name_for(self, subject_kind: str) -> str:
        """The wording for townships and streets where the set gives one, else the name."""
        return self.name_township if subject_kind == "TOWNSHIP" and self.name_township else self.name


@dataclass(frozen=True)
class Dimension:
    code: str
    name: str
    max_score: Decimal
    indicators: tuple[Indicator, ...]
    name_township: str = ""
    text: str = ""
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True)
class Veto:
    """一票否决: the number stays, the qualification is lost. `related` names indicators it bears on."""

    code: str
    name: str
    related: tuple[str, ...] = ()
    name_township: str = ""
    text: str = ""
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True)
class Deduction:
    """扣分项 outside the dimensions. `options` are 0 or negative points."""

    code: str
    name: str
    options: tuple[Decimal, ...]
    text: str = ""
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True)
class Survey:
    """An anonymous survey, 0–100. With a `minimum` it is a gate."""

    code: str
    name: str
    minimum: Decimal | None = None
    text: str = ""
    provenance: Provenance = field(default_factory=Provenance)


@dataclass(frozen=True)
class IndicatorSetDefinition:
    """A whole evaluation standard in one version. Points add up: parts = item, items = dimension, dimensions = total."""

    code: str
    version: str
    title: str
    status: str
    total_score: Decimal
    applies_to: tuple[str, ...]
    pass_score: Decimal
    dimensions: tuple[Dimension, ...]
    effective_from: date | None = None
    requires: tuple[str, ...] = ()
    veto_lookback_months: int | None = None
    vetoes: tuple[Veto, ...] = ()
    deductions: tuple[Deduction, ...] = ()
    surveys: tuple[Survey, ...] = ()
    sources: tuple[Source, ...] = ()
    text: str = ""
    threshold_notes: Mapping[str, Provenance] = field(default_factory=dict)

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """Every item, in the set's order: the order of a score sheet's marks."""
        return tuple(item for dimension in self.dimensions for item in dimension.indicators)

    @cached_property
    def _by_code(self) -> dict[str, Indicator]:
        return {item.code: item for item in self.indicators}

    def indicator(self, code: str) -> Indicator | None:
        return self._by_code.get(code)

    def dimension_of(self, code: str) -> Dimension | None:
        return next(
            (found for found in self.dimensions if any(i.code == code for i in found.indicators)), None
        )

    @property
    def is_reconstruction(self) -> bool:
        return self.status == "RECONSTRUCTION"

    @property
    def requires_adoption(self) -> bool:
        """Whether a self-assessment must first pass the 职工（代表）大会."""
        return "WORKERS_CONGRESS_ADOPTION" in self.requires
