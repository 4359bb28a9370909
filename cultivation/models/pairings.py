"""结对: a unit or a person looks after a subject for a period (notice 三（二）2, C072–C073)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import PairingRole
from cultivation.models.records import LIVE, Record, SubjectRecordQuerySet, subject_key
from zaozhuang_portal.accounts.models import MemberUnit, User
from zaozhuang_portal.kernel.bounds import BoundedTextField


class Pairing(Record):
    """One partner and one subject, `starts_on`–`ends_on`, both days included; open while `ends_on` is empty.

    A subject has one 主结对 at a time; the services refuse an overlap under a lock on the subject.
    """

    subject = subject_key("pairings")
    role = models.CharField("方式", max_length=12, choices=PairingRole, default=PairingRole.LEAD)
    unit = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="pairings", verbose_name="结对单位"
    )
    person_name = models.CharField("结对人", max_length=40, blank=True)
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="pairings", verbose_name="结对人账号"
    )
    phone = models.CharField("联系电话", max_length=30, blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)
    commitments = BoundedTextField("帮扶内容", max_length=4000, blank=True)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "结对"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | ~Q(person_name=""), name="pairing_has_partner"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="pairing_period"
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=LIVE & Q(role=PairingRole.LEAD, ends_on__isnull=True),
                name="one_open_lead_pairing",
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["subject", "starts_on"], name="pairing_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} ↔ {self.subject}"

    @property
    def partner(self) -> str:
        """Unit and person in words."""
        return " ".join(part for part in (self.unit.name if self.unit else "", self.person_name) if part)
