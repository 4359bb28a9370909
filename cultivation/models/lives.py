"""What happens to a subject in its life, and the handing over of a leaver's work. Nothing is lost or moved silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.enums import SubjectEvent, TransferState
from cultivation.models.subjects import Subject
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class SubjectHistory(models.Model):
    """One rename, move, merger or deregistration: old and new in words, day, reason."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="history", verbose_name="培育对象")
    event = models.CharField("事项", max_length=12, choices=SubjectEvent)
    happened_on = models.DateField("日期")
    before = models.CharField("变更前", max_length=160, blank=True)
    after = models.CharField("变更后", max_length=160, blank=True)
    reason = models.CharField("原因", max_length=200)
    document_number = models.CharField("依据文号", max_length=60, blank=True)
    merged_subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="并入的对象"
    )
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "对象变更"
        ordering = ["-happened_on", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="subject_event_has_reason")]

    def __str__(self) -> str:
        return f"{self.get_event_display()}：{self.before} → {self.after}"


class SubjectTransferQuerySet(models.QuerySet["SubjectTransfer"]):
    def visible_to(self, actor: Actor) -> SubjectTransferQuerySet:
        """City: all. District staff: those that leave or enter their district."""
        if actor.sees_whole_city:
            return self
        district = actor.district
        if (
            actor.is_administrator
            or actor.role in {Role.SUBJECT_CONTACT, Role.TOWNSHIP_STAFF}
            or district is None
        ):
            return self.none()
        return self.filter(Q(from_organization_id=district.pk) | Q(to_organization_id=district.pk))


class SubjectTransfer(models.Model):
    """划转: asked for by the one side, accepted or refused by the other. `requested_by_organization` is either side."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="transfers", verbose_name="培育对象")
    from_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="划出")
    to_organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="划入")
    to_township = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="划入乡镇（街道）"
    )
    requesting_organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name="申请单位"
    )
    reason = models.CharField("理由", max_length=200)
    state = models.CharField("状态", max_length=12, choices=TransferState, default=TransferState.REQUESTED)
    requested_at = models.DateTimeField("申请时间")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    decision_note = models.CharField("办理意见", max_length=200, blank=True)

    objects = SubjectTransferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "划转申请"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state=TransferState.REQUESTED), name="one_open_transfer"
            ),
            models.CheckConstraint(
                condition=~Q(from_organization=F("to_organization")), name="transfer_between_two"
            ),
            models.CheckConstraint(
                condition=Q(state=TransferState.REQUESTED, decided_at__isnull=True)
                | (~Q(state=TransferState.REQUESTED) & Q(decided_at__isnull=False)),
                name="decided_transfer_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}：{self.from_organization} → {self.to_organization}"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, actor: Actor) -> HandoverQuerySet:
        if actor.sees_whole_city:
            return self
        district = actor.district
        if actor.is_administrator or actor.role == Role.SUBJECT_CONTACT or district is None:
            return self.none()
        return self.filter(organization_id=district.pk)


class Handover(models.Model):
    """交接: a leaver's open work given to a successor in one step. `receipt` lists every item handed over, in words."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="单位")
    leaver = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="移交人")
    successor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="接收人")
    reason = models.CharField("原因", max_length=200)
    receipt = models.JSONField("交接清单", default=list)
    at = models.DateTimeField("交接时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "交接"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(leaver=F("successor")), name="handover_between_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="handover_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.leaver} → {self.successor}"
