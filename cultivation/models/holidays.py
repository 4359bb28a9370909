"""节假日安排: the days off and the weekend days made workdays, as the yearly notices say (design §8)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cultivation.enums import HolidayKind
from zaozhuang_portal.accounts.models import User


class Holiday(models.Model):
    """One day. `year` is the year whose list names it: New Year 2023 began on 2022-12-31."""

    year = models.PositiveSmallIntegerField("安排年度")
    day = models.DateField("日期", unique=True)
    kind = models.CharField("类别", max_length=8, choices=HolidayKind)
    name = models.CharField("名称", max_length=20)
    document = models.CharField("文号", max_length=60)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "节假日安排"
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=HolidayKind.values), name="holiday_kind"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(document=""), name="holiday_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.get_kind_display()} {self.name}"
