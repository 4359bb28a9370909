"""Choices of the evaluation app (glossary: Evaluation)."""

from __future__ import annotations

from django.db.models import TextChoices


class AssessmentState(TextChoices):
    DRAFT = "DRAFT", "填报中"
    AWAITING_ADOPTION = "AWAITING_ADOPTION", "待职代会审议"
    SUBMITTED = "SUBMITTED", "已提交"
    UNDER_REVIEW = "UNDER_REVIEW", "区（市）核验中"
    RETURNED = "RETURNED", "退回修改"
    VERIFIED = "VERIFIED", "区（市）已核验"
    CONFIRMED = "CONFIRMED", "市级已确认"
    ARCHIVED = "ARCHIVED", "已归档"


# States in which the SELF layer lies with the subject.
OPEN_STATES = frozenset({AssessmentState.DRAFT, AssessmentState.AWAITING_ADOPTION, AssessmentState.RETURNED})
# States in which answers may be written (RETURNED: the returned items only).
EDITABLE_STATES = frozenset({AssessmentState.DRAFT, AssessmentState.RETURNED})


class Layer(TextChoices):
    """评价层级. SELF, DISTRICT, CITY are entered, each by its own role; EFFECTIVE is derived (design §4)."""

    SELF = "SELF", "自评"
    DISTRICT = "DISTRICT", "区（市）核验"
    CITY = "CITY", "市级"
    EFFECTIVE = "EFFECTIVE", "认定"


# From the lowest to the highest; EFFECTIVE takes the last one that was actually entered.
ENTERED_LAYERS = (Layer.SELF, Layer.DISTRICT, Layer.CITY)
ENTERED_LAYER_CHOICES = [(layer.value, layer.label) for layer in ENTERED_LAYERS]


class CitySource(TextChoices):
    REVIEW = "REVIEW", "市级复核"
    SPOT_CHECK = "SPOT_CHECK", "市级抽查"


class Verdict(TextChoices):
    """What a reviewer said about the layer below; SELF rows carry none."""

    AGREED = "AGREED", "同意"
    CHANGED = "CHANGED", "调整"


class DeclarationKind(TextChoices):
    VETO = "VETO", "一票否决"
    DEDUCTION = "DEDUCTION", "扣分项"
    SURVEY = "SURVEY", "满意度测评"


class Qualification(TextChoices):
    """结果, the first that holds (design §10)."""

    VETOED = "VETOED", "否决"
    INCOMPLETE = "INCOMPLETE", "未评全"
    GATED = "GATED", "门槛未过"
    BELOW = "BELOW", "未达到"
    PASSED = "PASSED", "达到标准"
