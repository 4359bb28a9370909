"""The kinds of scoring-rule parts. To add one: a module here, a line in PART_KINDS, golden tests, a row in the guide."""

from evaluation.rules.kinds.bands import BandsPart
from evaluation.rules.kinds.base import EntryReader, Mark, Part
from evaluation.rules.kinds.check import CheckPart
from evaluation.rules.kinds.count import CountPart
from evaluation.rules.kinds.points import PointsPart
from evaluation.rules.kinds.slope import SlopePart
from evaluation.rules.kinds.survey import SurveyPart

PART_KINDS: dict[str, type[Part]] = {
    part.kind: part for part in (CheckPart, SlopePart, BandsPart, CountPart, PointsPart, SurveyPart)
}

__all__ = [
    "PART_KINDS",
    "BandsPart",
    "CheckPart",
    "CountPart",
    "EntryReader",
    "Mark",
    "Part",
    "PointsPart",
    "SlopePart",
    "SurveyPart",
]
