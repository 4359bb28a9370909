"""Links are shown to those who may open them: no page offers a role what the next one refuses."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from cultivation.enums import EnrollmentState
from cultivation.ledgers.base import READERS, all_ledgers
from cultivation.models import Enrollment, SubjectContact
from tests.factories import actor_for, login, make_actor, make_subject, make_user, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
ROSTERS = reverse("cultivation:ledger_import", args=["rosters"])


@pytest.mark.parametrize("role", sorted(READERS))
def test_the_pages_beside_a_ledger_open_for_the_role_that_sees_them(client: Client, role: str) -> None:
    make_year()
    login(client, make_actor(role))
    names = {name for ledger in all_ledgers() for _, name in ledger.pages_for(role)}
    refused = [name for name in sorted(names) if client.get(reverse(name)).status_code == 403]
    assert names and not refused


def test_the_table_of_the_city_is_no_link_for_a_township(client: Client) -> None:
    make_year()
    page = reverse("cultivation:ledger_list", args=["period-figures"])
    table = reverse("cultivation:figure_table")
    for role, shown in ((Role.TOWNSHIP_STAFF, False), (Role.DISTRICT_OFFICE, True)):
        login(client, make_actor(role))
        assert (table in client.get(page).content.decode()) is shown


@pytest.mark.parametrize(("role", "shown"), [(Role.DISTRICT_OFFICE, True), (Role.DISTRICT_MEMBER, False)])
def test_past_rosters_are_imported_by_the_offices(client: Client, role: str, shown: bool) -> None:
    login(client, make_actor(role))
    assert (ROSTERS in client.get(reverse("cultivation:import_new")).content.decode()) is shown
    assert (client.get(ROSTERS).status_code == 200) is shown


def test_a_contact_s_own_pages_lead_nowhere_closed(client: Client) -> None:
    make_year()
    subject = make_subject()
    Enrollment.objects.create(
        subject=subject,
        year_id=2026,
        organization=subject.managing_organization,
        state=EnrollmentState.CONFIRMED,
        enrolled_at=clock.now(),
        confirmed_at=clock.now(),
    )
    contact = make_user()
    SubjectContact.objects.create(user=contact, subject=subject, valid_from=clock.shanghai_date(clock.now()))
    login(client, actor_for(contact))
    for name in ("subject_detail", "subject_edit"):
        page = client.get(reverse(f"cultivation:{name}", args=[subject.pk])).content.decode()
        main = page[page.index('aria-label="所在位置"') if 'aria-label="所在位置"' in page else 0 :]
        links = {link for link in re.findall(r'<a [^>]*href="(/[^"#]*)"', main) if "logout" not in link}
        refused = [link for link in sorted(links) if client.get(link).status_code == 403]
        assert links and not refused, name
    login(client, make_actor(Role.DISTRICT_OFFICE, subject.managing_organization))
    page = client.get(reverse("cultivation:subject_detail", args=[subject.pk])).content.decode()
    assert reverse("cultivation:roster", args=[2026]) in page
