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

# 通知: the office sends, withdraws and registers what was signed on paper; a district's offices sign for the district, a
# contact for the own subject.
LETTER_SENDERS = frozenset({Role.CITY_OFFICE})
LETTER_RECEIVERS = frozenset({*DISTRICT_ROLES, Role.SUBJECT_CONTACT})
LETTER_READERS = frozenset({*CITY_ROLES, *LETTER_RECEIVERS, Role.LEADER})

# The city office keeps the register of 检查人员, assigns the teams and changes them; a district sees its own people.
INSPECTOR_KEEPERS = frozenset({Role.CITY_OFFICE})
INSPECTOR_READERS = frozenset({*CITY_ROLES, *DISTRICT_ROLES, Role.LEADER})
TEAM_READERS = frozenset({*CITY_ROLES, Role.LEADER})
# 迎检资料包: the unit itself, its district, and the office that asks for the papers.
CHECK_PACKERS = INSPECTOR_KEEPERS | LETTER_RECEIVERS

# 抽查批次: the city office plans, freezes, draws, names, skips and closes; a district says that a row of its is wrong.
ROUND_KEEPERS = frozenset({Role.CITY_OFFICE})
ROUND_DISPUTERS = frozenset(DISTRICT_ROLES)
ROUND_READERS = frozenset({*CITY_ROLES, *DISTRICT_ROLES, Role.LEADER})
# Rings who is overdue: telephone numbers of the responsible are shown to nobody else.
ROUND_CALLERS = frozenset(CITY_ROLES)
# 公示包 of the whole round, for whoever publishes it.
ROUND_PUBLISHERS = frozenset(CITY_ROLES)

# A firm's own way to its checks; offices have the rounds.
CHECKED_SUBJECTS = frozenset({Role.SUBJECT_CONTACT})

# 整改: the office orders, answers, closes and withdraws; the unit (a district also in its subject's place) mends; the
# city's people re-check.
RECTIFICATION_KEEPERS = frozenset({Role.CITY_OFFICE})
RECTIFICATION_RECHECKERS = frozenset(CITY_ROLES)
RECTIFIERS = frozenset({*DISTRICT_ROLES, Role.SUBJECT_CONTACT})
# Whose capacity shows findings and orders. A 主检 of a district or township re-checks by the page of the one order.
RECTIFICATION_READERS = frozenset({*CITY_ROLES, *RECTIFIERS, Role.LEADER})
# Ledgers of earlier years are brought in by the offices, each its own district's.
PAST_RECTIFICATION_KEEPERS = frozenset({Role.CITY_OFFICE, Role.DISTRICT_OFFICE})

# 整改提升: what the unit takes up of its own accord; the managing district may do so in its place.
IMPROVERS = frozenset({Role.SUBJECT_CONTACT, *DISTRICT_ROLES})
IMPROVEMENT_READERS = frozenset({*IMPROVERS, *CITY_ROLES, Role.LEADER})
