"""How long a typed text is, as the browser counts it, and what may be shortened in sight.

What a person typed is stored whole or refused in words, never cut (design: nothing is lost silently). Only labels,
notices and lines of the trace, which repeat what stands elsewhere in full, are shortened, and then end in 「…」.
A lint keeps bare slices out: tests/infra/test_typed_words.py.
"""

from __future__ import annotations

from zaozhuang_portal.kernel.errors import DomainError


def normal_lines(text: str) -> str:
    """Browsers send CRLF for a line break, files also a lone CR; the portal counts and stores LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def typed_length(text: str) -> int:
    """Length as `textarea.value.length` and `maxlength` count: UTF-16 code units, a line break is one."""
    text = normal_lines(text)
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def too_long(label: str, text: str, most: int) -> str:
    """The refusal of a text that does not fit, "" when it does."""
    length = typed_length(text)
    if length <= most:
        return ""
    return f"{label}最多 {most} 个字，现有 {length} 个字，请删减 {length - most} 个字。"


def require_length(label: str, text: str, most: int, *, field: str = "") -> str:
    """The text without white space around it, with LF line breaks. Raises DomainError (too_long, at `field`)."""
    cleaned = normal_lines(text).strip()
    if refused := too_long(label, cleaned, most):
        raise DomainError(refused, code="too_long", field=field)
    return cleaned


def searched(text: str, most: int = 60) -> str:
    """What a search box looks for: the first `most` characters. A longer text finds at least the same rows; nothing is
    stored, and the page shows what was looked for."""
    return text.strip()[:most]


def shortened(text: str, most: int) -> str:
    """A label, notice or line of the trace in at most `most` characters; what is left out shows as 「…」.

    Never for what a person typed into the field that is stored: that is refused (`require_length`).
    """
    return text if len(text) <= most else text[: most - 1] + "…"
