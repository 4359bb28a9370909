"""Who keeps findings and orders, who mends, who may re-check. Persons are compared, not capacities."""

from __future__ import annotations

from datetime import date

from cultivation.models import SubjectContact
from evaluation.models import Rectification
from evaluation.permissions.roles import RECTIFICATION_KEEPERS, RECTIFIERS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel.errors import NotAllowed


def require_rectification_office(actor: Actor) -> None:
    if actor.role not in RECTIFICATION_KEEPERS:
        raise NotAllowed("整改由市三方委员会办公室下达、答复、销号和撤销。")


def require_rectifier(actor: Actor, record: Rectification) -> None:
    """The unit it was issued to; a district also in its subject's place."""
    mine = Rectification.objects.visible_to(actor).filter(pk=record.pk)
    if actor.role not in RECTIFIERS or not mine.exists():
        raise NotAllowed("整改由收到整改通知书的单位办理。")


def require_other_eyes(actor: Actor, record: Rectification, on: date) -> None:
    """Neither who mended or handed in, nor anybody of the unit, under whatever capacity."""
    person = actor.user.pk
    if record.submitted_by_id == person or record.measures.filter(created_by_id=person).exists():
        raise NotAllowed("登记整改措施或报送复查的人不能复查、销号，请由其他人员办理。")
    office = Membership.objects.in_force(on).filter(
        user_id=person, organization__path__startswith=record.organization.path
    )
    contacts = SubjectContact.objects.in_force(on).filter(user_id=person)
    of_subject = record.subject_id is not None and contacts.filter(subject_id=record.subject_id).exists()
    if of_subject or office.exists():
        raise NotAllowed("被整改单位的人员不能复查、销号，请由其他人员办理。")
