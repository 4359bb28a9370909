"""The standing data checks (check_data): declarations by theme; upper apps register their own."""

from cultivation.selectors.data_checks import counting, mechanism, services, staff, subjects
from cultivation.selectors.data_checks.base import (
    Check,
    CheckResult,
    Doubt,
    Mend,
    Scope,
    all_checks,
    find_check,
    register_check,
    run_checks,
    scope_of,
)

__all__ = [
    "Check",
    "CheckResult",
    "Doubt",
    "Mend",
    "Scope",
    "all_checks",
    "counting",
    "find_check",
    "mechanism",
    "register_check",
    "run_checks",
    "scope_of",
    "services",
    "staff",
    "subjects",
]
