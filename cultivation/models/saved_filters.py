"""我的筛选 (ux E3): a list's filters kept under a name, for oneself or for one's unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zaozhuang_portal.accounts.models import MemberUnit, Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, actor: Actor) -> SavedFilterQuerySet:
        """One's own in this capacity's organization, and what colleagues of the same unit share."""
        organization, unit = actor.organization, actor.capacity.member_unit
        if organization is None:
            return self.none()
        here = self.filter(organization_id=organization.pk)
        shared = Q(shared=True, member_unit_id=unit.pk if unit else None)
        if unit is None:
            shared = Q(shared=True, member_unit__isnull=True)
        return here.filter(Q(owner_id=actor.user.pk) | shared)


class SavedFilter(models.Model):
    """`page` names the list ("ledger:visits", "subjects:ENTERPRISE"), `query` is its query string without the `?`."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name="所有人")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="单位")
    member_unit = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="成员单位"
    )
    page = models.CharField("列表", max_length=60)
    name = models.CharField("名称", max_length=30)
    query = models.CharField("条件", max_length=500)
    shared = models.BooleanField("本单位共享", default=False)
    is_default = models.BooleanField("打开列表时使用", default=False)
    created_at = models.DateTimeField("保存时间")

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "我的筛选"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "organization", "page", "name"], name="unique_saved_filter_name"
            ),
            models.UniqueConstraint(
                fields=["owner", "organization", "page"],
                condition=Q(is_default=True),
                name="one_default_filter",
            ),
        ]
        indexes = [models.Index(fields=["organization", "page"], name="saved_filter_page")]

    def __str__(self) -> str:
        return self.name
