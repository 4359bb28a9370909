"""A date counted in working days of a year without a list of holidays says so wherever it is shown."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from evaluation.enums import CheckState
from evaluation.models import Letter, SpotCheck
from evaluation.selectors.spot_checks.results import result_words
from tests.evaluation.rectification_builders import issued
from tests.evaluation.spot_check_builders import make_check, make_drawn_round
from tests.factories import login, make_actor, make_organization, make_year
from zaozhuang_portal.accounts.enums import Level, Role

NOTE = "2028年尚无节假日安排，按周一至周五计算"
NOW = datetime(2028, 2, 1, 2, tzinfo=UTC)
SHOWN = re.compile(r"(?:sign_by|answer_due_on|record\.due_on|row\.due_on|one\.due)\|date:")
ROOMS = ("letters", "spot_checks", "rectifications")


@pytest.mark.django_db
def test_the_note_stands_beside_each_date(client: Client) -> None:
    make_year(2027)
    office = make_actor(Role.CITY_OFFICE)
    record = issued(office, make_organization(Level.DISTRICT), year=2027, now=NOW)
    letter = Letter.objects.get(about_kind="Rectification", about_id=record.pk)
    check = make_check(CheckState.PROVISIONAL, held=make_drawn_round(office), answer_due_on=NOW.date())
    login(client, office)
    for name, args in (
        ("rectification_list", []),
        ("rectification_detail", [record.pk]),
        ("letter_list", []),
        ("letter_detail", [letter.pk]),
        ("check_detail", [check.round_id, check.pk]),
    ):
        body = client.get(reverse(f"evaluation:{name}", args=args)).content.decode()
        assert NOTE in body, name
    assert any(NOTE in words for _, words in letter.sections), "on the paper too"
    assert NOTE in result_words(check)
    SpotCheck.objects.filter(pk=check.pk).update(answer_due_on=date(2026, 11, 20))
    check.refresh_from_db()
    assert "尚无节假日安排" not in result_words(check)


def test_no_template_shows_such_a_date_without_the_note() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "evaluation"
    bare = [
        f"{path.name}:{number}"
        for room in ROOMS
        for path in (folder / room).glob("*.html")
        if not path.name.startswith("improvement")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if len(SHOWN.findall(line)) > line.count("{% day_note")
    ]
    assert bare == []
