"""A valid row of any ledger from its declaration alone: for the tests of the common pages, matrix, exchange, figures."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from cultivation.enums import SubjectKind
from cultivation.ledgers.base import Column, ColumnKind, Ledger, find_ledger
from cultivation.ledgers.display import words_of
from cultivation.models import Subject
from cultivation.services.ledgers import create_record, examine_record
from tests.factories import make_actor, make_member_unit, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership, MemberUnit, Organization
from zaozhuang_portal.kernel import clock

_numbers = itertools.count(1)
YEAR = 2026
DAY = date(2026, 5, 6)
# Which columns made a valid row last time, by ledger: tried first.
_fitting: dict[tuple[str, frozenset[str]], list[str]] = {}


def a_subject(
    place: Organization, kinds: frozenset[str], *, word: str = "", township: Organization | None = None
) -> Subject:
    """A new subject of the place, in its township when one is given."""
    kind = sorted(kinds)[0] if kinds else SubjectKind.ENTERPRISE
    fields = {"township": township} if township is not None else {}
    return make_subject(place, kind=kind, name=f"{word}测试对象{next(_numbers)}有限公司", **fields)


def _foreign(
    column: Column, actor: Actor, place: Organization, word: str, township: Organization | None
) -> Any:
    if column.kind is ColumnKind.SUBJECT:
        return a_subject(place, column.subject_kinds, word=word, township=township)
    if column.kind is ColumnKind.ORGANIZATION:
        return place
    if column.kind is ColumnKind.TOWNSHIP:
        places = Organization.objects.filter(parent=place)
        return township or places.first() or make_organization(Level.TOWNSHIP, parent=place)
    if column.kind is ColumnKind.MEMBER_UNIT:
        return MemberUnit.objects.filter(organization=place).first() or make_member_unit(place)
    if column.kind is ColumnKind.USER:
        membership = Membership.objects.filter(organization=place).first()
        return membership.user if membership else make_actor(Role.DISTRICT_OFFICE, place).user
    other = find_ledger(column.ledger)
    assert other is not None, column.ledger
    return make_record(other, place, word=word, township=township)


def value_for(
    column: Column, actor: Actor, place: Organization, *, word: str = "", township: Organization | None = None
) -> Any:
    """A believable value of a column; texts and months differ from call to call."""
    number = next(_numbers)
    if column.kind in {ColumnKind.TEXT, ColumnKind.LONG_TEXT}:
        return f"{word}{column.header}{number}"[: column.limit]
    if column.kind is ColumnKind.INTEGER:
        return min(max(column.minimum or 0, 1), column.maximum or 1)
    if column.kind is ColumnKind.DECIMAL:
        return Decimal(max(column.minimum or 0, 1))
    if column.kind is ColumnKind.DATE:
        return DAY
    if column.kind is ColumnKind.MONTH:
        return date(YEAR, 1 + number % 6, 1)
    if column.kind is ColumnKind.BOOLEAN:
        return True
    if column.kind is ColumnKind.CHOICE:
        return column.choices[number % len(column.choices)][0]
    if column.kind is ColumnKind.CHOICES:
        return [column.choices[0][0]]
    if column.kind is ColumnKind.PHONE:
        return "13800000000"
    if column.kind is ColumnKind.URL:
        return f"https://www.zaozhuang.gov.cn/{number}"
    return _foreign(column, actor, place, word, township)


def _problems(ledger: Ledger, actor: Actor, values: dict[str, Any]) -> str:
    """What the services or the database would refuse; "" for nothing."""
    draft = examine_record(actor=actor, ledger=ledger, record=None, values=values, now=clock.now())
    errors = [slip.message for slip in draft.slips if not slip.warning]
    if errors:
        return "；".join(errors)
    ledger.prepare(actor, None, draft.values)
    names = {item.name for item in ledger.model._meta.concrete_fields}
    kept = {name: value for name, value in draft.values.items() if name in names}
    kept |= {"organization": draft.organization, "township": draft.township, "year_id": draft.year}
    record = ledger.model(**kept)
    for constraint in ledger.model._meta.constraints:
        try:
            constraint.validate(ledger.model, record)
        except ValidationError as error:
            return f"{constraint.name}: {error}"
    return ""


def valid_values(
    ledger: Ledger,
    place: Organization,
    actor: Actor,
    *,
    word: str = "",
    township: Organization | None = None,
    **given: Any,
) -> dict[str, Any]:
    """Values that create_record takes: the required columns, and as few others as its checks and constraints ask for.

    `word` stands at the head of every text. Raises AssertionError when nothing fits.
    """
    columns = [column for column in ledger.form_columns if column.key not in given]

    def fill(chosen: list[Column]) -> dict[str, Any]:
        made = {
            column.key: value_for(column, actor, place, word=word, township=township) for column in chosen
        }
        if actor.is_city:
            made["organization"] = place
        return made | given

    required = [column for column in columns if column.required]
    title = [column for column in columns if column is ledger.title_column and not column.required]
    optional = [column for column in columns if not column.required and column not in title]
    if township is not None:
        required += [column for column in optional if column.kind is ColumnKind.TOWNSHIP]
    pairs = itertools.combinations([[], *([column] for column in optional)], 2)
    attempts = [required + title, *(required + title + first + second for first, second in pairs)]
    key = (ledger.slug, frozenset(given) | ({"township"} if township is not None else frozenset()))
    known = [column for column in columns if column.key in _fitting.get(key, ())]
    problem = ""
    # Choices go round with the counter: the same columns again may fit.
    for chosen in [*([known] if known else ()), *attempts[:1] * 8, *attempts, required + title + optional]:
        values = fill(chosen)
        problem = _problems(ledger, actor, values)
        if not problem:
            _fitting[key] = [column.key for column in chosen]
            return values
    raise AssertionError(f"no valid values of {ledger.slug} found: {problem}")


def make_record(
    ledger: Ledger,
    place: Organization | None = None,
    *,
    actor: Actor | None = None,
    word: str = "",
    township: Organization | None = None,
    **values: Any,
) -> Any:
    """A row of any ledger, entered through create_record: `make_record(PUBLICITY, district, title="…")`.

    `place` is the district (made when missing), `township` a place below it, `word` a word in every text, `actor` who
    enters it (the district office by default, the city office for ledgers districts do not keep).
    """
    place = place or make_organization(Level.DISTRICT)
    make_year(YEAR)
    if actor is None:
        role = Role.DISTRICT_OFFICE if Role.DISTRICT_OFFICE in ledger.keepers else Role.CITY_OFFICE
        actor = make_actor(role, place if role == Role.DISTRICT_OFFICE else make_organization(Level.CITY))
    made = valid_values(ledger, place, actor, word=word, township=township, **values)
    return create_record(actor=actor, ledger=ledger, values=made, now=clock.now(), confirm_warnings=True)


def posted(ledger: Ledger, values: dict[str, Any]) -> dict[str, Any]:
    """What a browser posts for these values."""
    data: dict[str, Any] = {} if ledger.year_key else {"year": YEAR}
    ticked = [column.key for column in ledger.form_columns if column.kind is ColumnKind.BOOLEAN]
    values = {key: True for key in ticked if ledger.model._meta.get_field(key).get_default()} | values
    for key, value in values.items():
        column = ledger.by_key.get(key)
        if value is None or value is False:
            continue
        if column is not None and column.kind is ColumnKind.SUBJECT:
            data[key] = value.credit_code or value.name
        elif column is not None and column.kind is ColumnKind.MONTH:
            data[key] = f"{value:%Y-%m}"
        elif isinstance(value, list):
            data[key] = value
        elif hasattr(value, "pk"):
            data[key] = value.pk
        elif column is not None and column.kind in {ColumnKind.DATE, ColumnKind.DECIMAL}:
            data[key] = words_of(column, value)
        else:
            data[key] = "on" if value is True else value
    return data
