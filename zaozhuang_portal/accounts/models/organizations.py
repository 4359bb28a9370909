"""The organization tree: province → city → district → township / park."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from zaozhuang_portal.accounts.enums import ADMIN_ROLES, CITY_ROLES, Level, OrganizationKind, Role

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def districts(self) -> OrganizationQuerySet:
        """The six districts and 高新区, in the official order."""
        return self.filter(level=Level.DISTRICT).order_by("sort_order", "code")

    def under(self, organization: Organization) -> OrganizationQuerySet:
        """The organization itself and everything it manages."""
        return self.filter(path__startswith=organization.path)

    def visible_to(self, actor: Actor) -> OrganizationQuerySet:
        """The tree is public inside the portal down to districts; below that each sees its own part.

        City roles, leaders of the city and administrators see all of it.
        """
        if actor.role in CITY_ROLES or actor.role in ADMIN_ROLES:
            return self
        if actor.role == Role.SUBJECT_CONTACT or actor.organization is None:
            return self.none()
        return self.filter(path__startswith=actor.organization.path)


class Organization(models.Model):
    """A node of the tree. `parent` is who manages it; `legal_parent` where it lies by law, when that differs.

    The three streets in custody of 高新区 have parent 高新区 and legal_parent 薛城区 (design §2).
    """

    code = models.CharField("代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=60)
    # What tiles and narrow columns show; empty when it is the name itself.
    short_name = models.CharField("简称", max_length=20, blank=True)
    level = models.CharField("层级", max_length=10, choices=Level)
    kind = models.CharField("类别", max_length=20, choices=OrganizationKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="管理单位"
    )
    legal_parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="legal_children",
        verbose_name="行政区划所属",
    )
    # When a place was added by hand; the tree that is shipped has none.
    entered_at = models.DateTimeField("录入时间", null=True, blank=True, editable=False)
    # "/370000/370400/370481/": the codes from the root down, so that "under" is one prefix comparison.
    path = models.CharField("路径", max_length=80, unique=True, editable=False)
    carries_quota = models.BooleanField("承担年度目标任务", default=False)
    sort_order = models.PositiveSmallIntegerField("排序", default=0)
    is_active = models.BooleanField("启用", default=True)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        ordering = ["sort_order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=Level.PROVINCE) | Q(parent__isnull=False), name="organization_has_parent"
            ),
            models.CheckConstraint(
                condition=Q(carries_quota=False) | Q(level=Level.DISTRICT), name="only_districts_carry_quota"
            ),
        ]
        indexes = [models.Index(fields=["level", "sort_order", "code"], name="organization_level_order")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return self.short_name or self.name
