"""Two windows on one record: whose change came first, in words."""

from __future__ import annotations

from typing import Any


def changed_since(thing: str, actor_id: int | None, changer_id: int | None, verb: str = "修改") -> str:
    """「该档案刚刚被他人修改」, or that the person saved it in another window; without a full stop."""
    if actor_id is not None and actor_id == changer_id:
        return f"{thing}，您刚刚在另一窗口已{'保存' if verb == '修改' else verb}过"
    return f"{thing}刚刚被他人{verb}"


def who_saved(actor_id: int | None, changer: Any) -> str:
    """Who saved the other text: a name, or 「您在另一窗口」."""
    if changer is None:
        return "他人"
    return "您在另一窗口" if changer.pk == actor_id else str(getattr(changer, "full_name", "") or changer)


def same_lines(text: str) -> str:
    """Browsers send CRLF, the portal stores LF; space around is not a difference."""
    return text.replace("\r\n", "\n").strip()
