"""Who keeps findings and orders, who mends, who may re-check. Persons are compared, not capacities."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from cultivation.models import SubjectContact
from evaluation.models import Rectification
from evaluation.models.rectifications.rectifications import RectificationQuerySet
from evaluation.permissions.roles import RECTIFICATION_KEEPERS, RECTIFICATION_RECHECKERS, RECTIFIERS
from evaluation.workflows.rectifications import INSPECTOR
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel.errors import NotAllowed


def require_rectification_office(actor: Actor) -> None:
    if actor.role not in RECTIFICATION_KEEPERS:
        raise NotAllowed("整改由市三方委员会办公室下达、答复、销号和撤销。")


def readable_rectifications(actor: Actor) -> RectificationQuerySet:
    """What the capacity shows, and for the 主检 of the check it came from the order itself."""
    shown = Rectification.objects.visible_to(actor).values("pk")
    led = Rectification.objects.rechecked_by(actor.user).values("pk")
    return Rectification.objects.filter(Q(pk__in=shown) | Q(pk__in=led))


def recheck_role(actor: Actor, record: Rectification) -> str | None:
    """As whom this person re-checks: the city's role, or INSPECTOR for the 主检 of the check; None for nobody."""
    if actor.role in RECTIFICATION_RECHECKERS:
        return actor.role
    leads = not actor.is_administrator and Rectification.objects.rechecked_by(actor.user)
    return INSPECTOR if leads and leads.filter(pk=record.pk).exists() else None


def require_rechecker(actor: Actor, record: Rectification) -> str:
    role = recheck_role(actor, record)
    if role is None:
        raise NotAllowed("复查由市级人员或原检查的主检办理。")
    return role


def may_mend(actor: Actor, record: Rectification) -> bool:
    """The unit it was issued to; a district also in its subject's place."""
    mine = Rectification.objects.visible_to(actor).filter(pk=record.pk)
    return actor.role in RECTIFIERS and mine.exists()


def require_rectifier(actor: Actor, record: Rectification) -> None:
    if not may_mend(actor, record):
        raise NotAllowed("整改由收到整改通知书的单位办理。")


def require_other_eyes(actor: Actor, record: Rectification, on: date) -> None:
    words = same_eyes(actor, record, on)
    if words:
        raise NotAllowed(words)


def same_eyes(actor: Actor, record: Rectification, on: date) -> str:
    """Why this person is no other eyes; "" when he is. Who mended or handed in, anybody of the unit, in whatever capacity."""
    person = actor.user.pk
    if record.submitted_by_id == person or record.measures.filter(created_by_id=person).exists():
        return "登记整改措施或报送复查的人不能复查、销号，请由其他人员办理。"
    office = Membership.objects.in_force(on).filter(
        user_id=person, organization__path__startswith=record.organization.path
    )
    contacts = SubjectContact.objects.in_force(on).filter(user_id=person)
    of_subject = record.subject_id is not None and contacts.filter(subject_id=record.subject_id).exists()
    if of_subject or office.exists():
        return "被整改单位的人员不能复查、销号，请由其他人员办理。"
    return ""
