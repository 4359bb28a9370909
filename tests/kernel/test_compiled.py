"""CompiledQuery gives what the ORM gives, for every value, by one statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import BigIntegerField, DateField, Model

from tests.factories import make_member_unit, make_membership, make_organization, make_user
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel.compiled import CompiledQuery, Slot

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def build() -> Any:
    return (
        Membership.objects.in_force(Slot("on", DateField()))
        .select_related("user", "organization__parent", "member_unit")
        .filter(pk=Slot("pk", BigIntegerField()))
    )


def fields(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_and_related_rows_are_those_of_the_orm(django_assert_num_queries: Any) -> None:
    district = make_organization(Level.DISTRICT)
    plain = make_membership(make_user(), Role.DISTRICT_OFFICE, district)
    unit = make_member_unit(district)
    seated = make_membership(make_user(), Role.DISTRICT_MEMBER, district, member_unit=unit)
    query: CompiledQuery[Membership] = CompiledQuery(build)
    for membership in (plain, seated, plain):
        expected = Membership.objects.select_related("user", "organization__parent", "member_unit").get(
            pk=membership.pk
        )
        with django_assert_num_queries(1):
            found = query.first(pk=membership.pk, on=TODAY)
            assert found is not None and not found._state.adding
            pairs = [
                (found, expected),
                (found.user, expected.user),
                (found.organization, expected.organization),
            ]
            pairs += [(found.organization.parent, expected.organization.parent)]
            assert all(fields(one) == fields(other) for one, other in pairs)
            assert (found.member_unit is None) == (expected.member_unit is None)
            assert type(found.user.is_active) is bool and found.user.date_joined == expected.user.date_joined


def test_each_value_is_bound_anew() -> None:
    membership = make_membership(make_user(), Role.DISTRICT_OFFICE, make_organization(Level.DISTRICT))
    query: CompiledQuery[Membership] = CompiledQuery(build)
    Membership.objects.filter(pk=membership.pk).update(valid_from=TODAY, valid_to=TODAY)
    found = [query.first(pk=membership.pk, on=TODAY + timedelta(days=shift)) for shift in (-1, 0, 1)]
    assert [row is not None for row in found] == [False, True, False]
    assert query.first(pk=0, on=TODAY) is None
