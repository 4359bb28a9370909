"""签到表: who was entered stands on it, before that who is expected, then lines for everybody else."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.enums import Audience
from cultivation.ledgers.trainings import TRAININGS
from cultivation.models import Enrollment, Subject, Training, TrainingAttendance
from cultivation.rules import sign_in_sheets
from cultivation.rules.sign_in_sheets import HR, MANAGERS, SheetFirm, SheetLine, sheet_lines
from cultivation.rules.trainings import TOPICS
from tests.cultivation.ledger_factories import make_record
from tests.factories import login, make_actor, make_organization, make_subject, make_year
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel import clock

FIRMS = [SheetFirm("甲公司", 1, 2), SheetFirm("乙公司"), SheetFirm("丙公司", 0, 1)]


@pytest.mark.parametrize(
    ("firms", "known", "blank"),
    [
        ([], [], 20),
        # Nobody entered: each firm is expected with both audiences.
        (
            [SheetFirm("甲公司"), SheetFirm("乙公司")],
            [("甲公司", MANAGERS), ("甲公司", HR), ("乙公司", MANAGERS), ("乙公司", HR)],
            16,
        ),
        # Entered: a line for each person, none for firms that sent nobody.
        (FIRMS, [("甲公司", MANAGERS), ("甲公司", HR), ("甲公司", HR), ("丙公司", HR)], 16),
        ([SheetFirm("甲公司", 19)], [("甲公司", MANAGERS)] * 19, 5),
        ([SheetFirm("甲公司", 0, 21)], [("甲公司", f"{HR} 21 人次（另附名单）")], 19),
    ],
)
def test_known_lines_then_blank_ones(
    firms: list[SheetFirm], known: list[tuple[str, str]], blank: int
) -> None:
    lines = sheet_lines(firms)
    assert [(line.firm, line.post) for line in lines if line.firm] == known
    assert lines[len(known) :] == [SheetLine()] * blank


def test_the_posts_are_the_audiences() -> None:
    assert (Audience.MANAGERS.label, Audience.HR.label) == (sign_in_sheets.MANAGERS, sign_in_sheets.HR)


def enroll(place: Organization, name: str) -> Subject:
    subject = make_subject(place, name=name)
    Enrollment.objects.create(
        subject=subject,
        year_id=2026,
        organization=place,
        state="CONFIRMED",
        confirmed_at=clock.now(),
        enrolled_at=clock.now(),
    )
    return subject


def printed(client: Client, training: Training) -> list[list[str]]:
    """The cells of the sheet's lines as they are on the paper."""
    url = reverse("cultivation:ledger_paper", args=["trainings", training.pk])
    sheet = client.get(url).content.decode().split("paper-sheet")[1]
    return [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", sheet)[1:]]


@pytest.mark.django_db
def test_the_sheet_prints_what_is_entered(client: Client) -> None:
    make_year()
    district, other = make_organization(Level.DISTRICT), make_organization(Level.DISTRICT)
    firm, _ = enroll(district, "滕州甲公司"), enroll(district, "滕州乙公司")
    elsewhere = enroll(other, "峄城丙公司")
    training = make_record(TRAININGS, district, topics=list(TOPICS[:1]))
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    expected = printed(client, training)
    assert sorted(row[1] for row in expected if row[1]) == ["滕州乙公司"] * 2 + ["滕州甲公司"] * 2
    assert [row[3] for row in expected[:2]] == ["企业负责人", "人力资源工作人员"]
    assert len(expected) == 20 and [row[0] for row in expected[:3]] == ["1", "2", "3"]

    TrainingAttendance.objects.create(
        training=training, subject=firm, organization=district, managers=1, hr=2
    )
    rows = printed(client, training)
    assert [row[1:4] for row in rows if row[1]] == [
        ["滕州甲公司", "", "企业负责人"],
        ["滕州甲公司", "", "人力资源工作人员"],
        ["滕州甲公司", "", "人力资源工作人员"],
    ]
    assert {row[5] for row in rows} == {""}, "the signature is left to the hand"
    assert len(rows) == 20 and rows[-1] == ["20", "", "", "", "", ""]

    # At a session of the city a district prints its own people, the city everybody's.
    city = make_record(
        TRAININGS, make_organization(Level.CITY), actor=make_actor(Role.CITY_OFFICE), topics=list(TOPICS[:1])
    )
    for subject, place in ((firm, district), (elsewhere, other)):
        TrainingAttendance.objects.create(training=city, subject=subject, organization=place, hr=1)
    assert {row[1] for row in printed(client, city)} == {"滕州甲公司", ""}
    login(client, make_actor(Role.CITY_OFFICE))
    assert {row[1] for row in printed(client, city)} == {"滕州甲公司", "峄城丙公司", ""}


@pytest.mark.django_db
def test_statements_do_not_grow_with_the_firms(client: Client) -> None:
    make_year()
    district = make_organization(Level.DISTRICT)
    training = make_record(TRAININGS, district, topics=list(TOPICS[:1]))
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    printed(client, training)
    counts = []
    for number in (1, 10):
        for index in range(number):
            enroll(district, f"第{number}批{index}号企业")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            printed(client, training)
        counts.append(len(queries))
    assert counts[0] == counts[1]
