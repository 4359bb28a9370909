"""What every record of a ledger (台账) has: whose it is, which year it counts in, where it came from, who wrote it.

Removed rows stay (回收站) and are left out by `live()`; nothing that was counted disappears without a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from cultivation.models.campaign import CampaignYear
from cultivation.models.subjects import Subject, served_by
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

LIVE = Q(removed_at__isnull=True)


class RecordQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """City: all. District: its own. Township and park staff: their place's own. Contact, administrators: none."""
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT or actor.is_administrator or actor.organization is None:
            return self.none()
        if actor.role == Role.TOWNSHIP_STAFF:
            return self.filter(township_id=actor.organization.pk)
        district = actor.district
        return self.filter(organization_id=district.pk) if district else self.none()

    def readable_by(self, actor: Actor) -> Self:
        """Rows whose page, paper and files the actor may open; lists, counts and exports keep to `visible_to`."""
        return self.visible_to(actor)

    def live(self) -> Self:
        return self.filter(LIVE)


class SharedRecordQuerySet(RecordQuerySet):
    """Rows of the city are read by every district too (a city training, the notice itself)."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT or actor.is_administrator or actor.organization is None:
            return self.none()
        district = actor.district
        if district is None:
            return self.filter(organization__level=Level.CITY)
        # The district hangs on the city, so no join is needed to know the city's rows.
        shared = Q(organization_id=district.parent_id)
        if actor.role == Role.TOWNSHIP_STAFF:
            return self.filter(shared | Q(township_id=actor.organization.pk))
        return self.filter(organization_id__in=[district.parent_id, district.pk])


class SubjectRecordQuerySet(RecordQuerySet):
    """A subject's contact reads what was done for its own subject; an instructor what belongs to the subjects looked after."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(subject_id=actor.subject_id)
        scope = super().visible_to(actor)
        if actor.role == Role.INSTRUCTOR:
            return scope.filter(Q(subject_id__in=served_by(actor)) | Q(created_by_id=actor.user.pk))
        return scope

    def readable_by(self, actor: Actor) -> Self:
        """Also what other districts did for a subject before it came to the actor's: the history moves with it."""
        district = actor.district
        if actor.sees_whole_city or actor.is_administrator or district is None:
            return self.visible_to(actor)
        if actor.role == Role.SUBJECT_CONTACT or actor.organization is None:
            return self.visible_to(actor)
        if actor.role == Role.TOWNSHIP_STAFF:
            place = actor.organization.pk
            return self.filter(Q(township_id=place) | Q(subject__township_id=place))
        own = Q(organization_id=district.pk)
        near = own | Q(subject__managing_organization_id=district.pk)
        if actor.role == Role.INSTRUCTOR:
            served = Q(subject_id__in=served_by(actor))
            return self.filter((near & served) | (own & Q(created_by_id=actor.user.pk)))
        return self.filter(near)


class Record(models.Model):
    """Base of every ledger row. `organization`: the district or city that enters and counts it, frozen when written.

    `year` is the campaign year whose statistical period holds the record's date; `township` the place below the
    district, taken from the subject where there is one.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="填报单位")
    township = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="乡镇（街道）、园区",
    )
    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="+", verbose_name="年度")
    note = models.CharField("备注", max_length=200, blank=True)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("录入时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="录入人")
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更新人")
    removed_at = models.DateTimeField("删除时间", null=True, blank=True)
    removed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="删除人"
    )

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""), name="%(class)s_backfill_has_source"
            )
        ]
        indexes = [
            models.Index(fields=["-id"], condition=LIVE, name="%(class)s_new"),
            models.Index(fields=["year", "-id"], condition=LIVE, name="%(class)s_year"),
            models.Index(fields=["organization", "-id"], condition=LIVE, name="%(class)s_org"),
            models.Index(fields=["organization", "year", "-id"], condition=LIVE, name="%(class)s_org_year"),
            models.Index(fields=["township", "-id"], condition=LIVE, name="%(class)s_town"),
        ]


class DatedRecord(Record):
    """A record of something that happened on one day (Asia/Shanghai); lists show the latest day first."""

    happened_on = models.DateField("日期")

    class Meta(Record.Meta):
        abstract = True
        ordering = ["-happened_on", "-id"]
        indexes = [
            models.Index(fields=["-happened_on", "-id"], condition=LIVE, name="%(class)s_new"),
            models.Index(fields=["year", "-happened_on", "-id"], condition=LIVE, name="%(class)s_year"),
            models.Index(
                fields=["organization", "-happened_on", "-id"], condition=LIVE, name="%(class)s_org"
            ),
            models.Index(
                fields=["organization", "year", "-happened_on", "-id"],
                condition=LIVE,
                name="%(class)s_org_year",
            ),
            models.Index(fields=["township", "-happened_on", "-id"], condition=LIVE, name="%(class)s_town"),
        ]


def subject_key(related_name: str, *, required: bool = True) -> Any:
    """The foreign key of a record to the subject it was done for."""
    return models.ForeignKey(
        Subject,
        models.PROTECT,
        null=not required,
        blank=not required,
        related_name=related_name,
        verbose_name="培育对象",
    )
