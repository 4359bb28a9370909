"""通知 with 签收: one mechanism for 检查通知书, 结果告知书, 整改通知书 and any letter of the city to units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cultivation.models import CampaignYear, Subject
from evaluation.enums import LetterKind
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


class Letter(models.Model):
    """One letter of the city office, immutable once sent.

    `about_kind`/`about_id` name what it is about (a check, a rectification), empty for a letter of its own. `sections`
    are [heading, words] pairs: 依据, 方式, 时间, 要求 … `sign_by`: the day 签收 is asked for by.
    """

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="letters", verbose_name="年度")
    kind = models.CharField("种类", max_length=20, choices=LetterKind)
    number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("标题", max_length=120)
    sections = models.JSONField("内容", default=list)
    about_kind = models.CharField("事由类别", max_length=40, blank=True)
    about_id = models.BigIntegerField("事由编号", null=True, blank=True)
    sign_by = models.DateField("签收期限", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发出人")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawal = models.CharField("撤回理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal=""), name="withdrawn_letter_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["about_kind", "about_id"], name="letter_about")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class LetterReceiptQuerySet(models.QuerySet["LetterReceipt"]):
    def visible_to(self, actor: Actor) -> LetterReceiptQuerySet:
        """City and leaders: all. A district: to itself and to its subjects. A contact: to the own subject."""
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(subject_id=actor.subject_id, subject_id__isnull=False)
        if actor.is_administrator or not actor.is_district or actor.district is None:
            return self.none()
        return self.filter(organization_id=actor.district.pk)

    def addressed_to(self, actor: Actor) -> LetterReceiptQuerySet:
        """Those this actor signs for: a district's offices for the district, a contact for the own subject."""
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(subject_id=actor.subject_id, subject_id__isnull=False)
        if not actor.is_district or actor.district is None:
            return self.none()
        return self.filter(organization_id=actor.district.pk, subject__isnull=True)

    def waiting(self) -> LetterReceiptQuerySet:
        """Not signed for, of letters that were not withdrawn."""
        return self.filter(received_at__isnull=True, letter__withdrawn_at__isnull=True)


class LetterReceipt(models.Model):
    """One addressee: a district (subject empty) or a subject of it. 签收 in the portal, or of the paper by the city."""

    letter = models.ForeignKey(Letter, models.CASCADE, related_name="receipts", verbose_name="通知")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="letter_receipts", verbose_name="单位"
    )
    subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="letter_receipts",
        verbose_name="培育对象",
    )
    received_at = models.DateTimeField("签收时间", null=True, blank=True)
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收操作人"
    )
    receiver_name = models.CharField("签收人", max_length=40, blank=True)
    on_paper = models.BooleanField("纸质签收", default=False)
    note = BoundedTextField("签收说明", max_length=500, blank=True)

    objects = LetterReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知签收"
        ordering = ["letter_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "organization"],
                condition=Q(subject__isnull=True),
                name="one_receipt_per_district",
            ),
            models.UniqueConstraint(fields=["letter", "subject"], name="one_receipt_per_subject"),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True, receiver_name="")
                | (Q(received_at__isnull=False) & ~Q(receiver_name="")),
                name="received_letter_names_receiver",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} → {self.subject or self.organization}"

    @property
    def addressee(self) -> str:
        """The name on the envelope."""
        return self.subject.name if self.subject else self.organization.name
