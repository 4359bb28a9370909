"""一对一指导服务: one visit, many participants, counted once (notice 三（二）1, 2: C051, C073; 四（三）: C108)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from cultivation.enums import VisitMode, VisitPurpose
from cultivation.models.records import LIVE, DatedRecord, SubjectRecordQuerySet, subject_key
from cultivation.models.subjects import served_by
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import MemberUnit, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

OPEN_FOLLOW_UP = Q(follow_up_due__isnull=False, follow_up_done_on__isnull=True)


class GuidanceVisitQuerySet(SubjectRecordQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """An instructor: visits to the subjects looked after, and those the person wrote, took part in or is to follow up."""
        if actor.role != Role.INSTRUCTOR or actor.district is None:
            return super().visible_to(actor)
        rows = GuidanceVisit.objects.order_by()
        mine = rows.filter(subject_id__in=served_by(actor)).values("pk")
        written = rows.filter(created_by_id=actor.user.pk).values("pk")
        joined = VisitParticipant.objects.order_by().filter(user_id=actor.user.pk).values("visit_id")
        promised = rows.filter(follow_up_by_id=actor.user.pk).values("pk")
        own = mine.union(written, joined, promised)
        return self.filter(organization_id=actor.district.pk, pk__in=own)

    def readable_by(self, actor: Actor) -> Self:
        """What an instructor's list shows can be opened too: a visit taken part in, whoever looks after the subject."""
        rows = super().readable_by(actor)
        return rows | self.visible_to(actor) if actor.role == Role.INSTRUCTOR and actor.district else rows

    def with_open_follow_up(self) -> Self:
        return self.filter(OPEN_FOLLOW_UP)


class GuidanceVisit(DatedRecord):
    """One visit or call. `indicator_codes` are those of DB37/T 4077 or 4076 that were worked on."""

    subject = subject_key("visits")
    mode = models.CharField("方式", max_length=8, choices=VisitMode, default=VisitMode.ON_SITE)
    purpose = models.CharField("类别", max_length=12, choices=VisitPurpose, default=VisitPurpose.GUIDANCE)
    topic = models.CharField("主题", max_length=120)
    by_instructor = models.BooleanField("集体协商专职指导员参加", default=False)
    # The participants in one line, for lists, paper and exchange; services.visits keeps it and the rows alike.
    participant_words = models.CharField("参加单位和人员", max_length=300, blank=True)
    indicator_codes = models.JSONField("涉及指标", default=list, blank=True)
    findings = BoundedTextField("发现的问题", max_length=4000, blank=True)
    advice = BoundedTextField("指导意见", max_length=4000, blank=True)
    follow_up_due = models.DateField("跟进时限", null=True, blank=True)
    # Whose promise the follow-up is; a handover gives it to the successor. Empty: the district's.
    follow_up_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="follow_ups", verbose_name="跟进人"
    )
    follow_up_done_on = models.DateField("跟进完成日期", null=True, blank=True)
    follow_up_note = models.CharField("跟进情况", max_length=300, blank=True)

    objects = GuidanceVisitQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "指导服务"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(follow_up_due__isnull=True) | Q(follow_up_due__gte=F("happened_on")),
                name="follow_up_after_visit",
            ),
            models.CheckConstraint(
                condition=Q(follow_up_done_on__isnull=True) | Q(follow_up_done_on__gte=F("happened_on")),
                name="follow_up_done_after_visit",
            ),
        ]
        indexes = [
            *DatedRecord.Meta.indexes,
            models.Index(fields=["subject", "-happened_on", "-id"], condition=LIVE, name="visit_of_subject"),
            models.Index(
                fields=["organization", "follow_up_due"],
                condition=LIVE & Q(follow_up_due__isnull=False, follow_up_done_on__isnull=True),
                name="visit_follow_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.happened_on:%Y-%m-%d} {self.topic}"


class VisitParticipant(models.Model):
    """Who took part from the offices' side: a unit, a person, or both. The visit still counts once."""

    visit = models.ForeignKey(
        GuidanceVisit, models.CASCADE, related_name="participants", verbose_name="指导服务"
    )
    unit = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="单位"
    )
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="visit_participations", verbose_name="账号"
    )
    name = models.CharField("姓名", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "参加人"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(name=""), name="participant_is_somebody"
            ),
            models.UniqueConstraint(
                fields=["visit", "user"], condition=Q(user__isnull=False), name="one_row_per_participant"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.unit.name if self.unit else "", self.name) if part)
