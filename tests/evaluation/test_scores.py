"""One firm, one score: every page, list, figure, paper and export gives the same text, and one module gives it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cultivation.services.enrollments import choose_subjects, confirm_enrollments
from evaluation.enums import Layer
from evaluation.models import Answer, Assessment, IndicatorSet
from evaluation.rules.displayed_scores import AssessmentScores, DisplayedScore
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.reviews import review_queue
from evaluation.selectors.scores import listed_scores, load_scores, marked_scores
from evaluation.services.answers import AnswerDraft, save_answers
from evaluation.services.declarations import DeclarationDraft, declare
from evaluation.services.review_moves import confirm, open_city_review, verify
from evaluation.services.submission import explain
from reporting.documents.ledger import render_ledger
from reporting.documents.pdf import render_html
from reporting.rules.annual_report import compose_report
from reporting.selectors.figures import collect_figures
from tests.evaluation.assessment_builders import NOW, answer_everything, make_year, publish_real, started
from tests.evaluation.test_assessment_services import adopt, hand_in
from tests.evaluation.test_reviews import Case
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role

ROOT = Path(__file__).resolve().parents[2]
OWN, VERIFIED = "自评得分", "核实得分"


class RealCase(Case):
    """The real standard with an item that does not apply, a deduction and lost points: sum and score differ."""

    def __init__(self) -> None:
        publish_real("4077")
        self.assessment, self.contact = started()
        self.definition = definition_of(self.assessment.indicator_set)
        answer_everything(self.assessment, self.contact)
        save_answers(
            actor=self.contact,
            assessment=self.assessment,
            drafts=[
                AnswerDraft(
                    "D03-04", [None], not_applicable=True, not_applicable_reason="无在岗职工", revision=1
                ),
                AnswerDraft("D03-05", [True, True, False], revision=1),
            ],
            now=NOW,
        )
        declare(
            actor=self.contact,
            assessment=self.assessment,
            draft=DeclarationDraft("X01", "-2", revision=1),
            now=NOW,
        )
        adopt(self.assessment, self.contact)
        self.assessment.refresh_from_db()
        explain(actor=self.contact, assessment=self.assessment, texts={"VETO-V05": "已补发"}, now=NOW)
        hand_in(self.assessment, self.contact)
        self.office = make_actor(Role.DISTRICT_OFFICE, self.assessment.organization)
        self.city = make_actor(Role.CITY_OFFICE)

    def on_the_roster(self) -> None:
        rows = choose_subjects(
            actor=self.office, year=make_year(), subjects=[self.assessment.subject], now=NOW
        )
        confirm_enrollments(actor=self.office, enrollments=rows, reason="测试增补对象", now=NOW)


def said(html: str, word: str) -> list[str]:
    """Every number a page gives under this word: in a sentence, a fact, a strip or a cell."""
    number = r"(?:<[^>]+>|\s|：)*(\d+(?:\.\d+)?)"
    beside = re.findall(rf"(?<!本项){word}(?:（[^）]*）)?(?:</[a-z]+>|\s)*{number}", html)
    return beside + re.findall(rf'data-label="{word}"[^>]*>{number}', html)


def url(name: str, case: Case, *rest: str) -> str:
    return reverse(f"evaluation:{name}", args=[case.assessment.pk, *rest])


def pages(case: Case) -> Iterator[tuple[str, str]]:
    """(where, html) of everything that may name a score of this firm, as each who may read it."""
    firm, office, city = (login(Client(), actor) for actor in (case.contact, case.office, case.city))
    tab = reverse("evaluation:subject_assessments", args=[case.assessment.subject_id])
    for name in ("home", "declarations", "losses", "check", "adoption", "print", "done", "result"):
        yield f"firm {name}", firm.get(url(f"assessment_{name}", case)).content.decode()
    yield "firm section", firm.get(url("assessment_section", case, "D01")).content.decode()
    yield "firm tab", firm.get(tab).content.decode()
    for who, client in (("office", office), ("city", city)):
        yield f"{who} list", client.get(reverse("evaluation:review_list") + "?state=ALL").content.decode()
        for name in ("review_detail", "review_verify", "review_return", "review_recall", "review_confirm"):
            yield f"{who} {name}", client.get(url(name, case)).content.decode()
        yield f"{who} result", client.get(url("assessment_result", case)).content.decode()
        yield f"{who} tab", client.get(tab).content.decode()
        yield f"{who} print", client.get(url("assessment_print", case)).content.decode()


def papers(case: Case) -> Iterator[tuple[str, str, str]]:
    """(where, own, verified) of figures, annex and ledger."""
    figures = collect_figures(
        year=make_year(), organization=case.assessment.organization, as_of=date(2026, 11, 20)
    )
    row = figures["subjects"][0]
    yield "figures", row["self_score"] or "", row["verified_score"] or ""
    means = next(found for found in figures["assessments"] if found["kind"] == "ENTERPRISE")
    yield "mean of one", means["average_self_score"] or "", means["average_verified_score"] or ""
    book = load_workbook(
        io.BytesIO(render_ledger(figures, filled_on=date(2026, 11, 20), prepared_by="甲", reviewed_by="乙"))
    )
    sheet = book.active
    head = next(line for line in sheet.iter_rows() if "自评得分" in [cell.value for cell in line])
    columns = {str(cell.value): cell.column for cell in head}
    line = head[0].row + 1
    values = [sheet.cell(line, columns[name]).value for name in ("自评得分", "核验得分")]
    yield "ledger", *(("" if value is None else f"{value:.2f}") for value in values)


@pytest.mark.django_db
def test_one_firm_has_one_score_on_every_page_list_figure_paper_and_export():
    case = RealCase()
    case.on_the_roster()
    case.open()
    case.agree_all()
    row = Answer.objects.get(assessment=case.assessment, layer=Layer.DISTRICT, indicator="D03-05")
    case.judge("D03-05", [True, False, False], revision=row.revision)
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    scores = load_scores([case.fresh])[case.assessment.pk]
    own, verified = scores.own, scores.verified
    assert own and verified and own.working and own.text != verified.text
    found: dict[str, set[str]] = {OWN: set(), VERIFIED: set()}
    for where, html in pages(case):
        for word, expected in ((OWN, own.text), (VERIFIED, verified.text)):
            numbers = said(html, word)
            assert set(numbers) <= {expected}, (where, word, numbers, expected)
            if numbers:
                found[word].add(where)
    assert {
        "firm home",
        "firm print",
        "firm tab",
        "office list",
        "office review_detail",
        "office review_recall",
    } <= found[OWN]
    assert {"office list", "office tab", "firm tab", "firm result", "city review_detail"} <= found[VERIFIED]
    for where, mine, theirs in papers(case):
        assert (mine, theirs) == (own.text, verified.text), where
    report = render_html(annual_report_of(case), draft=True)
    for text in (own.text, verified.text):
        assert text in report


def annual_report_of(case: Case) -> Any:
    figures = collect_figures(
        year=make_year(), organization=case.assessment.organization, as_of=date(2026, 11, 20)
    )
    return compose_report(figures, {}, date="2026-11-20")


@pytest.mark.django_db
def test_nothing_judged_is_no_score_and_no_result_on_the_way_out():
    case = RealCase()
    case.open()
    client = login(Client(), case.office)
    for name in ("review_verify", "review_detail", "assessment_result"):
        page = client.get(url(name, case)).content.decode()
        assert not said(page, VERIFIED), name
        assert "0/46" in page and "达到标准" not in re.sub(
            r"自评得分.{0,120}?达到标准", "", page, flags=re.S
        ), name
    assert "未核" in client.get(url("review_verify", case)).content.decode()
    case.judge("D03-05", [True, False, False])
    page = client.get(url("review_verify", case)).content.decode()
    district = case.sheet(Layer.DISTRICT)
    assert said(page, VERIFIED) == [f"{district.scaled_total:.2f}"] and "1/46" in page and "未核完" in page
    firm = login(Client(), case.contact)
    tab = firm.get(
        reverse("evaluation:subject_assessments", args=[case.assessment.subject_id])
    ).content.decode()
    assert not said(tab, VERIFIED)  # not the firm's business before the district has finished


@pytest.mark.django_db
def test_stored_listed_and_recomputed_scores_are_equal_at_every_step():
    case = RealCase()

    def equal() -> AssessmentScores:
        row = Assessment.objects.select_related("indicator_set").get(pk=case.assessment.pk)
        stored = load_scores([row])[row.pk]
        marked = marked_scores(row, case.definition, load_layers(row))
        listed = listed_scores(review_queue(case.city, states=[row.state]).get(pk=row.pk))
        assert stored == marked
        plain = [(one and one.text, one and one.words) for one in (stored.own, stored.verified)]
        assert plain == [(one and one.text, one and one.words) for one in (listed.own, listed.verified)]
        assert (stored.coverage, stored.outcome, stored.declared) == (
            listed.coverage,
            listed.outcome,
            listed.declared,
        )
        return stored

    assert equal().verified is None
    case.open()
    case.judge("D01-01", [False])
    assert equal().outcome_words == "未核完"
    case.agree_all()
    assert equal().outcome
    verify(actor=case.office, assessment=case.assessment, now=NOW)
    assert not equal().provisional
    open_city_review(actor=case.city, assessment=case.assessment, now=NOW)
    confirm(actor=case.city, assessment=case.assessment, now=NOW)
    assert equal().outcome


@pytest.mark.django_db
def test_scores_take_the_same_statements_for_one_and_for_many():
    cases = [Case(items=2) for _ in range(3)]
    rows = list(Assessment.objects.select_related("indicator_set"))
    load_scores(rows)
    counts = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as captured:
            load_scores(some)
        counts.append(len(captured))
    assert counts == [2, 2] and len(cases) == IndicatorSet.objects.count()


def test_a_veto_found_is_spoken_of_at_once_and_nothing_else_is():
    def scores(qualification: str, judged: int) -> AssessmentScores:
        score = DisplayedScore(value=1, out_of=2, qualification=qualification)  # type: ignore[arg-type]  # unused numbers
        return AssessmentScores(None, score, judged, 2, judged, 2, provisional=True)

    assert scores("VETOED", 1).outcome_words == "否决"
    assert scores("PASSED", 1).outcome_words == "未核完" and scores("PASSED", 2).outcome_words == "达到标准"


# Who reckons, stores or gives a score; the command of a trial calculation names the sum and the score apart.
GIVERS = {
    "evaluation/models/score_sheets.py",
    "evaluation/rules/scoring.py",
    "evaluation/rules/displayed_scores.py",
    "evaluation/selectors/scores.py",
    "evaluation/services/score_sheets.py",
    "evaluation/management/commands/score.py",
}
# Who chooses what a spot check looks at, and keeps the 结果 before and after its conclusion; they show no score.
CHOOSERS = {
    "evaluation/selectors/spot_checks/classes.py",
    "evaluation/services/spot_checks/lines.py",
    "evaluation/services/spot_checks/effects.py",
}
# Who names the table, as one of many, and reads no row of it.
NAMERS = {
    "evaluation/models/__init__.py",
    "evaluation/wiring.py",  # whose former states are kept, and for a change of which columns
    "reporting/selectors/past_districts.py",  # 自评和核验得分 among the figures whose state of an earlier day is unknown
}


def test_nobody_else_reads_a_score():
    """Neither `scaled_total` nor a row of ScoreSheet, in Python or in a template, but through selectors/scores.py."""
    places = [
        path
        for folder in ("evaluation", "reporting", "cultivation", "templates", "zaozhuang_portal")
        for suffix in ("*.py", "*.html", "*.jinja")
        for path in (ROOT / folder).rglob(suffix)
        if "migrations" not in path.parts
    ]
    numbers = r"scaled_total|(?:own|effective|verified)\.total\b|score_sheets(?:\.|__|\")"
    reading = re.compile(rf"{numbers}|\bScoreSheet\b")
    found = {str(path.relative_to(ROOT)) for path in places if reading.search(path.read_text())}
    assert found - GIVERS - CHOOSERS - NAMERS == set()
    rows = re.compile(r"\bScoreSheet[.(]|\.(?:scaled_)?total\b|score_sheets(?:\.|__|\")")
    assert not [name for name in NAMERS if rows.search((ROOT / name).read_text())]
