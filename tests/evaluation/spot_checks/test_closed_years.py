"""A closed year: a finding by hand wants a 更正, a check under way is finished without one (design §3)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from cultivation.enums import CorrectionArea
from cultivation.models import CorrectedChange
from cultivation.services.closed_years import YearClosed
from evaluation.enums import CheckState
from evaluation.models import CheckLine, Finding, LineSave, SpotCheck
from evaluation.services.spot_checks.judging import LineEntry, judge_line
from evaluation.services.spot_checks.visiting import VisitEntry, record_visit
from reporting.selectors.year_closing import open_work
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


def test_no_finding_is_entered_into_a_closed_year_without_a_correction() -> None:
    world = make_world(state=CheckState.UNDER_WAY)
    year = make_year(2026)
    find(world)
    close(world.office, year)
    with pytest.raises(YearClosed, match="2026年度已封存"):
        find(world)
    assert Finding.objects.count() == 1
    asker = make_actor(Role.DISTRICT_OFFICE, world.check.organization)
    opened(asker, make_actor(Role.CITY_OFFICE), year, CorrectionArea.ASSESSMENT)
    find(world)
    assert CorrectedChange.objects.count() == 1


@pytest.mark.parametrize("act", [judge, visit])
def test_a_check_under_way_outlives_its_year(act: Callable[[World], None]) -> None:
    world = make_world(state=CheckState.UNDER_WAY)
    close(world.office, make_year(2026))
    act(world)
    assert LineSave.objects.count() == 1
    assert not CorrectedChange.objects.exists()
    left = SpotCheck.objects.open().count()
    assert [item.words for item in open_work(make_year(2026))] == [f"未作结论的抽查{left}项"]
