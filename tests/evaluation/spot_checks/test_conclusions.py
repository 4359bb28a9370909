"""初步结论 → 反馈意见 → 结论: who, when, in which state; what a conclusion does to the assessment (design §4a)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse

from evaluation.enums import CheckState, CitySource, Conclusion, ItemReason, Judgement, Layer, LineKind
from evaluation.models import Answer, Assessment, CheckLine, Declaration, Finding, ScoreSheet, SpotCheck
from evaluation.rules.spot_checks.checklists import ChecklistError, read_checklist
from evaluation.selectors.spot_checks.results import answerers, result_words, veto_choices
from evaluation.services.review_moves import open_city_review, send_back
from evaluation.services.reviews import DeclarationVerdict, judge_declaration
from evaluation.services.spot_checks.checklists import load_checklist, publish_checklist
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from evaluation.services.spot_checks.lines import prepare_lines
from tests.evaluation.assessment_builders import make_contact
from tests.evaluation.spot_check_builders import NOW, make_check, make_drawn_round
from tests.evaluation.spot_checks.conclusion_builders import (
    DISTRICT_FILE,
    World,
    make_world,
    verified_assessment,
)
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.kernel.errors import DomainError, IllegalTransition, NotAllowed
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def _propose(world: World, **fields: Any) -> SpotCheck:
    values = {"conclusion": Conclusion.RECTIFY, "words": "劳动合同缺签字三份", "now": NOW} | fields
    return propose_conclusion(actor=world.lead, check=world.check, **values)


def test_from_the_lead_to_the_unit_to_the_office() -> None:
    world = make_world()
    check = _propose(world)
    assert check.state == CheckState.PROVISIONAL
    assert check.answer_due_on is not None and check.answer_due_on > shanghai_date(NOW)
    told = Notification.objects.get(user=world.contact.user)
    assert (
        told.body == result_words(check)
        and "限期整改" in told.body
        and f"{check.answer_due_on:%Y-%m-%d}" in told.body
    )
    check = answer_check(actor=world.contact, check=check, words="已补签", now=NOW)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="同意初步结论", now=NOW
    )
    assert (check.state, check.conclusion) == (CheckState.CONCLUDED, Conclusion.RECTIFY)
    finding = Finding.objects.get(check_record=check)
    assert (finding.clause, finding.facts, finding.severity) == ("D02-01", "缺签字三份", "MINOR")
    last = Notification.objects.filter(user=world.contact.user).latest("id")
    assert last.body == result_words(SpotCheck.objects.get(pk=check.pk)).strip()


@pytest.mark.parametrize("role", [Role.CITY_MEMBER, Role.DISTRICT_OFFICE, Role.LEADER, Role.CITY_OFFICE])
def test_nobody_acts_for_another_party(role: Role) -> None:
    world = make_world()
    stranger = make_actor(role)
    with pytest.raises(NotAllowed):
        propose_conclusion(
            actor=stranger, check=world.check, conclusion=Conclusion.QUALIFIED, words="", now=NOW
        )
    check = _propose(world)
    with pytest.raises(NotAllowed):
        answer_check(actor=stranger, check=check, words="代答", now=NOW)
    if role != Role.CITY_OFFICE:
        with pytest.raises(NotAllowed):
            conclude_check(
                actor=stranger, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=LATER
            )


def test_the_second_inspector_does_not_propose() -> None:
    world = make_world()
    with pytest.raises(NotAllowed, match="主检"):
        propose_conclusion(
            actor=world.second, check=world.check, conclusion=Conclusion.RECTIFY, words="缺签字三份", now=NOW
        )


def test_who_proposed_does_not_conclude_in_any_capacity() -> None:
    world = make_world(lead_is_office=True)
    check = _propose(world)
    with pytest.raises(NotAllowed, match="另一人"):
        conclude_check(
            actor=world.lead, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=LATER
        )


def test_a_silent_unit_is_neither_concluded_early_nor_accepted_by_itself() -> None:
    world = make_world()
    check = _propose(world)
    with pytest.raises(IllegalTransition, match="可以反馈"):
        conclude_check(
            actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=NOW
        )
    with pytest.raises(IllegalTransition, match="已经过去"):
        answer_check(actor=world.contact, check=check, words="迟到的意见", now=LATER)
    assert SpotCheck.objects.get(pk=check.pk).state == CheckState.PROVISIONAL
    assert conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=LATER
    ).conclusion


def test_open_lines_contradictions_and_missing_words_are_refused() -> None:
    world = make_world()
    with pytest.raises(DomainError, match="不能作“合格”结论"):
        _propose(world, conclusion=Conclusion.QUALIFIED)
    with pytest.raises(DomainError, match="理由"):
        _propose(world, words="")
    with pytest.raises(DomainError, match="登记无法联系"):
        _propose(world, conclusion=Conclusion.UNREACHABLE_OR_REFUSED, words="大门紧闭无人应答")
    world.check.lines.filter(position=1).update(judgement="", judged_at=None)
    with pytest.raises(DomainError, match="还有 1 项"):
        _propose(world)
    SpotCheck.objects.filter(pk=world.check.pk).update(hindrance="REFUSED", hindrance_words="门卫拒绝进入")
    refused = _propose(world, conclusion=Conclusion.UNREACHABLE_OR_REFUSED, words="门卫拒绝进入")
    assert refused.state == CheckState.PROVISIONAL


def test_a_conclusion_replaces_the_reviews_rows_and_the_sheet_follows() -> None:
    assessment, office, contact = verified_assessment()
    assessment = open_city_review(actor=office, assessment=assessment, now=NOW)
    world = make_world(assessment=assessment, contact=contact, office=office)
    line = world.check.lines.get(position=1)
    Answer.objects.create(
        assessment=assessment,
        layer=Layer.CITY,
        source=CitySource.REVIEW,
        indicator=line.code,
        inputs=[True],
        verdict="AGREED",
        updated_at=NOW,
    )
    before_total = ScoreSheet.objects.get(assessment=assessment, layer=Layer.EFFECTIVE).total
    CheckLine.objects.filter(pk=line.pk).update(value={"inputs": [False]})
    check = answer_check(actor=world.contact, check=_propose(world), words="无意见", now=NOW)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=NOW
    )
    assert check.written_to_assessment
    row = Answer.objects.get(assessment=assessment, layer=Layer.CITY, indicator=line.code)
    assert (row.source, row.inputs, row.reason_code) == (CitySource.SPOT_CHECK, [False], "ON_SITE")
    assert ScoreSheet.objects.get(assessment=assessment, layer=Layer.EFFECTIVE).total < before_total
    assert check.qualification_before and check.qualification_after
    history = AuditEntry.objects.get(action="抽查结果写入市级层").changes["answers"]
    former, written = history[0][line.code], history[1][line.code]
    assert former["来源"] == CitySource.REVIEW.label and written["填报"] == [False], "told in words"
    with pytest.raises(IllegalTransition, match="抽查结论已写入"):
        send_back(
            actor=office, assessment=Assessment.objects.get(pk=assessment.pk), reason="再核一次看看", now=NOW
        )
    assert Answer.objects.filter(source=CitySource.SPOT_CHECK).exists()


def test_values_stay_on_the_check_of_an_assessment_not_verified() -> None:
    assessment, office, contact = verified_assessment(verify=False)
    world = make_world(assessment=assessment, contact=contact, office=office)
    check = answer_check(actor=world.contact, check=_propose(world), words="无意见", now=NOW)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=NOW
    )
    assert not check.written_to_assessment
    assert not Answer.objects.filter(layer=Layer.CITY).exists()


def test_the_page_tells_the_unit_nothing_before_the_provisional_conclusion(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = make_world()
    CheckLine.objects.update(item_reason=ItemReason.AFFIRMED, seen="所见一处秘密")
    login(client, world.contact)
    url = reverse("evaluation:check_detail", args=[world.check.round_id, world.check.pk])
    page = client.get(url).content.decode()
    assert "初步结论提出后在这里告知" in page and "所见一处秘密" not in page and "自评满分" not in page
    _propose(world)
    page = client.get(url).content.decode()
    assert "所见一处秘密" in page and "自评满分" in page and "反馈意见" in page


def test_the_reason_of_the_sample_shows_only_beside_a_judged_line(client: Any) -> None:
    world = make_world()
    first, second = world.check.lines.order_by("position")[:2]
    CheckLine.objects.filter(pk=first.pk).update(item_reason=ItemReason.AFFIRMED)
    CheckLine.objects.filter(pk=second.pk).update(
        item_reason=ItemReason.DISCREPANCY, judgement="", judged_at=None
    )
    login(client, world.lead)
    page = client.get(reverse("evaluation:check_detail", args=[world.check.round_id, world.check.pk]))
    assert "自评满分" in page.content.decode() and "自评与核验差距大" not in page.content.decode()


def test_the_acts_in_the_browsers_way(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = make_world()
    login(client, world.lead)
    at = [world.check.round_id, world.check.pk]
    url = reverse("evaluation:check_propose", args=at)
    refused = client.post(url, {"conclusion": "QUALIFIED", "words": "一切都很好"})
    assert refused.status_code == 422 and "一切都很好" in refused.content.decode()
    assert client.post(url, {"conclusion": "RECTIFY", "words": "缺签字三份"}).status_code == 302
    login(client, world.contact)
    assert client.post(reverse("evaluation:check_answer", args=at), {"answer": "已补签"}).status_code == 302
    login(client, world.office)
    done = client.post(
        reverse("evaluation:check_conclude", args=at), {"conclusion": "RECTIFY", "words": "同意初步结论"}
    )
    assert done.status_code == 302
    world.check.refresh_from_db()
    assert world.check.conclusion == "RECTIFY"


def test_the_past_stays_readable_by_its_subject() -> None:
    world = make_world(state=CheckState.CONCLUDED)
    later = make_contact(world.check.subject)
    assert SpotCheck.objects.visible_to(later).filter(pk=world.check.pk).exists()
    assert {one.pk for one in answerers(world.check, shanghai_date(NOW))} >= {later.user.pk}


def test_lines_are_made_once_from_the_checklist_and_from_the_sample() -> None:
    assessment, office, _ = verified_assessment()
    held = make_drawn_round(office)
    checklist = publish_checklist(
        actor=office,
        checklist=load_checklist(actor=office, checklist=read_checklist(DISTRICT_FILE), now=NOW),
        now=NOW,
    )
    type(held).objects.filter(pk=held.pk).update(checklist=checklist)
    district = (
        SpotCheck.objects.select_related("round__checklist").filter(round=held, kind="DISTRICT").first()
    )
    firm = make_check(held=held, subject=assessment.subject, assessment=assessment)
    assert district is not None
    made = prepare_lines([district, firm], shanghai_date(NOW))
    assert made == 16 + firm.lines.count() and firm.lines.count() >= 1
    assert set(district.lines.values_list("kind", flat=True)) == {LineKind.CLAUSE}
    assert set(firm.lines.values_list("kind", flat=True)) == {LineKind.INDICATOR}
    assert prepare_lines([district, firm], shanghai_date(NOW)) == 0


def test_a_checklist_is_refused_with_every_fault_and_published_content_stays() -> None:
    text = DISTRICT_FILE.decode()
    with pytest.raises(ChecklistError) as refused:
        read_checklist(text.replace("code: L02", "code: L01").replace("title: 纳入规划与考核", "title: ''"))
    assert {one.code for one in refused.value.problems} == {"TWICE", "MISSING"}
    office = make_actor(Role.CITY_OFFICE)
    with pytest.raises(NotAllowed):
        load_checklist(actor=make_actor(Role.DISTRICT_OFFICE), checklist=read_checklist(text), now=NOW)
    row = publish_checklist(
        actor=office, checklist=load_checklist(actor=office, checklist=read_checklist(text), now=NOW), now=NOW
    )
    changed = read_checklist(text.replace("制定工作方案", "制定实施方案"))
    with pytest.raises(DomainError, match="新的版本号"):
        load_checklist(actor=office, checklist=changed, now=NOW)
    with pytest.raises(IllegalTransition):
        publish_checklist(actor=office, checklist=row, now=NOW)


def test_judgements_of_no_consensus_are_not_written() -> None:
    assessment, office, contact = verified_assessment()
    world = make_world(assessment=assessment, contact=contact, office=office)
    world.check.lines.update(judgement=Judgement.NO_CONSENSUS, severity="")
    check = answer_check(actor=world.contact, check=_propose(world), words="无意见", now=NOW)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="经复核属实", now=NOW
    )
    assert (
        not check.written_to_assessment and not Answer.objects.filter(source=CitySource.SPOT_CHECK).exists()
    )
    with pytest.raises(ObjectDoesNotExist):
        AuditEntry.objects.get(action="抽查结果写入市级层")


def _vetoed_world() -> tuple[World, str]:
    assessment, office, contact = verified_assessment()
    world = make_world(assessment=assessment, contact=contact, office=office)
    return world, veto_choices(world.check)[0][0]


def test_a_veto_found_is_declared_in_the_city_layer_and_shows_on_the_assessment(client: Any) -> None:
    world, code = _vetoed_world()
    check = _propose(world, conclusion=Conclusion.VETO, vetoes=[code])
    assert code in result_words(check)
    check = answer_check(actor=world.contact, check=check, words="无意见", now=NOW)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.VETO, words="经复核属实", now=NOW
    )
    row = Declaration.objects.get(assessment=world.check.assessment, layer=Layer.CITY, code=code)
    assert (row.value, row.source, row.kind, row.verdict) == ("YES", CitySource.SPOT_CHECK, "VETO", "CHANGED")
    assert check.number in row.reason and check.written_to_assessment
    sheet = ScoreSheet.objects.get(assessment=world.check.assessment, layer=Layer.EFFECTIVE)
    assert sheet.qualification == "VETOED" == check.qualification_after
    assert AuditEntry.objects.get(action="抽查结果写入市级层").changes["answers"][1][code]["value"] == "YES"
    page = login(client, world.office).get(f"/a/{world.check.assessment_id}/result/").content.decode()
    assert "否决" in page and check.number in page
    with pytest.raises(IllegalTransition, match="抽查结论已写入"):
        send_back(
            actor=world.office,
            assessment=open_city_review(actor=world.office, assessment=world.check.assessment, now=NOW),
            reason="再核一次看看",
            now=NOW,
        )


def test_what_a_conclusion_wrote_is_not_judged_away() -> None:
    world, code = _vetoed_world()
    check = answer_check(
        actor=world.contact,
        check=_propose(world, conclusion=Conclusion.VETO, vetoes=[code]),
        words="无意见",
        now=NOW,
    )
    conclude_check(actor=world.office, check=check, conclusion=Conclusion.VETO, words="经复核属实", now=NOW)
    assessment = open_city_review(actor=world.office, assessment=world.check.assessment, now=NOW)
    verdict = DeclarationVerdict(
        code, "CHANGED", value="NO", reason_code="OTHER", reason="看法不同", revision=1
    )
    with pytest.raises(IllegalTransition, match="由抽查结论写入"):
        judge_declaration(actor=world.office, assessment=assessment, verdict=verdict, now=NOW)
    assert Declaration.objects.get(layer=Layer.CITY, code=code).value == "YES"


def test_a_veto_is_named_and_goes_with_no_other_conclusion(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world, code = _vetoed_world()
    with pytest.raises(DomainError, match="哪一种否决情形"):
        _propose(world, conclusion=Conclusion.VETO)
    with pytest.raises(DomainError, match="应为“触发否决”"):
        _propose(world, vetoes=[code])
    with pytest.raises(DomainError, match="不在本标准中"):
        _propose(world, conclusion=Conclusion.VETO, vetoes=["V99"])
    url = reverse("evaluation:check_propose", args=[world.check.round_id, world.check.pk])
    refused = login(client, world.lead).post(url, {"conclusion": "VETO", "words": "拖欠工资三个月"})
    words = refused.content.decode()
    assert refused.status_code == 422 and "哪一种否决情形" in words and "拖欠工资三个月" in words
    assert (
        client.post(url, {"conclusion": "VETO", "words": "拖欠工资三个月", "vetoes": code}).status_code == 302
    )
    check = SpotCheck.objects.get(pk=world.check.pk)
    check = conclude_check(
        actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="拖欠已经付清", now=LATER
    )
    assert check.vetoes == [] and not Declaration.objects.filter(layer=Layer.CITY).exists()
