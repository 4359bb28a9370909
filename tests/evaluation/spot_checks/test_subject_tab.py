"""The tab 抽查 of a subject: every year's checks, the result as everywhere, nothing while it is judged, its own only."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from evaluation.enums import CheckState
from evaluation.models import SpotCheck
from evaluation.selectors.spot_checks.results import result_words
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.site_builders import make_site_check, make_site_round
from tests.evaluation.spot_check_builders import NOW
from tests.factories import login, make_actor, make_subject
from zaozhuang_portal.accounts.enums import Role

pytestmark = pytest.mark.django_db


def test_the_past_stays_readable_by_its_subject(client: Any) -> None:
    subject, lead = make_subject(), make_actor(Role.CITY_MEMBER)
    contact = make_contact(subject)
    past = make_site_check(lead, subject=subject, round=make_site_round(2024))
    SpotCheck.objects.filter(pk=past.pk).update(
        state=CheckState.CONCLUDED,
        proposed_at=NOW,
        proposed_conclusion="RECTIFY",
        concluded_at=NOW,
        conclusion="RECTIFY",
        conclusion_words="合同缺签字",
    )
    present = make_site_check(lead, subject=subject, state=CheckState.UNDER_WAY)
    untold = make_site_check(lead, subject=subject, state=CheckState.ASSIGNED, round=make_site_round(2025))
    other = make_site_check(lead, subject=make_subject())
    login(client, contact)
    page = client.get(reverse("evaluation:own_spot_checks"), follow=True).content.decode()
    past.refresh_from_db()
    assert past.number in page and result_words(past) in page and "限期整改" in page
    assert present.number in page and untold.number not in page and other.number not in page
    district = make_actor(Role.DISTRICT_OFFICE, subject.managing_organization)
    shown = login(client, district).get(reverse("evaluation:subject_spot_checks", args=[subject.pk]))
    assert past.number in shown.content.decode() and untold.number in shown.content.decode()
    stranger = make_actor(Role.DISTRICT_OFFICE)
    assert (
        login(client, stranger).get(reverse("evaluation:subject_spot_checks", args=[subject.pk])).status_code
        == 404
    )
