"""检查人员名录 and what keeps an inspector from a check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.models import Subject
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class InspectorQuerySet(models.QuerySet["Inspector"]):
    def visible_to(self, actor: Actor) -> InspectorQuerySet:
        """City and leaders: all. Districts: those of their own units. Others: none."""
        if actor.sees_whole_city:
            return self
        if actor.is_administrator or not actor.is_district or actor.district is None:
            return self.none()
        return self.filter(organization_id=actor.district.pk)

    def active_on(self, day: object) -> InspectorQuerySet:
        return self.filter(active_from__lte=day).filter(Q(active_to__isnull=True) | Q(active_to__gte=day))


class Inspector(models.Model):
    """检查人员. Belongs to at most one account; without one he signs on paper and the 主检 types.

    `organization` is where the person works: the city, or the district (then excluded from checks of that district).
    The staff number is what is drawn (`inspector:<staff number>`), never a database key.
    """

    name = models.CharField("姓名", max_length=40)
    staff_number = models.CharField("工号", max_length=40, unique=True)
    party = models.CharField("所属方", max_length=40, choices=MemberUnitKind)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="inspectors", verbose_name="所在地区"
    )
    unit_name = models.CharField("单位", max_length=120)
    post = models.CharField("职务", max_length=60, blank=True)
    certificate = models.CharField("证件号", max_length=60, blank=True)
    user = models.OneToOneField(
        User, models.PROTECT, null=True, blank=True, related_name="inspector", verbose_name="账号"
    )
    active_from = models.DateField("入库日期")
    active_to = models.DateField("出库日期", null=True, blank=True)
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    objects = InspectorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查人员"
        ordering = ["party", "staff_number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="inspector_dates",
            ),
            models.CheckConstraint(condition=~Q(staff_number=""), name="inspector_has_staff_number"),
        ]

    def __str__(self) -> str:
        return self.name


class ConflictOfInterest(models.Model):
    """申报的利害关系: this inspector does not check this subject, or this district."""

    inspector = models.ForeignKey(
        Inspector, models.CASCADE, related_name="conflicts", verbose_name="检查人员"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="培育对象"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="区（市）"
    )
    reason = models.CharField("理由", max_length=200)
    declared_on = models.DateField("申报日期")
    declared_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "利害关系申报"
        ordering = ["inspector_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(subject__isnull=False, organization__isnull=True)
                | Q(subject__isnull=True, organization__isnull=False),
                name="conflict_names_one_thing",
            ),
            models.UniqueConstraint(fields=["inspector", "subject"], name="unique_conflict_with_subject"),
            models.UniqueConstraint(
                fields=["inspector", "organization"], name="unique_conflict_with_district"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.inspector} {self.subject or self.organization}"

    @property
    def target(self) -> str:
        return self.subject.name if self.subject else str(self.organization)
