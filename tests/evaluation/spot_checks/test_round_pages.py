"""Pages of a round: from the plan to the printed order; what a district sees; statements stay constant."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cultivation.models import Subject
from evaluation.enums import CheckState, RoundState, Selection
from evaluation.models import PopulationRow, SpotCheck, SpotCheckRound
from evaluation.selectors.spot_checks.frame import build_frame
from evaluation.selectors.spot_checks.rounds import load_round, next_step
from evaluation.selectors.spot_checks.seats import seats_of
from tests.evaluation.spot_check_builders import (
    NOW,
    freeze,
    make_check,
    make_drawn_round,
    make_population,
    make_round,
    make_seats,
)
from tests.factories import login, make_actor, make_organization
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role, SeatState


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def url(name: str, *args: object) -> str:
    return reverse(f"evaluation:{name}", args=args)


def digits(held: SpotCheckRound) -> dict[str, str]:
    """What the operator types for every seat that speaks."""
    typed = {}
    for number, one in enumerate(seats_of(held)):
        if one.speaks:
            typed |= {f"{one.seat}-speaker": f"宣读{number}", f"{one.seat}-digits": f"3141 5926 {number}"}
    return typed


def test_from_the_frozen_list_to_the_minutes(client: Client, office: Actor) -> None:
    make_seats(confederation=SeatState.NOT_ESTABLISHED)
    make_population(3)
    held = make_round(office)
    login(client, office)
    assert "列入 3" in client.get(url("spot_check_population", held.pk)).text
    client.post(url("spot_check_freeze", held.pk), {"seen_revision": held.revision})
    held.refresh_from_db()
    assert held.state == RoundState.FROZEN
    page = client.get(url("spot_check_draw", held.pk))
    fields = [page.text.index(f'name="{one.seat}-digits"') for one in seats_of(held) if one.speaks]
    assert fields == sorted(fields) and "ENTERPRISE_CONFEDERATION-digits" not in page.text
    assert [one.label[:2] for one in seats_of(held)] == ["人社", "总工", "企联", "工商"]
    confirm = client.post(url("spot_check_draw", held.pk), digits(held))
    seed = "".join(f"31415926{number}" for number in (0, 1, 3))
    assert seed in confirm.text
    held.refresh_from_db()
    assert held.seed is None, "nothing is written before the seed is confirmed"
    done = client.post(url("spot_check_draw", held.pk), {**digits(held), "confirmed": "1"}, follow=True)
    held.refresh_from_db()
    assert (held.state, held.seed) == (RoundState.DRAWN, seed)
    drawn = PopulationRow.objects.get(round=held, drawn=True)
    line = f"printf '%s\\n%s\\n%s' {seed} {drawn.code} 1 | sha256sum"
    assert drawn.ticket in done.text and line.replace("'", "&#x27;") in done.text
    told = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout
    assert told.split()[0] == drawn.ticket
    minutes = client.get(url("spot_check_minutes", held.pk)).text
    assert seed in minutes and held.population_sha256 in minutes and "宣读3" in minutes


def test_digits_that_make_no_seed_are_told_beside_the_seat_and_stay(client: Client, office: Actor) -> None:
    make_seats()
    make_population(2)
    held = freeze(make_round(office), office)
    login(client, office)
    typed = digits(held)
    typed["HRSS-digits"] = "31a4"
    typed["TRADE_UNION_FEDERATION-speaker"] = ""
    page = client.post(url("spot_check_draw", held.pk), {**typed, "confirmed": "1"})
    assert page.status_code == 422
    assert "31a4" in page.text and "只能是半角数字" in page.text and "请填写宣读人姓名" in page.text
    held.refresh_from_db()
    assert held.state == RoundState.FROZEN


def test_the_downloads_draw_the_same_again_by_the_script_of_the_page(
    client: Client, office: Actor, tmp_path: Path
) -> None:
    held = make_drawn_round(office, subjects=5)
    login(client, office)
    for name in ("population.csv", "order.csv", "draw.json", "record.txt", "redraw.py"):
        response = client.get(url("spot_check_record", held.pk, name))
        assert response.status_code == 200 and name in response["Content-Disposition"]
        (tmp_path / name).write_bytes(response.content)
    told = subprocess.run(
        [sys.executable, "redraw.py", "population.csv", "--seed", str(held.seed), "--published", "draw.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert client.get(url("spot_check_record", held.pk, "settings.py")).status_code == 404


def test_a_district_sees_its_rows_and_doubts_before_the_seed(client: Client, office: Actor) -> None:
    own, other = make_organization(Level.DISTRICT), make_organization(Level.DISTRICT)
    mine, theirs = make_population(2, district=own), make_population(1, district=other)
    held = make_round(office)
    login(client, make_actor(Role.DISTRICT_OFFICE, own))
    assert client.get(url("spot_check_round", held.pk)).status_code == 404, "planned is the office's own"
    held = freeze(held, office)
    text = client.get(url("spot_check_population", held.pk)).text
    assert mine[0].name in text and theirs[0].name not in text
    row = PopulationRow.objects.get(round=held, subject=mine[0])
    client.post(url("population_dispute", held.pk, row.pk), {"reason": "该企业已迁出本市"})
    foreign = PopulationRow.objects.get(round=held, subject=theirs[0])
    refused = client.post(url("population_dispute", held.pk, foreign.pk), {"reason": "该企业已迁出本市"})
    assert refused.status_code == 404
    login(client, office)
    client.post(url("population_answer", held.pk, row.pk), {"reason": "已核对，仍在本市登记"})
    row.refresh_from_db()
    assert row.dispute_answer == "已核对，仍在本市登记"
    assert row.dispute in client.get(url("spot_check_population", held.pk)).text


def test_skipped_with_reason_lets_the_next_in_and_named_stands_apart(client: Client, office: Actor) -> None:
    held = make_drawn_round(office, subjects=3)
    login(client, office)
    check = SpotCheck.objects.get(round=held, selection=Selection.RANDOM)
    client.post(url("spot_check_skip", held.pk, check.pk), {"reason": "企业已注销，有证明"})
    check.refresh_from_db()
    reserve = SpotCheck.objects.get(round=held, selection=Selection.RESERVE)
    assert (check.state, check.replaced_by_id) == (CheckState.SKIPPED, reserve.pk)
    assert (reserve.position, reserve.stratum) == (2, check.stratum)
    checked = SpotCheck.objects.filter(round=held, subject__isnull=False).values("subject_id")
    left = Subject.objects.exclude(pk__in=checked).get()
    sent = {"subject": left.name, "reason": "群众多次反映", "signer": ""}
    assert client.post(url("spot_check_named", held.pk), sent).status_code == 422
    client.post(url("spot_check_named", held.pk), {**sent, "signer": "王签发"})
    page = client.get(url("spot_check_round", held.pk))
    assert [one.check.subject_id for one in page.context["found"].named] == [left.pk]
    assert page.context["found"].drawn_count == 1, "only what was drawn counts as random"
    assert "王签发" in page.text


@pytest.mark.parametrize("subjects", [7, 700])
def test_the_round_page_asks_the_same_whatever_is_checked(office: Actor, subjects: int) -> None:
    for _ in range(7):
        make_organization(Level.DISTRICT)
    held = make_drawn_round(office, subjects=subjects, default_rate="100")
    with CaptureQueriesContext(connection) as asked:
        page = load_round(office, held, date(2026, 11, 20))
        for one in page.checks:
            assert one.check.organization.name and one.team == []
    assert len(page.checks) >= subjects + 7
    assert len(asked) <= 2


def test_back_from_the_seed_to_the_digits_keeps_what_was_typed(client: Client, office: Actor) -> None:
    make_seats()
    make_population(1)
    held = freeze(make_round(office), office)
    login(client, office)
    back = client.post(url("spot_check_draw", held.pk), {**digits(held), "again": "1"})
    assert back.status_code == 200
    assert 'value="3141 5926 0"' in back.text and "核对种子" in back.text
    held.refresh_from_db()
    assert held.state == RoundState.FROZEN


def test_a_plan_changed_after_the_page_of_freezing_was_opened_is_not_frozen(
    client: Client, office: Actor
) -> None:
    make_population(1)
    held = make_round(office)
    login(client, office)
    page = client.get(url("spot_check_freeze", held.pk))
    assert f'name="seen_revision" value="{held.revision}"' in page.text
    SpotCheckRound.objects.filter(pk=held.pk).update(revision=held.revision + 1)
    answer = client.post(url("spot_check_freeze", held.pk), {"seen_revision": held.revision}, follow=True)
    assert "被他人修改，没有冻结" in answer.text
    assert "被他人修改，没有冻结" in client.post(url("spot_check_freeze", held.pk), follow=True).text
    held.refresh_from_db()
    assert held.state == RoundState.PLANNED


def test_what_an_input_method_types_is_taken_and_every_fault_of_a_row_is_told(
    client: Client, office: Actor
) -> None:
    make_seats()
    make_population(3)
    held = make_round(office)
    login(client, office)
    code = build_frame(held, date(2026, 10, 12)).strata[0].code
    save = url("spot_check_strata", held.pk)
    typed = {"code": code, "seen_revision": held.revision}
    refused = client.post(save, {**typed, "rate": "十二", "minimum": "1.5"})
    assert refused.status_code == 422 and "抽取比例‘十二’" in refused.text and "最少户数‘1.5’" in refused.text
    assert client.post(save, {**typed, "rate": "１２．５％", "minimum": "２"}).status_code == 302
    held.refresh_from_db()
    assert held.strata[code] == {"rate": "12.5", "minimum": 2}
    freeze(held, office)
    wide = {
        name: words.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        for name, words in digits(held).items()
    }
    confirm = client.post(url("spot_check_draw", held.pk), wide)
    assert "".join(f"31415926{number}" for number in range(4)) in confirm.text


@pytest.mark.parametrize(
    ("states", "words", "leads"),
    [
        ([CheckState.SELECTED, CheckState.ANSWERED], "派检查组", "/teams/"),
        ([CheckState.ANSWERED, CheckState.ASSIGNED], "1 项检查已反馈意见", "?cell=waiting"),
        ([CheckState.ASSIGNED, CheckState.NOTIFIED], "1 项检查发检查通知书", "/notices/"),
        ([CheckState.NOTIFIED, CheckState.CONCLUDED], "等待检查组", ""),
        ([CheckState.CONCLUDED, CheckState.SKIPPED], "可以归档", "/close/"),
    ],
)
def test_the_office_is_led_to_what_waits_for_it(
    office: Actor, states: list[CheckState], words: str, leads: str
) -> None:
    held = make_drawn_round(office)
    held.checks.all().delete()
    for state in states:
        make_check(state, held=held)
    page = load_round(office, held, today=NOW.date())
    found = next_step(office, held, page)
    assert found is not None and words in found.words and leads in found.url
    other = next_step(make_actor(Role.LEADER), held, page)
    assert other is not None and other.words == found.words and not other.url
