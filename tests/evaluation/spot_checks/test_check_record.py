"""检查记录: everything kept of a check on one paper; before the verdict nothing of a claim, no names of who was interviewed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from evaluation.enums import CheckState, Conclusion, ItemReason, Layer
from evaluation.models import Answer, CheckLine, ScoreLook, SpotCheck
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from tests.evaluation.spot_check_builders import NOW
from tests.evaluation.spot_checks.conclusion_builders import World, make_world, verified_assessment
from tests.factories import login

pytestmark = pytest.mark.django_db
CLAIM = "自评旗语"


@pytest.fixture
def world() -> World:
    assessment, office, contact = verified_assessment()
    Answer.objects.filter(layer=Layer.SELF).update(words=CLAIM)
    world = make_world(assessment=assessment, office=office, contact=contact)
    CheckLine.objects.update(item_reason=ItemReason.AFFIRMED, facts=[["职工人数", "320", ""]])
    SpotCheck.objects.filter(pk=world.check.pk).update(
        interview_count=7,
        place="会议室",
        unit_statement="情况属实",
        unit_signer="王厂长",
        manners=["INTERVIEW"],
    )
    return world


def paper(client: Any, world: World, actor: Any) -> str:
    url = reverse("evaluation:check_record", args=[world.check.round_id, world.check.pk])
    answer = login(client, actor).get(url)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_concluded_check_is_told_whole(client: Any, world: World) -> None:
    line = world.check.lines.order_by("position").first()
    assert line is not None
    CheckLine.objects.filter(pk=line.pk).update(
        difference_reason="EVIDENCE_MISSING",
        said_by="车间主任",
        papers="合同三份",
        value={"inputs": [[90, 100]]},
    )
    ScoreLook.objects.create(
        check_record=world.check,
        user=world.second.user,
        page="自评核验列表",
        address="/reviews/",
        looked_at=NOW,
    )
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=Conclusion.RECTIFY, words="缺签字三份", now=NOW
    )
    answer_check(actor=world.contact, check=check, words="已补签", now=NOW)
    conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=NOW
    )
    for reader in (world.office, world.contact):
        words = paper(client, world, reader)
        for told in (
            "缺签字三份", "车间主任陈述", "合同三份", "现场无佐证", CLAIM, "核验", "自评满分", "职工人数：320",
            "情况属实（签字：王厂长）", "已补签", "经复核属实", "限期整改", "盲评", "现场核定", "90",
            f"{world.second.user.full_name}，", "自评核验列表", ">7<",
        ):  # fmt: skip
            assert told in words, told


def test_before_the_verdict_no_line_tells_a_claim(client: Any, world: World) -> None:
    world.check.lines.update(judgement="", judged_at=None, severity="")
    words = paper(client, world, world.lead)
    assert CLAIM not in words and "自评满分" not in words and "未判断" in words and "职工人数：320" in words


def test_the_inspected_is_told_nothing_while_it_is_judged(client: Any, world: World) -> None:
    words = paper(client, world, world.contact)
    assert CLAIM not in words and "缺签字三份" not in words and "情况属实" not in words


def test_an_unfinished_review_is_not_told_by_the_paper(client: Any, world: World) -> None:
    """Of its own paper the subject learns the verified values when the district has finished, as everywhere."""
    Answer.objects.filter(layer=Layer.DISTRICT).update(words="核验旗语")
    SpotCheck.objects.filter(pk=world.check.pk).update(
        state=CheckState.PROVISIONAL, proposed_at=NOW, proposed_conclusion="RECTIFY", answer_due_on=NOW.date()
    )
    assert "核验旗语" in paper(client, world, world.contact)
    type(world.check.assessment).objects.update(state="UNDER_REVIEW", verified_at=None)
    words = paper(client, world, world.contact)
    assert "核验旗语" not in words and CLAIM in words
    assert "核验旗语" in paper(client, world, world.office)
