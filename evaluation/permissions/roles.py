"""Sets of roles of evaluation's pages and menu entries. What one sees of a page's rows is `visible_to(actor)`."""

from __future__ import annotations

from zaozhuang_portal.accounts.enums import CITY_ROLES, DISTRICT_ROLES, Role

# 代录: a district enters from stamped paper in the contact's place.
ON_BEHALF_FILLERS = frozenset(DISTRICT_ROLES)
ASSESSMENT_FILLERS = frozenset({Role.SUBJECT_CONTACT, *ON_BEHALF_FILLERS})
ASSESSMENT_READERS = frozenset(
    {*ASSESSMENT_FILLERS, *CITY_ROLES, Role.TOWNSHIP_STAFF, Role.INSTRUCTOR, Role.LEADER}
)

DISTRICT_REVIEWERS = frozenset(DISTRICT_ROLES)
CITY_REVIEWERS = frozenset(CITY_ROLES)
REVIEWERS = DISTRICT_REVIEWERS | CITY_REVIEWERS
REVIEW_READERS = frozenset({*REVIEWERS, Role.LEADER})
RESULT_READERS = frozenset({*REVIEW_READERS, Role.SUBJECT_CONTACT})

# Compares the text that was voted on with the frozen one, at the firm's own wish.
ADOPTION_COMPARERS = frozenset({Role.CITY_OFFICE})
SET_MANAGERS = frozenset({Role.CITY_OFFICE})
