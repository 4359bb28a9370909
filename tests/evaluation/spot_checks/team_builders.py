"""Small builders by direct insert: a drawn round, its checks, inspectors."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from typing import Any

from cultivation.models import Subject
from evaluation.enums import CheckKind, ChecklistState, CheckState, RoundState, Selection
from evaluation.models import InspectionChecklist, Inspector, SpotCheck, SpotCheckRound, TeamMember
from tests.factories import make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind
from zaozhuang_portal.accounts.models import Organization

NOW = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
SEED = "12345678901234567890"
PARTIES = list(MemberUnitKind)
_numbers = itertools.count(1)


def drawn_round(**fields: Any) -> SpotCheckRound:
    number = next(_numbers)
    year = make_year()
    checklist, _ = InspectionChecklist.objects.get_or_create(
        code="LSQK",
        version="r1",
        defaults={
            "title": "落实情况检查表",
            "source": "测试",
            "state": ChecklistState.PUBLISHED,
            "lines": [],
            "content_hash": "0" * 64,
            "loaded_at": NOW,
            "published_at": NOW,
        },
    )
    values: dict[str, Any] = {
        "year": year,
        "batch": number,
        "title": f"2026年度第{number}批抽查",
        "basis": "枣人社字〔2023〕34号三（三）4",
        "period_from": date(2026, 11, 1),
        "period_to": date(2026, 11, 25),
        "ends_on": date(2026, 11, 30),
        "manners": ["LEDGERS", "ON_SITE"],
        "checklist": checklist,
        "state": RoundState.DRAWN,
        "frozen_at": NOW,
        "population_sha256": "1" * 64,
        "seed": f"{SEED}{number:04d}",
        "drawn_at": NOW,
        "created_at": NOW,
    }
    return SpotCheckRound.objects.create(**values | fields)


def drawn_check(
    spot_round: SpotCheckRound,
    place: Organization | Subject | None = None,
    *,
    state: str = CheckState.SELECTED,
    **fields: Any,
) -> SpotCheck:
    """Of a district's carrying out, or of a subject."""
    place = place or make_subject(make_organization(Level.DISTRICT))
    number = next(_numbers)
    if isinstance(place, Subject):
        values: dict[str, Any] = {
            "kind": CheckKind.SUBJECT,
            "organization": place.managing_organization,
            "subject": place,
            "code": place.credit_code or f"S{place.pk}",
            "selection": Selection.RANDOM,
            "ticket": f"{number:064x}",
            "position": number,
        }
    else:
        values = {
            "kind": CheckKind.DISTRICT,
            "organization": place,
            "code": place.code,
            "selection": Selection.UNIT,
        }
    return SpotCheck.objects.create(
        **{
            "round": spot_round,
            "number": f"CC2026-{number}",
            "name": place.name,
            "state": state,
            "updated_at": NOW,
            **values,
            **fields,
        }
    )


def an_inspector(party: str = MemberUnitKind.HRSS, **fields: Any) -> Inspector:
    number = next(_numbers)
    values: dict[str, Any] = {
        "name": f"检查员{number}",
        "staff_number": f"JC{number:04d}",
        "party": party,
        "organization": make_organization(Level.CITY),
        "unit_name": "市人社局",
        "certificate": f"鲁D0400{number:04d}",
        "active_from": date(2026, 1, 1),
        "created_at": NOW,
    }
    return Inspector.objects.create(**values | fields)


def a_team(check: SpotCheck, *inspectors: Inspector) -> list[TeamMember]:
    """The first is 主检; without inspectors a pair of two parties is made."""
    people = inspectors or (an_inspector(PARTIES[0]), an_inspector(PARTIES[1]))
    return [
        TeamMember.objects.create(
            check_record=check, inspector=person, lead=not number, ticket="a" * 64, from_at=NOW
        )
        for number, person in enumerate(people)
    ]
