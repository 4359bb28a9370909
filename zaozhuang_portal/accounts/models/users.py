"""People, and the capacities they hold in organizations."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Expression, F, Q
from django.utils.crypto import salted_hmac

from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models.bodies import MemberUnit
from zaozhuang_portal.accounts.models.organizations import Organization


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in. Rights come from memberships and subject contacts only: there is no superuser."""

    username = models.CharField("用户名", max_length=60, unique=True)
    full_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机号", max_length=30, blank=True)
    # When the owner entered or confirmed the number himself; one that somebody else entered opens nothing.
    phone_confirmed_at = models.DateTimeField("本人确认手机号时间", null=True, blank=True, editable=False)
    email = models.EmailField("电子邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须修改密码", default=True)
    # A first password expires; empty for a password the person chose.
    password_expires_at = models.DateTimeField("初始密码有效期至", null=True, blank=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True, blank=True)
    # Part of the session hash: raised by one, every open session of the user ends.
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    # Kept in step with the authenticators, so that no request has to look them up.
    has_second_factor = models.BooleanField("已启用动态口令", default=False, editable=False)
    date_joined = models.DateTimeField("建立时间", auto_now_add=True)
    last_seen_on = models.DateField("最近使用日期", null=True, blank=True)
    # Unused office accounts are disabled 90 days after the last use, or after they were enabled again.
    enabled_on = models.DateField("最近启用日期", null=True, blank=True, editable=False)
    dormancy_warned_on = models.DateField("久未登录提醒日期", null=True, blank=True, editable=False)
    elder_mode = models.BooleanField("长辈版", default=False)
    density = models.CharField("列表密度", max_length=10, default="normal")

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.full_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        key_salt = "zaozhuang_portal.accounts.User.session"
        value = f"{self.session_generation}:{self.password}"
        return salted_hmac(key_salt, value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_staff(self) -> bool:
        return False

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object | None = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class PasswordHistory(models.Model):
    """A former password's hash, so that one of the last five is not used again (等保 身份鉴别)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="former_passwords")
    hash = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "历史密码"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id}@{self.replaced_at:%Y-%m-%d}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: date | Expression) -> MembershipQuerySet:
        """Memberships valid on the Shanghai day `on`."""
        return self.filter(Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gte=on)))


class Membership(models.Model):
    """任职: a user in an organization (and member unit) with a role, from–to (both days included)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="用户")
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="memberships", verbose_name="单位"
    )
    member_unit = models.ForeignKey(
        MemberUnit, models.PROTECT, null=True, blank=True, related_name="memberships", verbose_name="成员单位"
    )
    role = models.CharField(
        "角色", max_length=20, choices=[c for c in Role.choices if c[0] != Role.SUBJECT_CONTACT]
    )
    post = models.CharField("职务", max_length=40, blank=True)
    valid_from = models.DateField("任职自")
    valid_to = models.DateField("任职至", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="membership_period",
            ),
            # Two constraints instead of nulls_distinct=False, which SQLite does not know.
            models.UniqueConstraint(
                fields=["user", "organization", "role", "member_unit"],
                condition=Q(valid_to__isnull=True, member_unit__isnull=False),
                name="unique_open_membership_of_unit",
            ),
            models.UniqueConstraint(
                fields=["user", "organization", "role"],
                condition=Q(valid_to__isnull=True, member_unit__isnull=True),
                name="unique_open_membership",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}·{self.get_role_display()}"
