"""风险等级: a dated class per subject with its source; the latest up to a day is in force; none is a class of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cultivation.ledgers.risk_classes import RISK_CLASSES
from cultivation.models import RiskRating, Subject
from cultivation.selectors.risk_classes import (
    risk_class_of,
    risk_classes_of,
    risk_rating_of,
    with_risk_class,
)
from cultivation.services.ledger_clashes import DuplicateRecord
from cultivation.services.ledgers import RecordRefused, create_record, remove_record, update_record
from tests.factories import make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)


@pytest.fixture
def ground():
    make_year(2025)
    make_year(2026)
    district = make_organization(Level.DISTRICT)
    return make_actor(Role.DISTRICT_OFFICE, district), make_subject(district), make_subject(district)


def rate(actor, subject, letter, day, basis="鲁市监信〔2026〕1号"):
    values = {"subject": subject, "risk_class": letter, "happened_on": day, "basis": basis}
    return create_record(actor=actor, ledger=RISK_CLASSES, values=values, now=NOW, confirm_warnings=True)


def test_the_latest_up_to_the_day_is_in_force(ground, django_assert_num_queries) -> None:
    actor, rated, blank = ground
    rate(actor, rated, "C", date(2026, 3, 1))
    rate(actor, rated, "A", date(2025, 3, 1))
    newest = rate(actor, rated, "B", date(2026, 5, 1))
    cases = {
        date(2025, 2, 28): "",
        date(2025, 3, 1): "A",
        date(2026, 2, 28): "A",
        date(2026, 3, 1): "C",
        date(2026, 5, 1): "B",
        date(2027, 1, 1): "B",
    }
    for day, letter in cases.items():
        assert risk_class_of(rated, on=day) == letter
        assert risk_classes_of([rated.pk, blank.pk], on=day) == ({rated.pk: letter} if letter else {})
        with django_assert_num_queries(1):
            found = {row.pk: row.risk_class for row in with_risk_class(Subject.objects.all(), on=day)}
        assert found == {rated.pk: letter, blank.pk: ""}
    remove_record(actor=actor, ledger=RISK_CLASSES, record=newest, now=NOW)
    assert risk_class_of(rated, on=date(2027, 1, 1)) == "C"
    assert risk_rating_of(blank, on=date(2027, 1, 1)) is None


def test_a_class_is_a_to_d_with_a_source_and_one_a_day(ground) -> None:
    actor, rated, _ = ground
    row = rate(actor, rated, "C", date(2026, 3, 1))
    for letter, basis in (("E", "名单"), ("B", "")):
        with pytest.raises(RecordRefused):
            rate(actor, rated, letter, date(2026, 4, 1), basis)
    for wrong in ({"risk_class": "E"}, {"basis": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RiskRating.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(DuplicateRecord):
        rate(actor, rated, "A", date(2026, 3, 1))
    assert RiskRating.objects.live().count() == 1
    values = {"subject": rated, "risk_class": "D", "happened_on": date(2026, 3, 1), "basis": "更正通报"}
    update_record(
        actor=actor, ledger=RISK_CLASSES, record=row, values=values, expected_version=row.version, now=NOW
    )
    assert risk_class_of(rated, on=date(2026, 3, 1)) == "D"


def test_the_subjects_page_says_class_day_and_source(client: Client, ground) -> None:
    actor, rated, blank = ground
    rate(actor, rated, "C", date(2026, 3, 1))
    client.force_login(actor.user)
    with_class = client.get(reverse("cultivation:subject_detail", args=[rated.pk])).content.decode()
    without = client.get(reverse("cultivation:subject_detail", args=[blank.pk])).content.decode()
    assert "C级（2026-03-01，鲁市监信〔2026〕1号）" in with_class
    assert "未分类" in without
    link = reverse("cultivation:ledger_create", args=["risk-classes"]) + f"?subject={blank.pk}"
    assert link in without
    assert client.get(link).status_code == 200
