from evaluation.models.adoption import Adoption, AdoptionCorrection
from evaluation.models.answers import Answer, Declaration, Explanation
from evaluation.models.assessments import Assessment
from evaluation.models.indicator_sets import IndicatorSet
from evaluation.models.looks import SectionLook
from evaluation.models.returns import ReturnedItem, ReturnRound
from evaluation.models.score_sheets import ScoreSheet

__all__ = [
    "Adoption",
    "AdoptionCorrection",
    "Answer",
    "Assessment",
    "Declaration",
    "Explanation",
    "IndicatorSet",
    "ReturnRound",
    "ReturnedItem",
    "ScoreSheet",
    "SectionLook",
]
