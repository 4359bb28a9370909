"""Who may read and add the proof of a measure (asked by operations): the unit, its district, the city, the 主检."""

from __future__ import annotations

from evaluation.models import Rectification, RectificationMeasure
from evaluation.models.rectifications.rectifications import WITH_UNIT
from evaluation.permissions.rectifications import may_mend, readable_rectifications
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.access import OPEN, Sealing, register_attachment_access
from zaozhuang_portal.operations.models import Attachment

MEASURE_FILES = "RectificationMeasure"
PROOF_PER_MEASURE = 30


def _rectification_of(measure_pk: int) -> int:
    rows = RectificationMeasure.objects.filter(pk=measure_pk).values_list("rectification_id", flat=True)
    return rows.first() or 0


def _may_read(actor: Actor, attachment: Attachment) -> bool:
    return readable_rectifications(actor).filter(pk=_rectification_of(attachment.owner_id)).exists()


def _may_write(actor: Actor, owner_id: int) -> bool:
    record = Rectification.objects.filter(pk=_rectification_of(owner_id), state__in=WITH_UNIT).first()
    return record is not None and may_mend(actor, record)


def _hold(owner_id: int) -> None:
    rows = Rectification.objects.select_for_update(no_key=True, of=("self",))
    record = rows.filter(pk=_rectification_of(owner_id)).first()
    if record is not None and record.state not in WITH_UNIT:
        raise DomainError(f"整改现在是“{record.get_state_display()}”，佐证不能再增删。", code="locked")


def _sealing(owner_id: int) -> Sealing:
    """What was handed in stays; further proof is added to a further measure."""
    measure = RectificationMeasure.objects.select_related("rectification").filter(pk=owner_id).first()
    if measure is None:
        return OPEN
    since = measure.rectification.submitted_at if measure.handed_in else None
    return Sealing(measure.handed_in, since, "已报送复查", "报送后")


def register_rectification_files() -> None:
    register_attachment_access(
        MEASURE_FILES, _may_read, _may_write, max_files=PROOF_PER_MEASURE, hold=_hold, sealing=_sealing
    )
