"""Password validators of settings.AUTH_PASSWORD_VALIDATORS (等保 身份鉴别 a; ASVS 6.2.11)."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError

from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.accounts.rules.passwords import count_classes, find_context_word


class LengthValidator(MinimumLengthValidator):
    """Django's, in Chinese: its own sentence has no translation in 5.2."""

    def get_error_message(self) -> str:
        return f"密码太短，至少 {self.min_length} 位。"

    def get_help_text(self) -> str:
        return f"密码至少 {self.min_length} 位。"


class CharacterClassValidator:
    def __init__(self, classes: int = 3) -> None:
        self.classes = classes

    def validate(self, password: str, user: User | None = None) -> None:
        if count_classes(password) < self.classes:
            raise ValidationError(self.get_help_text(), code="password_classes")

    def get_help_text(self) -> str:
        return f"密码须含小写字母、大写字母、数字、符号中的至少 {self.classes} 类。"


class ContextWordValidator:
    def validate(self, password: str, user: User | None = None) -> None:
        own = (user.username, user.full_name, user.phone) if user is not None else ()
        word = find_context_word(password, own)
        if word:
            raise ValidationError(
                f"密码主要由容易猜到的“{word}”组成，请换成与地名、单位、姓名无关的词语。",
                code="password_context",
            )

    def get_help_text(self) -> str:
        return "密码不能以地名、单位名、姓名或用户名为主。"


class FormerPasswordValidator:
    def __init__(self, kept: int = 5) -> None:
        self.kept = kept

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        former = [user.password, *user.former_passwords.values_list("hash", flat=True)[: self.kept - 1]]
        if any(check_password(password, hashed) for hashed in former if hashed):
            raise ValidationError(
                f"不能使用最近 {self.kept} 次用过的密码，请换一个新密码。", code="password_used"
            )

    def get_help_text(self) -> str:
        return f"不能与最近 {self.kept} 次用过的密码相同。"
