"""Letters as pages show them: who has signed for what, what waits for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from cultivation.models import SubjectContact
from cultivation.rules.work_days import add_working_days
from cultivation.selectors.reminders import DueThing, ReminderCase, register_reminders
from cultivation.selectors.todo_case import TodoCase
from cultivation.selectors.work_days import work_calendar
from evaluation.models import Letter, LetterReceipt
from evaluation.permissions.roles import LETTER_RECEIVERS
from evaluation.rules.letters import SIGN_DAYS
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import DISTRICT_ROLES
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.operations.selectors.todos import TodoPart


def sign_day(today: date) -> date:
    """The SIGN_DAYS-th working day after today."""
    return add_working_days(today, SIGN_DAYS, work_calendar())


def signers_of(receipts: Iterable[LetterReceipt], on: date) -> dict[tuple[int, int | None], list[User]]:
    """By (district, subject): the offices of the district, or the contacts of the subject, who may sign in. Statements: 2."""
    rows = list(receipts)
    districts = {row.organization_id for row in rows if row.subject_id is None}
    subjects = {row.subject_id for row in rows if row.subject_id is not None}
    offices = Membership.objects.in_force(on).filter(
        user__is_active=True, role__in=DISTRICT_ROLES, organization_id__in=districts
    )
    contacts = SubjectContact.objects.in_force(on).filter(user__is_active=True, subject_id__in=subjects)
    people: dict[tuple[str, int], list[User]] = {}
    for office in offices.select_related("user"):
        people.setdefault(("district", office.organization_id), []).append(office.user)
    for contact in contacts.select_related("user"):
        people.setdefault(("subject", contact.subject_id), []).append(contact.user)
    return {
        (row.organization_id, row.subject_id): people.get(
            ("subject", row.subject_id) if row.subject_id else ("district", row.organization_id), []
        )
        for row in rows
    }


def people_of(receipts: Iterable[LetterReceipt], on: date) -> list[User]:
    """Everybody who signs for one of these."""
    return [user for users in signers_of(receipts, on).values() for user in users]


def visible_letters(actor: Actor) -> QuerySet[Letter]:
    """The city's: all. A unit's: those with a receipt it may see."""
    if actor.sees_whole_city:
        return Letter.objects.all()
    return Letter.objects.filter(pk__in=LetterReceipt.objects.visible_to(actor).values("letter_id"))


def letter_rows(actor: Actor, *, kind: str = "", open_only: bool = False) -> QuerySet[Letter]:
    """For the list, with `receipt_count`, `received_count` of the receipts the actor may see, and the receipts themselves.

    `open_only`: not withdrawn, with a receipt nobody has signed for.
    """
    seen = LetterReceipt.objects.visible_to(actor)
    counted = Q() if actor.sees_whole_city else Q(receipts__in=seen.values("pk"))
    rows = visible_letters(actor).annotate(
        receipt_count=Count("receipts", filter=counted, distinct=True),
        received_count=Count(
            "receipts", filter=counted & Q(receipts__received_at__isnull=False), distinct=True
        ),
    )
    if kind:
        rows = rows.filter(kind=kind)
    if open_only:
        rows = rows.filter(withdrawn_at__isnull=True, received_count__lt=F("receipt_count"))
    own = Prefetch("receipts", seen.select_related("organization", "subject"), to_attr="seen_receipts")
    return rows.prefetch_related(own)


@dataclass(frozen=True)
class LetterPage:
    """A letter and what this actor sees of its receipts; `mine` are those the actor signs for."""

    letter: Letter
    receipts: Sequence[LetterReceipt]
    mine: Sequence[LetterReceipt]

    @property
    def received(self) -> int:
        return sum(row.received_at is not None for row in self.receipts)

    @property
    def to_sign(self) -> LetterReceipt | None:
        """The first of the own receipts that waits."""
        if self.letter.withdrawn_at is not None:
            return None
        return next((row for row in self.mine if row.received_at is None), None)


def find_letter(actor: Actor, pk: int) -> LetterPage | None:
    """None for a letter out of the actor's reach. Statements: 2."""
    letter = visible_letters(actor).select_related("year", "sent_by").filter(pk=pk).first()
    if letter is None:
        return None
    rows = list(
        LetterReceipt.objects.visible_to(actor)
        .filter(letter=letter)
        .select_related("organization", "subject", "received_by")
        .order_by("organization__sort_order", "subject__name", "id")
    )
    for row in rows:
        row.letter = letter
    return LetterPage(letter, rows, [row for row in rows if _signs_for(actor, row)])


