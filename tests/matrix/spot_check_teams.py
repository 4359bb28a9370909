"""检查人员 and 检查组: the city office keeps them; members and leaders of the city read; a district sees its own people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.enums import CheckState
from evaluation.models import ConflictOfInterest, Inspector, SpotCheck, SpotCheckRound, TeamDraw
from tests.evaluation.spot_checks.team_builders import NOW, a_team, an_inspector, drawn_check, drawn_round
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.kernel import clock

CITY = {"CITY_OFFICE": "own"}
CITY_READERS = {**CITY, "CITY_MEMBER": "own"}
READERS = {**CITY_READERS, "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
FORM = ("GET", "POST")
POST = ("POST",)
REASON = {"reason": "短"}


@register_object("inspector")
def inspector(world: World, place: Place) -> Inspector:
    return an_inspector(organization=place.district, name=f"{place.canary}检查员")


@register_object("declared_conflict")
def declared_conflict(world: World, place: Place) -> ConflictOfInterest:
    return ConflictOfInterest.objects.create(
        inspector=inspector(world, place),
        subject=place.subject,
        reason=f"{place.canary}亲属",
        declared_on=clock.shanghai_date(clock.now()),
    )


@register_object("round_with_teams")
def round_with_teams(world: World, place: Place) -> SpotCheckRound:
    spot_round = drawn_round(title=f"{place.canary}抽查")
    check = drawn_check(spot_round, place.subject, state=CheckState.ASSIGNED)
    a_team(check, an_inspector(), an_inspector(MemberUnitKind.TRADE_UNION_FEDERATION))
    return spot_round


@register_object("notified_check")
def notified_check(world: World, place: Place) -> SpotCheck:
    return drawn_check(drawn_round(), place.subject, state=CheckState.NOTIFIED)


@register_object("team_draw")
def team_draw(world: World, place: Place) -> Mapping[str, Any]:
    spot_round = round_with_teams(world, place)
    TeamDraw.objects.create(round=spot_round, number=1, inspectors=[], checks=[], drawn_at=NOW)
    return {"pk": spot_round.pk, "number": 1}


@register_object("team_member")
def team_member(world: World, place: Place) -> Mapping[str, Any]:
    check = round_with_teams(world, place).checks.get()
    return {"pk": check.pk, "member_pk": check.team.get(lead=False).pk}


ENTRIES = [
    Entry("evaluation:inspector_list", {**READERS, "LEADER": "own"}, shows="inspector"),
    Entry("evaluation:inspector_create", CITY, methods=FORM, data={"name": ""}),
    Entry("evaluation:inspector_detail", READERS, object="inspector", shows_own=True),
    Entry("evaluation:inspector_edit", CITY, object="inspector", methods=FORM, data={"name": ""}),
    Entry("evaluation:inspector_retire", CITY, object="inspector", methods=FORM, data=REASON),
    Entry("evaluation:conflict_create", CITY, object="inspector", methods=POST, data=REASON),
    Entry("evaluation:conflict_remove", CITY, object="declared_conflict", methods=FORM, data=REASON),
    Entry("evaluation:team_list", CITY_READERS, object="round_with_teams", shows_own=True),
    Entry("evaluation:team_assign", CITY, object="round_with_teams", methods=POST),
    Entry("evaluation:team_print", CITY_READERS, object="team_draw"),
    Entry("evaluation:notice_send", CITY, object="round_with_teams", methods=FORM, shows_own=True),
    Entry(
        "evaluation:check_pack",
        {**CITY, "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own", "SUBJECT_CONTACT": "own"},
        object="notified_check",
        methods=POST,
    ),
    Entry("evaluation:member_change", CITY, object="team_member", methods=FORM, data=REASON),
    Entry("evaluation:member_lead", CITY, object="team_member", methods=FORM, data=REASON),
]
