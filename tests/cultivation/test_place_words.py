"""The heading of a page that holds one place's rows names that place and not its district."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role

pytestmark = pytest.mark.django_db
PAGES = (
    ("cultivation:data_checks", {}),
    ("cultivation:pairing_matrix", {}),
    ("cultivation:participation_coverage", {"year": 2026}),
    ("cultivation:training_coverage", {}),
    ("cultivation:mediation_counts", {}),
    ("cultivation:point_year", {}),
)


@pytest.mark.parametrize(("name", "kwargs"), PAGES, ids=[name for name, _ in PAGES])
@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICE, Role.TOWNSHIP_STAFF])
def test_the_heading_names_whose_rows_these_are(client, name, kwargs, role):
    make_year()
    district = make_organization(Level.DISTRICT)
    town = make_organization(Level.TOWNSHIP, parent=district)
    own = town if role == Role.TOWNSHIP_STAFF else district
    login(client, make_actor(role, own))
    page = client.get(reverse(name, kwargs=kwargs)).content.decode()
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert heading and own.name in heading[1]
    assert own is district or district.name not in heading[1]
