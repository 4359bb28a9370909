"""激励措施: the notice's own, a district's own beside them, a span that runs forward."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from cultivation.ledgers.incentives import INCENTIVES
from cultivation.models import Incentive
from cultivation.services.ledgers import RecordRefused, create_record
from cultivation.services.policy_seeds import seed_incentives
from tests.factories import make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
NOW = clock.now()


def test_the_notices_own_are_seeded_once_and_read_by_every_district() -> None:
    assert seed_incentives(now=NOW) == 0, "nothing before the years are loaded"
    make_year(2023)
    city = make_organization(Level.CITY)
    district = make_organization(Level.DISTRICT, parent=city)
    assert seed_incentives(now=NOW) == 5
    Incentive.objects.filter(level="CITY").update(removed_at=NOW)
    assert seed_incentives(now=NOW) == 0
    seen = Incentive.objects.visible_to(make_actor(Role.DISTRICT_OFFICE, district)).live()
    assert {row.document_number for row in seen} == {"鲁人社函〔2021〕38号"} and seen.count() == 4
    for row in seen:
        row.clean_fields(exclude=["created_by", "updated_by"])


def test_a_district_registers_its_own_with_a_span_that_runs_forward() -> None:
    make_year(2026)
    office = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    values = {
        "year": 2026,
        "name": "免费法律体检",
        "level": "PARTICIPANT",
        "kind": "SERVICE",
        "granted_by": "区人社局",
        "document_number": "滕人社字〔2026〕8号",
        "effective_from": date(2026, 5, 1),
    }
    with pytest.raises(RecordRefused, match="早于施行日期"):
        create_record(
            actor=office, ledger=INCENTIVES, values=values | {"effective_until": date(2026, 4, 1)}, now=NOW
        )
    row = create_record(
        actor=office, ledger=INCENTIVES, values=values | {"effective_until": date(2027, 4, 30)}, now=NOW
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Incentive.objects.filter(pk=row.pk).update(effective_until=date(2026, 4, 30))
    stranger = make_actor(Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    assert not Incentive.objects.visible_to(stranger).exists()
