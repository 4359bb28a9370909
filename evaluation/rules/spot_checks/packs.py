"""迎检资料包: what lies where. Limits are 系统设定."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath

# Of the files in one pack, bytes and number; what does not fit is named in the catalogue.
MAX_BYTES = 500 * 1024 * 1024
MAX_FILES = 3000
_LONGEST_NAME = 60
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')

# Where the records of a line of the district's checklist lie: key of its `fact` → slugs of the ledgers.
RECORDS_OF_FACT: dict[str, tuple[str, ...]] = {
    "plan": ("work-items", "policies"),
    "task_forces": ("task-forces",),
    "pairing": ("pairings",),
    "guidance": ("visits",),
    "training": ("trainings",),
    "coordinators": ("coordinators", "liaisons", "instructors"),
    "service_points": ("service-points", "service-point-tallies"),
    "situation_reviews": ("situation-reviews",),
    "adoptions": ("adoptions", "policies"),
    "pilots": ("pilot-partners", "pilot-members", "pilot-progress", "industry-actions", "field-studies"),
    "publicity": ("publicity", "awareness"),
    "practices": ("best-practices", "practice-adoptions", "stories", "brands"),
}


def ledgers_of_fact(fact: str) -> tuple[str, ...]:
    """The slugs of the ledgers that hold the records of a line; none for what stands elsewhere in the portal."""
    return RECORDS_OF_FACT.get(fact, ())


def folder_name(number: int, code: str, title: str) -> str:
    """01 D01-01 党组织建设"""
    return safe_name(f"{number:02d} {code} {title}")


def safe_name(text: str) -> str:
    """A name every file system takes, at most 60 characters, an extension kept."""
    cleaned = _UNSAFE.sub("_", text).strip(" .") or "_"
    if len(cleaned) <= _LONGEST_NAME:
        return cleaned
    suffix = PurePosixPath(cleaned).suffix
    suffix = suffix if len(suffix) <= 6 else ""
    return cleaned[: _LONGEST_NAME - len(suffix) - 1].rstrip(" .") + "…" + suffix


def free_path(folder: str, name: str, taken: Collection[str]) -> str:
    """folder/name, with （2）, （3）… before the extension when that is taken (whatever its case)."""
    name = safe_name(name)
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    path, number = f"{folder}/{name}", 1
    while path.lower() in taken:
        number += 1
        path = f"{folder}/{stem}（{number}）{suffix}"
    return path
