"""Who may do what to what evaluation keeps, by noun; sets of roles of views and of the menu stand in `roles`."""

from evaluation.permissions.assessments import (
    may_enter_self,
    may_read_answers,
    require_city_office,
    require_editable_self,
    require_reviewer,
    require_self_entry,
)
from evaluation.permissions.indicator_sets import require_set_manager

__all__ = [
    "may_enter_self",
    "may_read_answers",
    "require_city_office",
    "require_editable_self",
    "require_reviewer",
    "require_self_entry",
    "require_set_manager",
]
