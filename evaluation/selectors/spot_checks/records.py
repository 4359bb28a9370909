"""检查记录: everything that is kept of one check, for the paper. What a person may read of it is `check_page`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.enums import Layer, Manner
from evaluation.models import SpotCheck
from evaluation.selectors.scores import REVIEWED_STATES
from evaluation.selectors.spot_checks.files import ANSWER_FILES
from evaluation.selectors.spot_checks.results import CheckPage
from evaluation.selectors.spot_checks.site import CHECK_FILES, SiteLine, site_lines
from zaozhuang_portal.operations.models import Attachment
from zaozhuang_portal.operations.selectors.attachments import attachments_of


@dataclass(frozen=True)
class CheckRecord:
    """`lines` carry both layers' values of judged items only; of the unit's own paper the verified ones once they are told."""

    page: CheckPage
    lines: Sequence[SiteLine]
    scans: Sequence[Attachment]
    proof: Sequence[Attachment]

    @property
    def check(self) -> SpotCheck:
        return self.page.check

    @property
    def manners(self) -> list[str]:
        return [Manner(one).label for one in self.check.manners if one in Manner.values]


def load_record(page: CheckPage) -> CheckRecord:
    """Statements: 4, beside those of the page."""
    check = page.check
    lines = site_lines(check, page.lines)
    told = check.assessment is not None and check.assessment.state in REVIEWED_STATES
    if page.is_unit and check.subject_id is not None and not told:
        for item in lines:
            item.claims.pop(Layer.DISTRICT, None)
    return CheckRecord(
        page,
        lines,
        attachments_of(CHECK_FILES, [check.pk]).get(check.pk, []) if lines else [],
        attachments_of(ANSWER_FILES, [check.pk]).get(check.pk, []) if lines else [],
    )
