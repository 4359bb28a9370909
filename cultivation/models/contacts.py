"""企业经办人: who fills in for a subject. One person may serve several firms (design §2)."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from cultivation.models.subjects import Subject
from zaozhuang_portal.accounts.models import User


class SubjectContactQuerySet(models.QuerySet["SubjectContact"]):
    def in_force(self, on: date) -> SubjectContactQuerySet:
        return self.filter(Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on)))


class SubjectContact(models.Model):
    user = models.ForeignKey(User, models.PROTECT, related_name="subject_contacts", verbose_name="用户")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="contacts", verbose_name="培育对象")
    valid_from = models.DateField("自")
    valid_to = models.DateField("至", null=True, blank=True)
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )

    objects = SubjectContactQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业经办人"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="contact_period"
            ),
            models.UniqueConstraint(
                fields=["user", "subject"], condition=Q(valid_to__isnull=True), name="unique_open_contact"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}·{self.subject}"
