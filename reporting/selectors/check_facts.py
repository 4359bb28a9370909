"""The facts of a district's check by key of the checklist's lines: the figures of the annual report, once more."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from evaluation.models import SpotCheck
from evaluation.selectors.shown import read_but_not_shown
from evaluation.selectors.spot_checks.facts import Fact
from reporting.models import AnnualReport
from reporting.rules import figures as f
from reporting.selectors.figures import collect_figures
from zaozhuang_portal.accounts.models import Organization


def facts_of_district(check: SpotCheck, as_of: date) -> dict[str, list[Fact]]:
    """Facts by key. Statements: those of collect_figures and one; `as_of` is today."""
    year, home = check.round.year, check.organization
    with read_but_not_shown():
        figures = collect_figures(year=year, organization=home, as_of=as_of, made_on=as_of)
    report = AnnualReport.objects.filter(year=year, organization=home).order_by("-pk").first()
    return {
        **_enrolled(figures, home, year.pk),
        **_worked(figures, home, year.pk),
        "written_report": [
            (
                "书面报告",
                report.get_state_display() if report else "未起草",
                reverse("reporting:report_list") + f"?year={year.pk}",
            )
        ],
    }


def _ledger(slug: str, home: Organization, year: int) -> str:
    return reverse("cultivation:ledger_list", args=[slug]) + f"?year={year}&district={home.pk}"


def _enrolled(figures: f.ReportFigures, home: Organization, year: int) -> dict[str, list[Fact]]:
    """Roster, pairing, guidance, training."""
    roster = reverse("cultivation:roster", args=[year]) + f"?organization={home.pk}"
    found: dict[str, list[Fact]] = {
        "key_targets": [
            (
                row["name"],
                f"{row['actual']}{row['unit']}"
                + (f"，目标 {row['target']}{row['unit']}" if row["target"] else ""),
                roster,
            )
            for row in figures["targets"]
        ]
    }
    services = figures.get("services")
    if services is not None:
        found["pairing"] = [
            (
                "已结对",
                f"{services['paired']}／{services['to_pair']}",
                reverse("cultivation:pairing_matrix") + f"?year={year}&district={home.pk}",
            )
        ]
        visits = _ledger("visits", home, year)
        found["guidance"] = [
            ("指导服务", f"{services['guidance']} 次", visits),
            ("走访对象", f"{services['visited']}／{services['to_pair']}", visits),
        ]
        found["training"] = [
            ("专题培训", f"{services['trainings']} 期", _ledger("trainings", home, year)),
            (
                "参训",
                f"企业负责人 {services['attended_managers']} 人次，人力资源人员 {services['attended_hr']} 人次",
                _ledger("trainings", home, year),
            ),
        ]
    return found


def _worked(figures: f.ReportFigures, home: Organization, year: int) -> dict[str, list[Fact]]:
    """Plan, task forces, bodies, people, points, reviews, the three matters, pilots, publicity, practices."""
    activities = figures.get("activities")
    if activities is None:
        return {}
    work, mechanism = activities["work"], activities["mechanism"]
    points, industry, publicity = activities["points"], activities["industry"], activities["publicity"]
    practices = activities["practices"]
    bodies = reverse("cultivation:body_coverage")
    plan = work["plan_state"] or "未起草"
    if work["plan_missing"]:
        plan += f"，缺 {'、'.join(work['plan_missing'])}"
    answers = {row["label"]: row for row in mechanism["answers"]}
    adopted: list[Fact] = [
        (label, _answered(row["achieved"], row["document_number"]), _ledger("adoptions", home, year))
        for label, row in answers.items()
    ]
    return {
        "plan": [("工作方案", plan, reverse("cultivation:plan_list") + f"?year={year}")],
        "task_forces": [
            ("专门工作小组", "、".join(work["task_forces"]) or "未登记", _ledger("task-forces", home, year))
        ],
        "bodies": [
            (
                "三方机构覆盖",
                f"{mechanism['bodies']['numerator']}／{mechanism['bodies']['denominator']}",
                bodies,
            ),
            ("空缺席位", "、".join(mechanism["vacant_seats"]) or "无", bodies),
        ],
        "coordinators": [
            ("协调员", f"{mechanism['coordinators']} 人", _ledger("coordinators", home, year)),
            ("定点联系", f"{mechanism['liaised']} 户", _ledger("liaisons", home, year)),
        ],
        "service_points": [
            ("服务站点", f"{points['total']} 个", _ledger("service-points", home, year)),
            ("接待", f"{points['visitors']} 人次", _ledger("service-point-tallies", home, year)),
        ],
        "situation_reviews": [
            ("分析研判", f"{work['reviews']} 次", _ledger("situation-reviews", home, year))
        ],
        "adoptions": adopted,
        "pilots": [
            ("行业试点", "、".join(row["name"] for row in industry["pilots"]) or "未登记", ""),
            ("行业工作", f"{industry['actions']} 项", _ledger("industry-actions", home, year)),
        ],
        "publicity": [("宣传报道", f"{publicity['total']} 篇", _ledger("publicity", home, year))],
        "practices": [
            ("可引用的典型经验", f"{len(practices['lines'])} 篇", _ledger("best-practices", home, year)),
            ("尚不可引用", f"{practices['uncited']} 篇", _ledger("best-practices", home, year)),
        ],
    }


def _answered(achieved: bool | None, document_number: str) -> str:
    if achieved is None:
        return "未填报"
    return ("是" if achieved else "否") + (f"（{document_number}）" if document_number else "")
