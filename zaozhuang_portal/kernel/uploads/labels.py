"""The name a person gave a file, made harmless. It is only a label; storage names are the server's own."""

from __future__ import annotations

import re
import unicodedata

from zaozhuang_portal.kernel.lengths import shortened

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LONGEST_STEM = 100


def _visible(text: str) -> str:
    return "".join(char for char in text if char == " " or unicodedata.category(char)[0] not in "CZ")


def extension_of(filename: str) -> str:
    """The lower-case extension without its dot, full-width dots and letters folded; '' when there is none."""
    folded = _visible(unicodedata.normalize("NFKC", filename)).rstrip(" .")
    stem, dot, extension = folded.rpartition(".")
    return extension.strip().lower() if dot and stem else ""


def safe_label(filename: str, extension: str) -> str:
    """A label of at most 100 characters plus `extension`: no path, control, bidi or reserved parts."""
    text = unicodedata.normalize("NFC", filename)
    text = re.split(r"[\\/]", text)[-1]
    text = _visible(text).replace("．", ".").replace("。", ".")
    stem = text.rpartition(".")[0] if "." in text else text
    stem = shortened(_FORBIDDEN.sub("_", stem).strip(" ._"), _LONGEST_STEM)
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"附件_{stem}" if stem else "附件"
    return f"{stem}.{extension}"
