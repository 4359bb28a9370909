"""A closed year: findings by hand and what is written on site want a 更正 (design §3)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from cultivation.enums import CorrectionArea
from cultivation.models import CorrectedChange
from cultivation.services.closed_years import YearClosed
from evaluation.enums import CheckState
from evaluation.models import CheckLine, Finding, SpotCheck
from evaluation.services.spot_checks.judging import LineEntry, judge_line
from evaluation.services.spot_checks.visiting import VisitEntry, record_visit
from tests.cultivation.test_closed_years import close, opened
from tests.evaluation.rectification_builders import make_finding
from tests.evaluation.spot_checks.conclusion_builders import World, make_world
from tests.factories import make_actor, make_year
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db


def judge(world: World) -> None:
    line = CheckLine.objects.filter(check_record=world.check).earliest("pk")
    judge_line(
        actor=world.lead,
        line=line,
        uid=uuid4(),
        seen_revision=line.revision,
        entry=LineEntry("MET"),
        now=clock.now(),
    )


def visit(world: World) -> None:
    record_visit(
        actor=world.lead,
        check=world.check,
        uid=uuid4(),
        seen_revision=SpotCheck.objects.get(pk=world.check.pk).visit_revision,
        entry=VisitEntry(place="办公楼"),
        now=clock.now(),
    )


def find(world: World) -> None:
    make_finding(world.office, world.check.organization, now=clock.now())


@pytest.mark.parametrize("act", [judge, visit, find])
def test_nothing_is_written_of_a_closed_year_without_a_correction(act: Callable[[World], None]) -> None:
    world = make_world(state=CheckState.UNDER_WAY)
    year = make_year(2026)
    act(world)
    close(world.office, year)
    findings = Finding.objects.count()
    kept = list(CheckLine.objects.order_by("pk").values_list("judgement", "revision"))
    with pytest.raises(YearClosed, match="2026年度已封存"):
        act(world)
    assert Finding.objects.count() == findings
    assert kept == list(CheckLine.objects.order_by("pk").values_list("judgement", "revision"))
    asker = make_actor(Role.DISTRICT_OFFICE, world.check.organization)
    opened(asker, make_actor(Role.CITY_OFFICE), year, CorrectionArea.ASSESSMENT)
    act(world)
    assert CorrectedChange.objects.count() == 1
