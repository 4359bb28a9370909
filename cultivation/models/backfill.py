"""补录申请: a district asks to enter from paper what belongs to a year the portal was already in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.enums import BackfillMatter, BackfillState
from cultivation.models.campaign import CampaignYear
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_OPEN = [BackfillState.ASKED, BackfillState.CONSENTED]
_DECIDED = [BackfillState.CONSENTED, BackfillState.REFUSED, BackfillState.REVOKED]


class BackfillRequestQuerySet(models.QuerySet["BackfillRequest"]):
    def visible_to(self, actor: Actor) -> BackfillRequestQuerySet:
        """Every one for the city, its own for a district."""
        if actor.sees_whole_city:
            return self
        if actor.is_administrator or actor.district is None or actor.organization != actor.district:
            return self.none()
        return self.filter(organization_id=actor.district.pk)


class BackfillRequest(models.Model):
    """One request and the city's answer. `paper_on` is the day the paper bears; consent is consent to that day."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="+", verbose_name="年度")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="单位")
    matter = models.CharField("事项", max_length=14, choices=BackfillMatter)
    state = models.CharField("状态", max_length=10, choices=BackfillState, default=BackfillState.ASKED)
    paper_on = models.DateField("纸质件日期")
    reason = BoundedTextField("申请理由", max_length=500)
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answer = BoundedTextField("答复意见", max_length=500, blank=True)

    objects = BackfillRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补录申请"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "organization", "matter"],
                condition=Q(state__in=_OPEN),
                name="one_open_backfill_request",
            ),
            models.CheckConstraint(
                condition=Q(state=BackfillState.ASKED, decided_at__isnull=True)
                | (Q(state__in=_DECIDED, decided_at__isnull=False) & ~Q(answer="")),
                name="answered_backfill_has_words",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="backfill_request_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}{self.what}补录申请"

    @property
    def what(self) -> str:
        """「2026年度书面报告」."""
        return f"{self.year}{BackfillMatter(self.matter).after_year}"
