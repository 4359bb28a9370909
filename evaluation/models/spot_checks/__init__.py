"""抽查: round → population → draw → check → line (design §4a)."""

from evaluation.models.spot_checks.checklists import InspectionChecklist
from evaluation.models.spot_checks.checks import CheckLine, LineSave, SpotCheck, TeamDraw, TeamMember
from evaluation.models.spot_checks.inspectors import ConflictOfInterest, Inspector
from evaluation.models.spot_checks.looks import ScoreLook
from evaluation.models.spot_checks.notices import Letter, LetterReceipt
from evaluation.models.spot_checks.rounds import PopulationRow, SeedTicket, SpotCheckRound

__all__ = [
    "CheckLine",
    "ConflictOfInterest",
    "InspectionChecklist",
    "Inspector",
    "Letter",
    "LetterReceipt",
    "LineSave",
    "PopulationRow",
    "ScoreLook",
    "SeedTicket",
    "SpotCheck",
    "SpotCheckRound",
    "TeamDraw",
    "TeamMember",
]
