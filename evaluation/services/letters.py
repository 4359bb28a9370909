"""通知 with 签收: sent by the city office to districts and subjects, signed for in the portal or on paper, withdrawn.

One mechanism for every letter: 检查通知书, 检查结果告知书, 整改通知书 and any 工作通知.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from cultivation.models import CampaignYear, Subject
from evaluation.enums import LetterKind
from evaluation.models import Letter, LetterReceipt
from evaluation.permissions.letters import require_letter_office
from evaluation.rules.letters import (
    MAX_HEADING,
    MAX_NAME,
    MAX_NOTE,
    MAX_REASON,
    MAX_SECTION,
    MAX_TITLE,
    SHORTEST_REASON,
    filled_sections,
    letter_number,
)
from evaluation.selectors.letters import people_of, sign_day
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.accounts.services.audit import record_audit
from zaozhuang_portal.kernel.clock import shanghai_date, start_of_day
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, NotAllowed
from zaozhuang_portal.kernel.lengths import require_length
from zaozhuang_portal.kernel.locks import lock_name
from zaozhuang_portal.operations.services.notifications import notify

Addressee = Organization | Subject
About = tuple[str, int]


@transaction.atomic
def send_letter(
    *,
    actor: Actor,
    kind: str,
    year: CampaignYear,
    title: str,
    sections: Iterable[Sequence[str]],
    addressees: Iterable[Addressee],
    about: About | None = None,
    now: datetime,
    sign_by: date | None = None,
    number: str = "",
) -> Letter:
    """Send one letter: numbered per kind and year, never changed afterwards, its addressees told.

    `number`: the 文号 of the thing itself (an order), which its letter then bears too.
    `addressees` are districts and subjects, each once; `about` is (kind, id) of the thing the letter is about. `sign_by`:
    the day 签收 is asked for by, three working days from today when empty. A 工作通知 is the city office's alone; a letter
    about a check or a rectification belongs to the act that sends it, which has asked who may. Raises DomainError for a
    letter without title, words or addressee. A closed year still takes letters: its open work is finished in it.
    """
    if kind == LetterKind.LETTER:
        require_letter_office(actor)
    title = require_length("标题", title, MAX_TITLE, field="title")
    found = filled_sections(sections)
    if not title or not found:
        raise DomainError("请填写通知的标题和正文。", code="required", field="body" if title else "title")
    for heading, words in found:
        require_length("小标题", heading, MAX_HEADING, field="body")
        require_length(heading or "正文", words, MAX_SECTION, field="body")
    receipts = _receipts(addressees)
    today = shanghai_date(now)
    if sign_by is not None and sign_by < today:
        raise DomainError("签收期限早于今天，请改为今天或以后的日期。", code="past", field="sign_by")
    letter = Letter.objects.create(
        year=year,
        kind=kind,
        number=number or _next_number(kind, year.pk),
        title=title,
        sections=[list(section) for section in found],
        about_kind=about[0] if about else "",
        about_id=about[1] if about else None,
        sign_by=sign_by or sign_day(today),
        sent_at=now,
        sent_by=actor.user,
    )
    for receipt in receipts:
        receipt.letter = letter
    LetterReceipt.objects.bulk_create(receipts)
    record_audit(
        actor=actor,
        at=now,
        action="发出通知",
        kind="Letter",
        object_id=letter.pk,
        label=str(letter),
        changes={"addressees": [None, len(receipts)]},
    )
    _tell(
        letter,
        receipts,
        f"请签收：{letter.title}",
        now,
        body=f"{letter.number}，请于 {letter.sign_by} 前签收。",
    )
    return letter


def _receipts(addressees: Iterable[Addressee]) -> list[LetterReceipt]:
    found: dict[tuple[str, int], LetterReceipt] = {}
    for one in addressees:
        if isinstance(one, Organization):
            if one.level != Level.DISTRICT:
                raise DomainError(
                    f"通知发给区（市）或培育对象，“{one.name}”不是区（市）。",
                    code="addressee",
                    field="districts",
                )
            found["district", one.pk] = LetterReceipt(organization=one)
        else:
            found["subject", one.pk] = LetterReceipt(
                organization_id=one.managing_organization_id, subject=one
            )
    if not found:
        raise DomainError("请选择收件单位，至少一个。", code="no_addressee", field="districts")
    return list(found.values())


def _next_number(kind: str, year: int) -> str:
    """Letters are never deleted, so that the next number is their count plus one; racing senders queue on the name."""
    lock_name(f"letters:{kind}:{year}")
    serial = Letter.objects.filter(kind=kind, year_id=year).count() + 1
    return letter_number(str(LetterKind(kind).label), year, serial)


def _tell(
    letter: Letter, receipts: Sequence[LetterReceipt], title: str, now: datetime, *, body: str = ""
) -> None:
    notify(
        users=people_of(receipts, shanghai_date(now)),
        title=title,
        body=body,
        url=reverse("evaluation:letter_detail", kwargs={"pk": letter.pk}),
        now=now,
        kind="Letter",
        object_id=letter.pk,
    )


def _receiver(name: str) -> str:
    name = require_length("签收人", name, MAX_NAME, field="receiver_name")
    if not name:
        raise DomainError("请填写签收人姓名。", code="required", field="receiver_name")
    return name


def _sign(
    receipt: LetterReceipt, *, actor: Actor, name: str, at: datetime, now: datetime, note: str, on_paper: bool
) -> LetterReceipt:
    """One conditional UPDATE: of two who sign at once the first stands, and the second is answered with its row."""
    note = require_length("签收说明", note, MAX_NOTE, field="note")
    letter = Letter.objects.select_for_update(no_key=True, of=("self",)).get(pk=receipt.letter_id)
    if letter.withdrawn_at is not None:
        raise ConflictError("该通知已撤回，不需要签收。")
    changed = LetterReceipt.objects.filter(pk=receipt.pk, received_at__isnull=True).update(
        received_at=at, received_by=actor.user, receiver_name=name, on_paper=on_paper, note=note
    )
    receipt.refresh_from_db()
    if changed:
        record_audit(
            actor=actor,
            at=now,
            action="登记纸质签收" if on_paper else "签收通知",
            kind="Letter",
            object_id=letter.pk,
            label=str(receipt),
            changes={"receiver_name": ["", name]},
        )
    return receipt


@transaction.atomic
def receive_letter(
    *, actor: Actor, receipt: LetterReceipt, receiver_name: str, now: datetime, note: str = ""
) -> LetterReceipt:
    """签收 by the addressee: a district's office or member, a subject's contact.

    Signed already, nothing is written and the first signature is returned. Raises NotAllowed for anybody else's letter,
    ConflictError when it was withdrawn.
    """
    if not LetterReceipt.objects.addressed_to(actor).filter(pk=receipt.pk).exists():
        raise NotAllowed("通知由收件单位自己签收。收件单位签收了纸质件的，由市三方委员会办公室登记。")
    return _sign(
        receipt, actor=actor, name=_receiver(receiver_name), at=now, now=now, note=note, on_paper=False
    )


@transaction.atomic
def receive_on_paper(
    *,
    actor: Actor,
    receipt: LetterReceipt,
    receiver_name: str,
    received_on: date,
    now: datetime,
    note: str = "",
) -> LetterReceipt:
    """登记纸质签收 by the city office: who signed the paper on which day, not before it was sent and not to come."""
    require_letter_office(actor)
    sent = receipt.letter.sent_at
    if not shanghai_date(sent) <= received_on <= shanghai_date(now):
        raise DomainError(
            f"签收日期应在发出日期 {shanghai_date(sent)} 至今天之间，请核对。",
            code="day",
            field="received_on",
        )
    return _sign(
        receipt,
        actor=actor,
        name=_receiver(receiver_name),
        at=max(start_of_day(received_on), sent),
        now=now,
        note=note,
        on_paper=True,
    )


@transaction.atomic
def withdraw_letter(*, actor: Actor, letter: Letter, reason: str, now: datetime) -> Letter:
    """撤回 with its reason: the letter stays readable and marked, nobody signs for it any more, its addressees are told.

    A letter about a rectification is withdrawn by the act that withdraws the rectification, which has asked who may.
    Raises ConflictError when it was withdrawn before.
    """
    if letter.kind in (LetterKind.LETTER, LetterKind.CHECK_NOTICE):
        require_letter_office(actor)
    reason = require_length("撤回理由", reason, MAX_REASON, field="reason")
    if len(reason) < SHORTEST_REASON:
        raise DomainError(f"请写明撤回理由（至少{SHORTEST_REASON}个字）。", code="required", field="reason")
    changed = Letter.objects.filter(pk=letter.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=now, withdrawal=reason
    )
    if not changed:
        raise ConflictError("该通知已经撤回，不用再撤回。")
    letter.refresh_from_db()
    record_audit(
        actor=actor,
        at=now,
        action="撤回通知",
        kind="Letter",
        object_id=letter.pk,
        label=str(letter),
        reason=reason,
    )
    _tell(letter, list(letter.receipts.all()), f"通知已撤回：{letter.title}", now, body=reason)
    return letter
