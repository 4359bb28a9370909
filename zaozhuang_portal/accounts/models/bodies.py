"""Tripartite bodies, their member units and seats (notice 三（二）2: four levels, all covered)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from zaozhuang_portal.accounts.enums import MemberUnitKind, SeatState, Side
from zaozhuang_portal.accounts.models.organizations import Organization


class MemberUnit(models.Model):
    """A department that sits in a tripartite body, e.g. 滕州市总工会. One department may hold several seats."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="member_units", verbose_name="所属单位"
    )
    kind = models.CharField("成员单位类别", max_length=40, choices=MemberUnitKind)
    side = models.CharField("方", max_length=12, choices=Side)
    name = models.CharField("名称", max_length=80)
    phone = models.CharField("联系电话", max_length=30, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "成员单位"
        ordering = ["organization_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="unique_member_unit_name")
        ]

    def __str__(self) -> str:
        return self.name


class TripartiteBody(models.Model):
    """协调劳动关系三方机构 of one organization. The date of an established body may be unknown."""

    organization = models.OneToOneField(
        Organization, models.PROTECT, related_name="tripartite_body", verbose_name="所属单位"
    )
    name = models.CharField("名称", max_length=100)
    established = models.BooleanField("已建立", default=False)
    established_on = models.DateField("成立日期", null=True, blank=True)
    document_number = models.CharField("成立文件文号", max_length=60, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    # When it was entered and changed last: a figure of an earlier day reads what was known then (RowVersion).
    entered_at = models.DateTimeField("录入时间", null=True, blank=True, editable=False)
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "三方机构"
        constraints = [
            models.CheckConstraint(
                condition=Q(established=True) | Q(established_on__isnull=True),
                name="body_date_when_established",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Seat(models.Model):
    """A required seat of a body: filled by a unit, not established, or represented by another unit (design §2)."""

    body = models.ForeignKey(TripartiteBody, models.CASCADE, related_name="seats", verbose_name="三方机构")
    kind = models.CharField("席位", max_length=40, choices=MemberUnitKind)
    state = models.CharField("状态", max_length=20, choices=SeatState, default=SeatState.NOT_ESTABLISHED)
    unit = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name="成员单位"
    )
    # When it was entered and changed last: a figure of an earlier day reads what was known then (RowVersion).
    entered_at = models.DateTimeField("录入时间", null=True, blank=True, editable=False)
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "席位"
        ordering = ["body_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["body", "kind"], name="unique_seat_of_body"),
            models.CheckConstraint(
                condition=Q(state=SeatState.NOT_ESTABLISHED, unit__isnull=True)
                | (~Q(state=SeatState.NOT_ESTABLISHED) & Q(unit__isnull=False)),
                name="seat_unit_matches_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}席位"
