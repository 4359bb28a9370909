"""三方（四家）会签: how one seat stands to a paper. Never blocking: an unsigned seat is named, the paper goes on."""

from __future__ import annotations

from enum import StrEnum


class SeatStanding(StrEnum):
    """UNSIGNED: 未会签. STALE: signed an earlier version (会签后有修改). VACANT: nobody holds the seat, none is owed."""

    SIGNED = "SIGNED"
    STALE = "STALE"
    UNSIGNED = "UNSIGNED"
    VACANT = "VACANT"

    @property
    def label(self) -> str:
        return {"SIGNED": "已会签", "STALE": "会签后有修改", "UNSIGNED": "未会签", "VACANT": "席位未建立"}[
            self.value
        ]


def seat_standing(*, seat_held: bool, signed_version: int | None, version: int) -> SeatStanding:
    """A signature counts whatever became of the seat afterwards; a vacant seat without one owes none."""
    if signed_version is None:
        return SeatStanding.UNSIGNED if seat_held else SeatStanding.VACANT
    return SeatStanding.SIGNED if signed_version >= version else SeatStanding.STALE


def summary_words(standings: list[SeatStanding]) -> str:
    """For the printed paper: 未会签 / 已会签 3／4 / 会签齐全, with 会签后有修改 when a signature is older."""
    owed = [standing for standing in standings if standing is not SeatStanding.VACANT]
    signed = [s for s in owed if s is not SeatStanding.UNSIGNED]
    if not owed:
        return "未登记会签席位"
    if not signed:
        return "未会签"
    words = "会签齐全" if len(signed) == len(owed) else f"未会签齐全（已会签 {len(signed)}／{len(owed)}）"
    return f"{words}；会签后有修改" if SeatStanding.STALE in signed else words
