"""发现问题 and 整改: finding → order → measures → proof → re-check → 销号 (design §4a, C092)."""

from evaluation.models.rectifications.findings import Finding
from evaluation.models.rectifications.improvements import Improvement
from evaluation.models.rectifications.rectifications import (
    Rectification,
    RectificationExtension,
    RectificationMeasure,
    RectificationObjection,
    RectificationRecheck,
)
from evaluation.models.rectifications.reminders import RectificationReminder

__all__ = [
    "Finding",
    "Improvement",
    "Rectification",
    "RectificationExtension",
    "RectificationMeasure",
    "RectificationObjection",
    "RectificationRecheck",
    "RectificationReminder",
]
