"""风险等级 of a subject (信用风险分类), each with the day it is of and the paper it stands on (design §4a)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cultivation.enums import RiskClass
from cultivation.models.records import LIVE, DatedRecord, SubjectRecordQuerySet, subject_key


class RiskRating(DatedRecord):
    """What the authority said on one day. The class in force is the latest day's: selectors.risk_classes."""

    subject = subject_key("risk_ratings")
    risk_class = models.CharField("风险等级", max_length=1, choices=RiskClass)
    basis = models.CharField("来源", max_length=160)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "风险等级"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["subject", "happened_on"], condition=LIVE, name="one_risk_class_a_day"
            ),
            models.CheckConstraint(condition=Q(risk_class__in=RiskClass.values), name="risk_class_a_to_d"),
            models.CheckConstraint(condition=~Q(basis=""), name="risk_class_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}：{self.get_risk_class_display()}（{self.happened_on}）"
