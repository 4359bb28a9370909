from evaluation.models.adoption import Adoption, AdoptionCorrection
from evaluation.models.answers import Answer, Declaration, Explanation
from evaluation.models.assessments import Assessment
from evaluation.models.indicator_sets import IndicatorSet
from evaluation.models.looks import SectionLook
from evaluation.models.rectifications import (
    Finding,
    Improvement,
    Rectification,
    RectificationExtension,
    RectificationMeasure,
    RectificationObjection,
    RectificationRecheck,
    RectificationReminder,
)
from evaluation.models.returns import ReturnedItem, ReturnRound
from evaluation.models.score_sheets import ScoreSheet
from evaluation.models.spot_checks import (
    CheckLine,
    ConflictOfInterest,
    InspectionChecklist,
    Inspector,
    Letter,
    LetterReceipt,
    LineSave,
    PopulationRow,
    ScoreLook,
    SeedTicket,
    SpotCheck,
    SpotCheckRound,
    TeamDraw,
    TeamMember,
)

__all__ = [
    "Adoption",
    "AdoptionCorrection",
    "Answer",
    "Assessment",
    "CheckLine",
    "ConflictOfInterest",
    "Declaration",
    "Explanation",
    "Finding",
    "Improvement",
    "IndicatorSet",
    "InspectionChecklist",
    "Inspector",
    "Letter",
    "LetterReceipt",
    "LineSave",
    "PopulationRow",
    "Rectification",
    "RectificationExtension",
    "RectificationMeasure",
    "RectificationObjection",
    "RectificationRecheck",
    "RectificationReminder",
    "ReturnRound",
    "ReturnedItem",
    "ScoreLook",
    "ScoreSheet",
    "SectionLook",
    "SeedTicket",
    "SpotCheck",
    "SpotCheckRound",
    "TeamDraw",
    "TeamMember",
]
