"""How long the words of an assessment may be, in characters as the browser counts them. Refused above, never cut."""

from __future__ import annotations

MAX_ENTRY = 200  # one box of a part: a number, or what was typed instead of one
MAX_VALUE = 60  # a veto, a deduction, a survey value
MAX_WORDS = 2000  # 文字说明 of an indicator
MAX_DECLARED_WORDS = 1000  # 文字说明 of a declaration
MAX_NOT_APPLICABLE = 500  # why an indicator does not apply
MAX_EXPLANATION = 1000  # the words on a doubt of the check before submitting
MAX_REASON = 1000  # a reviewer's reason
MAX_COMMENT = 1000  # what is returned, in all and for each item
MAX_ADOPTION_WORDS = 500  # why a meeting is corrected, why an earlier text is the same
