"""Each fault that a public system of on-site checks reported about itself, tried here (evaluation-facts §3.1)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, resolve, reverse

from evaluation.enums import CheckState, Conclusion, Judgement
from evaluation.models import Finding, Rectification, SpotCheck
from evaluation.selectors.spot_checks.results import result_words
from evaluation.services.spot_checks.concluding import answer_check, conclude_check, propose_conclusion
from tests.evaluation.spot_check_builders import NOW, make_check
from tests.evaluation.spot_checks.conclusion_builders import World, make_world
from tests.factories import login
from tests.kernel import hostile
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.clock import shanghai_date
from zaozhuang_portal.operations.models import Notification

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def _url(world: World, name: str = "check_detail") -> str:
    return reverse(f"evaluation:{name}", args=[world.check.round_id, world.check.pk])


def _concluded(world: World, conclusion: Conclusion) -> SpotCheck:
    if conclusion == Conclusion.QUALIFIED:
        world.check.lines.update(judgement=Judgement.MET, severity="")
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=conclusion, words="三份合同缺签字", now=NOW
    )
    check = answer_check(actor=world.contact, check=check, words="无意见", now=NOW)
    return conclude_check(
        actor=world.office, check=check, conclusion=conclusion, words="同意初步结论", now=NOW
    )


@pytest.mark.parametrize(
    "conclusion",
    [Conclusion.QUALIFIED, Conclusion.RECTIFY, Conclusion.UNQUALIFIED, Conclusion.VETO],
)
def test_the_notice_tells_the_result_that_was_stored(client: Any, conclusion: Conclusion) -> None:
    """#1826: a mail written from the state before saving told a negative result where a positive one was stored."""
    world = make_world()
    _concluded(world, conclusion)
    stored = SpotCheck.objects.get(pk=world.check.pk)
    told = Notification.objects.filter(user=world.contact.user).latest("id")
    assert told.body == result_words(stored) and conclusion.label in told.body
    login(client, world.contact)
    page = client.get(told.url)
    assert page.status_code == 200 and result_words(stored) in page.content.decode()


def test_proof_of_either_phase_stays_in_the_offices_sight(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """#2107: in phase two the office lost sight of the proofs."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = make_world()
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=Conclusion.RECTIFY, words="三份合同缺签字", now=NOW
    )
    login(client, world.contact)
    upload = SimpleUploadedFile("补签合同.pdf", hostile.pdf(), content_type="application/pdf")
    assert client.post(_url(world, "check_proof"), {"file": upload}).status_code == 303
    answer_check(actor=world.contact, check=check, words="三份合同已经补签", now=NOW)
    for person in (world.office, world.lead):
        for moved in (False, True):
            if moved and person == world.office:
                conclude_check(
                    actor=world.office,
                    check=check,
                    conclusion=Conclusion.RECTIFY,
                    words="经复核属实",
                    now=NOW,
                )
            login(client, person)
            page = client.get(_url(world)).content.decode()
            assert "补签合同.pdf" in page and "三份合同已经补签" in page


def test_dates_in_notices_are_those_of_the_record(client: Any) -> None:
    """#2616, #1285: dates typed into mails were not the dates that counted."""
    world = make_world()
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=Conclusion.RECTIFY, words="三份合同缺签字", now=NOW
    )
    assert check.answer_due_on is not None
    day = check.answer_due_on
    told = Notification.objects.filter(user=world.contact.user).latest("id")
    assert f"{day:%Y-%m-%d}" in told.body
    # The last moment of the day told is in time, the first of the next is not.
    last = clock.start_of_day(day + timedelta(days=1)) - timedelta(seconds=1)
    assert shanghai_date(last) == day
    assert (
        answer_check(actor=world.contact, check=check, words="无意见", now=last).state == CheckState.ANSWERED
    )


@pytest.mark.parametrize("state", [CheckState.PROVISIONAL, CheckState.ANSWERED, CheckState.CONCLUDED])
def test_no_link_of_the_page_is_dead_for_whom_it_is_shown(
    client: Any, monkeypatch: pytest.MonkeyPatch, state: CheckState
) -> None:
    """#4044: a link was shown that answered 404; the office's comment was missing for the firm."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world = make_world()
    check = propose_conclusion(
        actor=world.lead, check=world.check, conclusion=Conclusion.RECTIFY, words="三份合同缺签字", now=NOW
    )
    if state != CheckState.PROVISIONAL:
        answer_check(actor=world.contact, check=check, words="无意见", now=NOW)
    if state == CheckState.CONCLUDED:
        conclude_check(
            actor=world.office, check=check, conclusion=Conclusion.RECTIFY, words="属实并限期十五日", now=NOW
        )
    for person in (world.contact, world.lead, world.office):
        login(client, person)
        page = client.get(_url(world)).content.decode()
        if state == CheckState.CONCLUDED:
            assert "属实并限期十五日" in page
        main = page.partition("<main")[2]
        links = {link for link in re.findall(r'href="(/[^"#]*)"', main) if not link.startswith("/static/")}
        assert links
        for link in sorted(links):
            assert client.get(link).status_code in {200, 302}, (person.role, link)


@pytest.mark.parametrize("address", ["/spot-checks/items/", "/spot-checks/1/items//", "/rectifications//"])
def test_no_address_lacks_its_number(address: str) -> None:
    """#1576: an address without its id was linked."""
    with pytest.raises(Resolver404):
        resolve(address)


def test_who_was_found_qualified_gets_no_order() -> None:
    """#6408: a sanction was stored for a firm that had been accepted."""
    world = make_world()
    check = _concluded(world, Conclusion.QUALIFIED)
    assert not Finding.objects.filter(check_record=check).exists()
    assert not Rectification.objects.exists()


def test_the_term_is_each_checks_own() -> None:
    """#2511: a period for some offices only was needed."""
    first, second = make_world(), make_world()
    early = propose_conclusion(
        actor=first.lead, check=first.check, conclusion=Conclusion.RECTIFY, words="三份合同缺签字", now=NOW
    )
    late = propose_conclusion(
        actor=second.lead,
        check=second.check,
        conclusion=Conclusion.RECTIFY,
        words="三份合同缺签字",
        now=LATER,
    )
    assert early.answer_due_on is not None and late.answer_due_on is not None
    assert early.answer_due_on < late.answer_due_on


def test_there_is_no_second_way_to_write() -> None:
    """efcf75be: the administration site wrote what only the workflow may."""
    assert not apps.is_installed("django.contrib.admin")


def test_an_inspector_of_another_check_reads_nothing(client: Any) -> None:
    """356f1104: a page without its access check."""
    world, other = make_world(), make_check(CheckState.UNDER_WAY)
    login(client, world.lead)
    for name in ("check_site", "check_sheet"):
        assert client.get(reverse(f"evaluation:{name}", args=[other.round_id, other.pk])).status_code in {
            403,
            404,
        }
