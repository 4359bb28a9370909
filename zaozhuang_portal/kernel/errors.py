"""Errors a person can act on. A message says what is wrong, where, and how to mend it, in Chinese."""

from __future__ import annotations


class DomainError(Exception):
    """A rule of the domain was broken. `code` is stable for programs, `message` is for the person.

    `field` names the form field the message belongs to; empty for the whole form.
    """

    status = 422

    def __init__(self, message: str, *, code: str = "invalid", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field


class ConflictError(DomainError):
    """Somebody else changed the same thing first. Nothing was written; both versions are kept by the caller."""

    status = 409

    def __init__(self, message: str, *, code: str = "conflict", field: str = "") -> None:
        super().__init__(message, code=code, field=field)


class IllegalTransition(DomainError):
    """The action is not in the workflow table for this state and role."""

    status = 409

    def __init__(self, message: str, *, code: str = "illegal_transition", field: str = "") -> None:
        super().__init__(message, code=code, field=field)


class NotAllowed(DomainError):
    """The actor may see the thing but not do this to it."""

    status = 403

    def __init__(
        self, message: str = "您当前的身份不能办理此事项。", *, code: str = "not_allowed", field: str = ""
    ) -> None:
        super().__init__(message, code=code, field=field)
