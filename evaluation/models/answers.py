"""作答, 申报事项 and 需说明: what was entered, one row per layer; nothing derived (design §4)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from evaluation.enums import ENTERED_LAYER_CHOICES, CitySource, DeclarationKind, Layer, Verdict
from evaluation.models.assessments import Assessment
from evaluation.rules.lengths import MAX_EXPLANATION, MAX_NOT_APPLICABLE, MAX_REASON, MAX_WORDS
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.bounds import BoundedTextField


def _reviewing_fields_match_layer() -> Q:
    """SELF rows carry no verdict; exactly the CITY rows carry a source."""
    return (
        Q(layer=Layer.SELF, verdict="", reason_code="", source="")
        | (Q(layer=Layer.DISTRICT, source="") & ~Q(verdict=""))
        | (Q(layer=Layer.CITY) & ~Q(source="") & ~Q(verdict=""))
    )


class LayerRow(models.Model):
    """What answers and declarations of every layer have in common.

    `verdict`, `reason_code` and `reason` belong to reviewing layers: a CHANGED row needs its reason.
    """

    layer = models.CharField("层级", max_length=10, choices=ENTERED_LAYER_CHOICES, default=Layer.SELF)
    words = BoundedTextField("说明", max_length=MAX_WORDS, blank=True)
    source = models.CharField("市级来源", max_length=12, choices=CitySource, blank=True)
    verdict = models.CharField("核验结论", max_length=10, choices=Verdict, blank=True)
    reason_code = models.CharField("理由代码", max_length=40, blank=True)
    reason = BoundedTextField("理由", max_length=MAX_REASON, blank=True)
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更新人")

    class Meta:
        abstract = True


class Answer(LayerRow):
    """One item of one layer. `inputs` is the list of design §10, one entry per part answered by hand.

    Entries: true / false, a number, [numerator, denominator], null. Whole numbers are JSON integers,
    decimals text; in a draft an entry may also be whatever was typed: saving never validates. `inputs` stay
    when the item is marked not applicable.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers", verbose_name="自评")
    indicator = models.CharField("指标", max_length=20)
    inputs = models.JSONField("作答", default=list, blank=True)
    not_applicable = models.BooleanField("不适用", default=False)
    not_applicable_reason = BoundedTextField("不适用理由", max_length=MAX_NOT_APPLICABLE, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "作答"
        ordering = ["assessment_id", "indicator"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "layer", "indicator"], name="unique_answer"),
            models.CheckConstraint(condition=_reviewing_fields_match_layer(), name="answer_review_fields"),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.CHANGED) | ~Q(reason=""), name="changed_answer_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}（{self.get_layer_display()}）"


class Declaration(LayerRow):
    """A veto (YES / NO), a deduction (one of its options) or a survey value, as text; blank: undeclared."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="declarations", verbose_name="自评"
    )
    code = models.CharField("代码", max_length=20)
    kind = models.CharField("类别", max_length=12, choices=DeclarationKind)
    value = models.CharField("值", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申报事项"
        ordering = ["assessment_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "layer", "code"], name="unique_declaration"),
            models.CheckConstraint(
                condition=_reviewing_fields_match_layer(), name="declaration_review_fields"
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.CHANGED) | ~Q(reason=""), name="changed_declaration_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}（{self.get_layer_display()}）"


class Explanation(models.Model):
    """需说明: the subject's words on a doubt of the check before submitting. `code` names the doubt."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="explanations", verbose_name="自评"
    )
    code = models.CharField("事项", max_length=60)
    text = BoundedTextField("说明", max_length=MAX_EXPLANATION)
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更新人")

    class Meta:
        verbose_name = verbose_name_plural = "说明"
        ordering = ["assessment_id", "code"]
        constraints = [models.UniqueConstraint(fields=["assessment", "code"], name="unique_explanation")]

    def __str__(self) -> str:
        return self.code