def _signs_for(actor: Actor, row: LetterReceipt) -> bool:
    """LetterReceiptQuerySet.addressed_to() of a row at hand (a test holds them together)."""
    if actor.role not in LETTER_RECEIVERS:
        return False
    if row.subject_id is not None:
        return actor.subject_id == row.subject_id
    return actor.is_district and actor.district is not None and actor.district.pk == row.organization_id


def letters_about(kind: str, *ids: int) -> QuerySet[Letter]:
    """The letters about these things, newest first."""
    return Letter.objects.filter(about_kind=kind, about_id__in=ids).order_by("-id")


# --- what waits -----------------------------------------------------------------------------------------------------


def _page(target: int, aux: int | None) -> str:
    return reverse("evaluation:letter_detail", kwargs={"pk": target})


def letter_parts(case: TodoCase) -> list[TodoPart]:
    """待签收 of whoever signs."""
    if case.actor.role not in LETTER_RECEIVERS:
        return []
    return [
        TodoPart(
            key="letters",
            act="签收通知",
            label="待签收的通知",
            unit="件",
            rows=LetterReceipt.objects.addressed_to(case.actor).waiting(),
            page=_page,
            what=Concat("letter__number", Value(" "), "letter__title"),
            place=Value("市三方委员会办公室"),
            arrived="letter__sent_at",
            due="letter__sign_by",
            target="letter_id",
            aux="pk",
            identity=lambda target, aux: ("LetterReceipt", str(aux)),
            url=f"{reverse('evaluation:letter_list')}?open=1",
        )
    ]


def unsigned_letters() -> TodoPart:
    """What the city office waits for: receipts nobody has signed, which it may remind of."""
    return TodoPart(
        key="letters_unsigned",
        act="签收通知",
        label="签收通知",
        unit="件",
        rows=LetterReceipt.objects.waiting(),
        note=Value("未签收"),
        page=_page,
        what=Concat("letter__number", Value(" "), "letter__title"),
        place=Coalesce("subject__name", "organization__name"),
        arrived="letter__sent_at",
        due="letter__sign_by",
        target="letter_id",
        aux="pk",
        identity=lambda target, aux: ("LetterReceipt", str(aux)),
        tell=_page,
    )


def letter_reminders(case: ReminderCase) -> Iterator[DueThing]:
    """Each receipt that waits, to those who sign for it, around the day it is asked for by. Statements: 1, or 2."""
    rows = list(
        LetterReceipt.objects.waiting()
        .filter(letter__sign_by__in=case.dates)
        .order_by("id")
        .values_list("organization_id", "subject_id", "letter__title", "letter__sign_by")
    )
    offices = case.of_districts() if rows else {}
    contacts: dict[int, list[int]] = {}
    subjects = {subject for _, subject, _, _ in rows if subject is not None}
    if subjects:
        found = SubjectContact.objects.in_force(case.day).filter(
            user__is_active=True, subject_id__in=subjects
        )
        for subject, user in found.values_list("subject_id", "user_id"):
            contacts.setdefault(subject, []).append(user)
    for organization, subject, title, due in rows:
        if due is None:
            continue
        told: list[Any] = (
            contacts.get(subject, []) if subject else [one.user.pk for one in offices.get(organization, [])]
        )
        for user in told:
            yield DueThing(user, f"签收通知“{title}”", due)


def register() -> None:
    register_reminders("letters", letter_reminders)
