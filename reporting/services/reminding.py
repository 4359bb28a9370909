"""催办 of one or several things that wait for others: who is told, what is skipped and why, before and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from cultivation.models import GuidanceVisit, SubjectContact, WorkItem
from cultivation.selectors.todo_case import TodoCase
from evaluation.models import LetterReceipt, Rectification
from evaluation.selectors.letters import signers_of
from evaluation.selectors.rectifications.reminders import people_of_orders
from reporting.selectors.waiting import remindable_parts
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership, User
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.selectors.todos import TodoRow, list_parts, with_reminders
from zaozhuang_portal.operations.services.reminders import PAUSE, remind

# Of one press; more is done in a second one.
AT_ONCE = 200
People = dict[str, list[User]]


@dataclass(frozen=True)
class ReminderPlan:
    """What one press would do. `ready`: row and whom it tells; `recent`: reminded in the last 24 hours; `nobody`: no
    account to tell; `gone`: chosen, but no longer waiting."""

    ready: list[tuple[TodoRow, list[User]]] = field(default_factory=list)
    recent: list[TodoRow] = field(default_factory=list)
    nobody: list[TodoRow] = field(default_factory=list)
    gone: int = 0

    @property
    def skipped(self) -> int:
        return len(self.recent) + len(self.nobody) + self.gone

    def words(self, verb: str) -> str:
        """「将催办 10 项，跳过 2 项（24 小时内已催办）」"""
        reasons = [
            text
            for count, text in (
                (len(self.recent), "24 小时内已催办"),
                (len(self.nobody), "没有可通知的人员账号"),
                (self.gone, "已办理或不再等待"),
            )
            if count
        ]
        if len(reasons) > 1:
            counts = [n for n in (len(self.recent), len(self.nobody), self.gone) if n]
            reasons = [f"{text} {n} 项" for text, n in zip(reasons, counts, strict=True)]
        skipped = f"，跳过 {self.skipped} 项（{'、'.join(reasons)}）" if reasons else ""
        return f"{verb} {len(self.ready)} 项{skipped}"


def plan_reminders(case: TodoCase | None, tokens: Collection[str], *, now: datetime) -> ReminderPlan:
    """What 催办 of these rows would do; only rows the actor may remind of are found. Writes nothing."""
    wanted = set(tokens)
    if len(wanted) > AT_ONCE:
        raise DomainError(
            f"一次最多催办 {AT_ONCE} 项，您选了 {len(wanted)} 项。请分几次催办。", code="too_many"
        )
    keys = {token.partition(".")[0] for token in wanted}
    parts = [part for part in remindable_parts(case) if part.key in keys]
    rows = with_reminders(row for row in list_parts(parts) if row.token in wanted)
    people = _people(rows, case.today) if case is not None else {}
    plan = ReminderPlan(gone=len(wanted) - len(rows))
    for row in rows:
        if row.reminded is not None and row.reminded.last_at > now - PAUSE:
            plan.recent.append(row)
        elif not people.get(row.token):
            plan.nobody.append(row)
        else:
            plan.ready.append((row, people[row.token]))
    return plan


def send_reminders(case: TodoCase | None, tokens: Collection[str], *, now: datetime) -> ReminderPlan:
    """Remind of each by itself; what somebody else reminded of in the meantime is skipped and said so."""
    planned = plan_reminders(case, tokens, now=now)
    done = ReminderPlan(recent=planned.recent, nobody=planned.nobody, gone=planned.gone)
    if case is None:
        return done
    for row, users in planned.ready:
        identity, tell = row.identity, row.part.tell
        if identity is None or tell is None:
            continue
        sent = remind(
            actor=case.actor,
            kind=identity[0],
            object_id=identity[1],
            label=f"{row.part.act}（{row.what}）",
            users=users,
            url=tell(row.target, row.aux),
            body=_body(case, row),
            now=now,
        )
        if sent:
            done.ready.append((row, users))
        else:
            done.recent.append(row)
    return done


def _body(case: TodoCase, row: TodoRow) -> str:
    due = f"截止 {row.due:%Y-%m-%d}。" if row.due else ""
    return f"{due}{case.actor.capacity.label}请您尽快办理。"


def _people(rows: Sequence[TodoRow], today: date) -> People:
    """token → whom the thing concerns. A statement per kind of address, whatever the number of rows."""
    found: People = {}
    groups: dict[str, list[TodoRow]] = defaultdict(list)
    for row in rows:
        groups[row.part.key].append(row)
    offices = _offices({key for row in rows if (key := _office_of(row)) is not None}, today)
    for row in rows:
        found[row.token] = list(offices.get(_office_of(row) or 0, []))
    _seats(groups["seats_plan"] + groups["seats_roster"], today, found)
    _items(groups["late_work_items"], today, found)
    _visits(groups["late_follow_ups"], found)
    _letters(groups["letters_unsigned"], today, found)
    _rectifications(groups["late_rectifications"], today, found)
    _contacts(groups["self_open"] + groups["self_not_begun"], today, found)
    return found


def _letters(rows: Sequence[TodoRow], today: date, found: People) -> None:
    """Who signs for each: the offices of the district, or the contacts of the subject."""
    if not rows:
        return
    receipts = {row.pk: row for row in LetterReceipt.objects.filter(pk__in={row.aux for row in rows})}
    told = signers_of(receipts.values(), today)
    for row in rows:
        receipt = receipts.get(row.aux or 0)
        found[row.token] = told[receipt.organization_id, receipt.subject_id] if receipt else []


def _rectifications(rows: Sequence[TodoRow], today: date, found: People) -> None:
    """The unit each was issued to."""
    if not rows:
        return
    orders = {row.pk: row for row in Rectification.objects.filter(pk__in={row.target for row in rows})}
    told = people_of_orders(orders.values(), today)
    for row in rows:
        found[row.token] = told.get(row.target, [])


def _office_of(row: TodoRow) -> int | None:
    """The district whose office is told."""
    if row.part.key in {"plans_due", "rosters_due", "reports_due"}:
        return row.target
    return row.aux if row.part.key == "transfer_requested" else None


def _offices(organizations: set[int], today: date) -> dict[int, list[User]]:
    people: dict[int, list[User]] = defaultdict(list)
    if organizations:
        holders = Membership.objects.in_force(today).filter(
            organization_id__in=organizations, role=Role.DISTRICT_OFFICE, user__is_active=True
        )
        for holder in holders.select_related("user"):
            people[holder.organization_id].append(holder.user)
    return people


def _units(units: set[int], today: date) -> dict[int, list[User]]:
    people: dict[int, list[User]] = defaultdict(list)
    if units:
        holders = Membership.objects.in_force(today).filter(member_unit_id__in=units, user__is_active=True)
        for holder in holders.select_related("user"):
            people[holder.member_unit_id or 0].append(holder.user)
    return people


def _seats(rows: Sequence[TodoRow], today: date, found: People) -> None:
    units = _units({row.aux for row in rows if row.aux}, today)
    for row in rows:
        found[row.token] = units.get(row.aux or 0, [])


def _items(rows: Sequence[TodoRow], today: date, found: People) -> None:
    """Who answers for it; without an account the people of the lead unit, without these the district's office."""
    if not rows:
        return
    items = {
        item.pk: item
        for item in WorkItem.objects.filter(pk__in=[row.target for row in rows]).select_related(
            "responsible_user"
        )
    }
    units = _units({item.lead_unit_id for item in items.values() if item.lead_unit_id}, today)
    fallback = _offices({row.aux for row in rows if row.aux}, today)
    for row in rows:
        item = items[row.target]
        if item.responsible_user is not None and item.responsible_user.is_active:
            found[row.token] = [item.responsible_user]
        else:
            found[row.token] = units.get(item.lead_unit_id or 0) or fallback.get(row.aux or 0, [])


def _visits(rows: Sequence[TodoRow], found: People) -> None:
    if not rows:
        return
    visits = GuidanceVisit.objects.filter(pk__in=[row.target for row in rows]).select_related("follow_up_by")
    holders = {visit.pk: visit.follow_up_by for visit in visits}
    for row in rows:
        holder = holders.get(row.target)
        found[row.token] = [holder] if holder is not None and holder.is_active else []


def _contacts(rows: Sequence[TodoRow], today: date, found: People) -> None:
    if not rows:
        return
    people: dict[int, list[User]] = defaultdict(list)
    firms = {row.token: row.target if row.part.target == "subject_id" else row.aux or 0 for row in rows}
    contacts = SubjectContact.objects.in_force(today).filter(
        subject_id__in=set(firms.values()), user__is_active=True
    )
    for contact in contacts.select_related("user"):
        people[contact.subject_id].append(contact.user)
    for row in rows:
        found[row.token] = people.get(firms[row.token], [])
