"""账号审批: an act on an account waits here for a second person, or is written down as one that needed none."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from zaozhuang_portal.accounts.enums import AccountAct, AccountRequestState, Delivery, Role, Waiver
from zaozhuang_portal.accounts.models.organizations import Organization
from zaozhuang_portal.accounts.models.users import User


class AccountRequest(models.Model):
    """One act asked for. `payload` carries what the act needs, as plain values; (username, full_name) name the person
    concerned, who has no `user` before his account is opened.

    The one who asks is never the one who decides, nor does the person concerned: the database says so.
    """

    act = models.CharField("事项", max_length=10, choices=AccountAct.choices)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="有关人员"
    )
    username = models.CharField("用户名", max_length=60)
    full_name = models.CharField("姓名", max_length=40)
    role = models.CharField("角色", max_length=20, choices=Role.choices, blank=True)
    place = models.CharField("任职单位", max_length=120, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    capacity_key = models.CharField("申请时的身份", max_length=24)
    requester_role = models.CharField("申请人角色", max_length=20, choices=Role.choices)
    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="申请单位"
    )
    state = models.CharField(
        "状态",
        max_length=10,
        choices=AccountRequestState.choices,
        default=AccountRequestState.PENDING,
    )
    waiver = models.CharField("免批准", max_length=12, choices=Waiver.choices, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)
    comment = models.CharField("意见", max_length=200, blank=True)
    delivery = models.CharField("激活码交付", max_length=6, choices=Delivery.choices, blank=True)
    # The two halves of the activation code are derived from it and the secret key; by itself it opens nothing.
    seed = models.CharField(max_length=32, editable=False)
    expires_at = models.DateTimeField("有效期至")

    class Meta:
        verbose_name = verbose_name_plural = "账号审批"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="account_request_needs_two_people",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(user__isnull=True) | ~Q(decided_by=F("user")),
                name="account_request_not_decided_by_whom_it_concerns",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="PENDING", decided_by__isnull=True, decided_at__isnull=True, waiver="")
                    | Q(state="APPROVED", decided_by__isnull=False, decided_at__isnull=False, waiver="")
                    | (Q(state="APPROVED", decided_by__isnull=True, decided_at__isnull=False) & ~Q(waiver=""))
                    | Q(state="REFUSED", decided_by__isnull=False, decided_at__isnull=False, waiver="")
                    | Q(
                        state__in=["WITHDRAWN", "EXPIRED"],
                        decided_by__isnull=True,
                        decided_at__isnull=False,
                        waiver="",
                    )
                ),
                name="account_request_state_and_decision",
            ),
            models.UniqueConstraint(
                fields=["act", "username"], condition=Q(state="PENDING"), name="one_pending_request_per_act"
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="account_request_by_state")]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.full_name}（{self.username}）"
