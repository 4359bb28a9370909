"""Names of firms, parks and places: one normal form to find duplicates, bigrams to search."""

from __future__ import annotations

import re
import unicodedata

_LEGAL_FORMS = re.compile(
    "(?:股份)?(?:有限责任公司|有限公司|股份公司|分公司|总公司|公司)$|(?:有限合伙|普通合伙|个人独资)$"
)
_NOT_NAME = re.compile(r"[^\w]|_")


def compact_name(name: str) -> str:
    """Half-width, lower-case, without spaces, brackets and punctuation; the legal form stays. For search."""
    return _NOT_NAME.sub("", unicodedata.normalize("NFKC", name)).lower()


def normalize_name(name: str) -> str:
    """Equal for two spellings of one body: compact, and without 有限公司 and the like (ux E10)."""
    compact = compact_name(name)
    return _LEGAL_FORMS.sub("", compact) or compact


def bigrams(name: str) -> list[str]:
    """The distinct two-character pieces of the compact name, in order; a single character stands for itself.

    >>> bigrams("滕州 机械")
    ['滕州', '州机', '机械']
    """
    compact = compact_name(name)
    if len(compact) < 2:
        return [compact] if compact else []
    return list(dict.fromkeys(compact[index : index + 2] for index in range(len(compact) - 1)))
