"""Looks at scores of a subject that is still to be judged blind: whose, where, once, and only those."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from evaluation.enums import CheckState
from evaluation.models import ScoreLook, SpotCheckRound, TeamMember
from tests.evaluation.spot_check_builders import NOW
from tests.evaluation.spot_checks.conclusion_builders import World, make_world, verified_assessment
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    assessment, office, contact = verified_assessment()
    return make_world(assessment=assessment, office=office, contact=contact)


def open_result(client: Client, world: World) -> None:
    assert client.get(f"/reviews/{world.check.assessment_id}/").status_code == 200


def test_a_look_is_kept_once_and_told_on_the_check(client: Client, world: World) -> None:
    login(client, world.lead)
    open_result(client, world)
    open_result(client, world)
    client.get(reverse("evaluation:review_list"))
    client.get(reverse("evaluation:subject_assessments", args=[world.check.subject_id]))
    kept = list(ScoreLook.objects.values_list("check_record_id", "user_id", "page"))
    pages = {page for *_, page in kept}
    assert {row[:2] for row in kept} == {(world.check.pk, world.lead.user.pk)}
    assert "自评核验" in pages and "培育对象的自评" in pages and len(kept) == len(pages)
    place = reverse("evaluation:check_detail", args=[world.check.round_id, world.check.pk])
    shown = login(client, world.office).get(place).content.decode()
    assert "判断期间查看得分" in shown and f"{world.lead.user.full_name}，" in shown


def test_nobody_elses_look_is_kept(client: Client, world: World) -> None:
    """Not of who is in no team, was replaced, judges openly or has judged; not of another subject's scores."""
    open_result(login(client, make_actor(Role.CITY_MEMBER)), world)
    login(client, world.second)
    TeamMember.objects.filter(inspector__user=world.second.user).update(until_at=NOW, change_reason="请假")
    open_result(client, world)
    login(client, world.lead)
    world.check.round.refresh_from_db()
    SpotCheckRound.objects.filter(pk=world.check.round_id).update(blind=False)
    open_result(client, world)
    SpotCheckRound.objects.filter(pk=world.check.round_id).update(blind=True)
    type(world.check).objects.filter(pk=world.check.pk).update(
        state=CheckState.PROVISIONAL, proposed_at=NOW, proposed_conclusion="RECTIFY"
    )
    open_result(client, world)
    assert not ScoreLook.objects.exists()


def test_pages_of_the_check_are_no_look(client: Client, world: World) -> None:
    login(client, world.lead)
    place = reverse("evaluation:check_detail", args=[world.check.round_id, world.check.pk])
    for tail in ("", "site/", "sheet/"):
        assert client.get(place + tail).status_code == 200
    assert not ScoreLook.objects.exists()
