"""结对 written through the services: overlap refused, ended with a reason, renewed in bulk."""

from __future__ import annotations

from datetime import date

import pytest

from cultivation.enums import PairingRole
from cultivation.ledgers.pairings import check_pairings
from cultivation.models import CampaignYear, Pairing
from cultivation.services.ledgers import RecordRefused
from cultivation.services.pairings import end_pairing, open_pairing, renew_pairings
from tests.factories import (
    make_actor,
    make_member_unit,
    make_organization,
    make_pairing,
    make_subject,
    make_year,
)
from zaozhuang_portal.accounts.enums import MemberUnitKind, Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

pytestmark = pytest.mark.django_db
NOW = clock.start_of_day(date(2026, 6, 1))


@pytest.fixture
def office():
    make_year()
    return make_actor(Role.DISTRICT_OFFICE, make_organization())


@pytest.fixture
def subject(office):
    return make_subject(office.organization)


def values(unit=None, **more):
    return {
        "role": PairingRole.LEAD,
        "unit": unit,
        "person_name": "" if unit else "周结对",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 11, 30),
        **more,
    }


def test_opened_for_a_unit_with_its_place_year_and_audit(office, subject) -> None:
    unit = make_member_unit(office.organization)
    pairing = open_pairing(actor=office, subject=subject, values=values(unit), now=NOW)
    assert (pairing.organization, pairing.year_id, pairing.unit) == (office.organization, 2026, unit)
    assert AuditEntry.objects.filter(kind="Pairing", object_id=str(pairing.pk)).exists()


def test_the_name_comes_from_the_account(office, subject) -> None:
    pairing = open_pairing(
        actor=office, subject=subject, values=values(person_name="", person=office.user), now=NOW
    )
    assert pairing.person_name == office.user.full_name


def test_a_second_lead_is_refused_with_who_and_until_when(office, subject) -> None:
    first = open_pairing(actor=office, subject=subject, values=values(), now=NOW)
    with pytest.raises(RecordRefused) as refused:
        open_pairing(
            actor=office,
            subject=subject,
            values=values(person_name="吴二", starts_on=date(2026, 11, 30), ends_on=None),
            now=NOW,
            confirm_warnings=True,
        )
    assert "周结对" in refused.value.message and str(first.ends_on) in refused.value.message
    assert refused.value.slips[0].field == "role"
    assisting = values(person_name="吴二", role=PairingRole.ASSISTING)
    open_pairing(actor=office, subject=subject, values=assisting, now=NOW)
    following = values(person_name="吴二", starts_on=date(2026, 12, 1), ends_on=None)
    with pytest.raises(RecordRefused, match="时间重叠"):
        open_pairing(
            actor=office, subject=subject, values=assisting | {"starts_on": date(2026, 5, 1)}, now=NOW
        )
    assert (
        open_pairing(actor=office, subject=subject, values=following, now=NOW, confirm_warnings=True).ends_on
        is None
    )
    assert Pairing.objects.count() == 3


def test_nobody_is_no_partner_and_the_end_is_not_before_the_start(office, subject) -> None:
    with pytest.raises(RecordRefused, match="请选择结对单位"):
        open_pairing(actor=office, subject=subject, values=values(person_name=""), now=NOW)
    with pytest.raises(RecordRefused, match="早于开始日期"):
        open_pairing(actor=office, subject=subject, values=values(ends_on=date(2025, 12, 31)), now=NOW)


def test_another_district_is_refused(office) -> None:
    stranger = make_subject(make_organization())
    with pytest.raises(DomainError):
        open_pairing(actor=office, subject=stranger, values=values(), now=NOW)
    own = make_subject(office.organization)
    with pytest.raises(NotAllowed):
        open_pairing(
            actor=make_actor(Role.INSTRUCTOR, office.organization), subject=own, values=values(), now=NOW
        )


def test_ended_with_a_reason(office, subject) -> None:
    pairing = open_pairing(actor=office, subject=subject, values=values(), now=NOW)
    with pytest.raises(DomainError, match="结束原因"):
        end_pairing(actor=office, pairing=pairing, ends_on=date(2026, 6, 1), reason=" ", now=NOW)
    with pytest.raises(DomainError, match="早于开始日期"):
        end_pairing(actor=office, pairing=pairing, ends_on=date(2025, 12, 31), reason="调岗", now=NOW)
    ended = end_pairing(actor=office, pairing=pairing, ends_on=date(2026, 6, 1), reason="结对人调岗", now=NOW)
    assert (ended.ends_on, ended.end_reason, ended.version) == (date(2026, 6, 1), "结对人调岗", 2)
    assert AuditEntry.objects.get(kind="Pairing", action="修改结对").changes["end_reason"] == [
        "",
        "结对人调岗",
    ]


def test_renewed_in_bulk_without_gap_or_overlap(office) -> None:
    old, new = make_year(2026), CampaignYear.objects.get(pk=2027)
    unit = make_member_unit(office.organization, kind=MemberUnitKind.TRADE_UNION_FEDERATION)
    open_ended, timed, over = (make_subject(office.organization) for _ in range(3))
    rows = [
        make_pairing(open_ended, unit=unit, commitments="每季度上门一次"),
        make_pairing(timed, ends_on=old.period_end),
        make_pairing(over, ends_on=date(2026, 5, 1)),
    ]
    renewed = renew_pairings(actor=office, pairings=rows, old=old, new=new, now=NOW)
    assert [row.subject for row in renewed] == [open_ended, timed]
    for row in renewed:
        assert (row.starts_on, row.ends_on, row.year_id) == (new.period_start, new.period_end, 2027)
    assert (renewed[0].unit, renewed[0].commitments) == (unit, "每季度上门一次")
    rows[0].refresh_from_db()
    assert (rows[0].ends_on, rows[0].end_reason) == (old.period_end, "转入2027年度")
    rows[1].refresh_from_db()
    assert rows[1].end_reason == ""
    with pytest.raises(RecordRefused):
        renew_pairings(actor=office, pairings=rows[:1], old=old, new=new, now=NOW)


def test_an_import_judges_its_rows_against_each_other(office, subject, django_assert_num_queries) -> None:
    held = make_pairing(make_subject(office.organization))
    row = {"subject": subject, **values()}
    rows = [
        (None, row),
        (None, row | {"person_name": "吴二"}),
        (None, row | {"person_name": "吴二", "role": PairingRole.ASSISTING}),
        (held, {**values(person_name="吴二"), "subject": held.subject}),
    ]
    with django_assert_num_queries(2):
        answers = [list(slips) for slips in check_pairings(office, rows)]
    assert [[slip.field for slip in slips] for slips in answers] == [[], ["role"], [], []]
