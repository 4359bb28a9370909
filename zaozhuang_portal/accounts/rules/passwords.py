"""What a password must not be, without Django: character classes and words an attacker here would try first."""

from __future__ import annotations

import re
import unicodedata

# Words of this place and this office; pinyin as people type it.
CONTEXT_WORDS = (
    "枣庄", "滕州", "薛城", "山亭", "峄城", "台儿庄", "市中区", "高新区", "人社", "工会", "工商联", "和谐劳动",
    "zaozhuang", "tengzhou", "xuecheng", "shanting", "yicheng", "taierzhuang", "gaoxin",
    "renshe", "gonghui", "gongshanglian", "qilian", "laodong", "hexie", "sanfang",
    "password", "admin", "qwerty", "woaini",
)  # fmt: skip
_LOOKALIKES = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


def count_classes(password: str) -> int:
    """How many of lower case, upper case, digits and others occur (0–4)."""
    return sum(bool(re.search(pattern, password)) for pattern in _CLASSES)


def _plain(text: str) -> str:
    return re.sub(r"[\s_.\-]", "", unicodedata.normalize("NFKC", text).lower())


def find_context_word(password: str, own_words: tuple[str, ...] = ()) -> str:
    """The first forbidden word that carries the password, or "".

    A word is forbidden when, without it, fewer than 8 characters remain: a long password may mention a place.
    Separators, width, case and 0/o, 1/i style look-alikes make no difference.
    """
    plain = _plain(password)
    for word in (*own_words, *CONTEXT_WORDS):
        bare = _plain(word)
        if len(bare) < 2:
            continue
        for form, needle in ((plain, bare), (plain.translate(_LOOKALIKES), bare.translate(_LOOKALIKES))):
            if needle in form and len(form) - len(needle) * form.count(needle) < 8:
                return word
    return ""
