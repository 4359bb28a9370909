"""公示包 of a round by phase, drawn from the frozen list, the tickets of the seats, the checks and their lines.

Every column is named here one by one: what is not named does not leave (canary test).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from django.contrib.staticfiles import finders

from evaluation.enums import CheckState, ItemReason, RoundState, SelectionClass
from evaluation.models import CheckLine, PopulationRow, SpotCheck, SpotCheckRound, TeamMember
from evaluation.rules.spot_checks.archives import LINES, README, SCRIPT, Phase, archive_readme, seal
from evaluation.rules.spot_checks.draw import Candidate, read_shares
from evaluation.rules.spot_checks.records import csv_text, population_csv, record_files, redraw_line
from evaluation.selectors.rectifications.lists import FindingFilters
from evaluation.selectors.spot_checks.calls import is_overdue
from evaluation.selectors.spot_checks.dashboard import finding_values
from evaluation.selectors.spot_checks.seats import SeatView, seats_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import MemberUnitKind
from zaozhuang_portal.kernel.clock import SHANGHAI

_OVER = (CheckState.CONCLUDED, CheckState.SKIPPED)


def open_phases(held: SpotCheckRound, states: Sequence[str]) -> list[Phase]:
    """The phases a round has reached. `states` of its checks: results leave when every check is over."""
    if held.state == RoundState.PLANNED or held.backfilled:
        return []
    phases = [Phase.BEFORE]
    if held.state in (RoundState.DRAWN, RoundState.CLOSED) and held.seed:
        phases.append(Phase.DRAWN)
        if states and set(states) <= set(_OVER):
            phases.append(Phase.CONCLUDED)
    return phases


def round_archive(actor: Actor, held: SpotCheckRound, phase: Phase, *, today: date) -> bytes:
    """The zip of a phase the round has reached."""
    rows = list(PopulationRow.objects.filter(round=held).order_by("code", "pk"))
    included = [Candidate(row.code, row.name, row.stratum, row.weight) for row in rows if row.included]
    seats = seats_of(held)
    texts: dict[str, str] = {
        "population.csv": population_csv(included),
        LINES: "".join(
            f"{one.id}\t{one.stratum}\t{one.weight}\n"
            for one in sorted(included, key=lambda one: one.id.encode())
        ),
        "excluded.csv": csv_text(
            ("代码", "名称", "层", "不列入理由"),
            [(row.code, row.name, row.stratum, row.exclusion) for row in rows if not row.included],
        ),
        "plan.json": _plan(held),
        "seats.csv": _seats(seats, told=phase != Phase.BEFORE),
        SCRIPT: _script(),
    }
    seed = redraw = ""
    stamp = held.frozen_at
    if phase != Phase.BEFORE and held.seed:
        seed, shares, stamp = held.seed, read_shares(held.strata), held.drawn_at
        redraw = redraw_line(seed, shares)
        texts |= record_files(included, seed, shares)
        texts["sample.csv"] = _sample(held, {row.code: row for row in rows})
    if phase == Phase.CONCLUDED:
        texts["judgements.csv"] = _judgements(held)
        texts["conclusions.csv"] = _conclusions(actor, held, today)
        stamp = max(
            filter(None, SpotCheck.objects.filter(round=held).values_list("concluded_at", flat=True)),
            default=stamp,
        )
    texts[README] = archive_readme(
        phase,
        held.title,
        fingerprint=held.population_sha256,
        seed=seed,
        redraw=redraw,
        names=[name for name in _ORDER if name in texts],
    )
    return seal({name: text.encode() for name, text in texts.items()}, _moment(stamp))


_ORDER = (
    "population.csv",
    LINES,
    "excluded.csv",
    "plan.json",
    "seats.csv",
    SCRIPT,
    "order.csv",
    "draw.json",
    "record.txt",
    "sample.csv",
    "judgements.csv",
    "conclusions.csv",
)


def _moment(stamp: datetime | None) -> datetime:
    return (stamp or datetime(1980, 1, 1, tzinfo=SHANGHAI)).astimezone(SHANGHAI)


def _script() -> str:
    found = finders.find(f"spot_checks/{SCRIPT}")
    if not isinstance(found, str):
        raise FileNotFoundError(SCRIPT)
    return Path(found).read_text("utf-8")


def _plan(held: SpotCheckRound) -> str:
    plan = {
        "title": held.title,
        "year": held.year_id,
        "batch": held.batch,
        "basis": held.basis,
        "period": [held.period_from.isoformat(), held.period_to.isoformat()],
        "ends_on": held.ends_on.isoformat(),
        "frame": held.frame,
        "strata": held.strata,
        "classes": held.classes,
        "discrepancy_limit": str(held.discrepancy_limit),
        "item_count": held.item_count,
        "blind": held.blind,
        "manners": held.manners,
        "answer_days": held.answer_days,
        "rectification_days": held.rectification_days,
        "defaults": held.defaults,
        "population_sha256": held.population_sha256,
        "frozen_at": held.frozen_at.astimezone(SHANGHAI).isoformat() if held.frozen_at else "",
    }
    return json.dumps(plan, ensure_ascii=False, indent=2) + "\n"


def _seats(seats: Sequence[SeatView], *, told: bool) -> str:
    """Units and numbers; who read them out is in the minutes, not here."""
    return csv_text(
        ("席位", "席位状态", "单位", "承诺值", "数字", "随机串"),
        [
            (
                one.label,
                one.state_label,
                one.unit_name,
                one.commitment,
                one.digits if told else "",
                one.nonce if told else "",
            )
            for one in seats
        ],
    )


def _sample(held: SpotCheckRound, rows: dict[str, PopulationRow]) -> str:
    parties: dict[int, list[str]] = {}
    team = TeamMember.objects.filter(check_record__round=held, until_at__isnull=True)
    for check, party in team.values_list("check_record_id", "inspector__party"):
        parties.setdefault(check, []).append(str(MemberUnitKind(party).label))
    return csv_text(
        (
            "编号",
            "类别",
            "代码",
            "名称",
            "区（市）",
            "抽取方式",
            "按类理由",
            "层",
            "层内次序",
            "票号",
            "检查组所属方",
        ),
        [
            (
                one.number,
                one.get_kind_display(),
                one.code,
                one.name,
                one.organization.name,
                one.get_selection_display(),
                "、".join(str(SelectionClass(code).label) for code in one.selection_classes),
                one.stratum,
                one.position or "",
                one.ticket,
                "、".join(parties.get(one.pk, [])),
            )
            for one in _checks(held)
        ],
    )


def _checks(held: SpotCheckRound) -> Sequence[SpotCheck]:
    return list(SpotCheck.objects.filter(round=held).select_related("organization").order_by("pk"))


def _judgements(held: SpotCheckRound) -> str:
    lines = CheckLine.objects.filter(check_record__round=held).select_related("check_record")
    return csv_text(
        ("检查编号", "代码", "种类", "事项编号", "事项", "抽取理由", "判断", "性质", "差异原因"),
        [
            (
                line.check_record.number,
                line.check_record.code,
                line.get_kind_display(),
                line.code,
                line.title,
                ItemReason(line.item_reason).label if line.item_reason else "",
                line.get_judgement_display(),
                line.get_severity_display(),
                line.get_difference_reason_display(),
            )
            for line in lines.order_by("check_record_id", "position")
        ],
    )


def _conclusions(actor: Actor, held: SpotCheckRound, today: date) -> str:
    found: dict[tuple[object, object], list[int]] = {}
    for row in finding_values(actor, FindingFilters(round=held.pk)):
        counts = found.setdefault((row["organization_id"], row["subject_id"]), [0, 0, 0])
        counts[0] += 1
        counts[1] += row["rectification__state"] == "CLOSED"
        counts[2] += is_overdue(row, today)
    return csv_text(
        ("编号", "代码", "名称", "区（市）", "状态", "检查日期", "结论", "发现问题", "已销号", "逾期"),
        [
            (
                one.number,
                one.code,
                one.name,
                one.organization.name,
                one.get_state_display(),
                one.visited_on.isoformat() if one.visited_on else "",
                one.get_conclusion_display() if one.conclusion else "",
                *found.get((one.organization_id, one.subject_id), [0, 0, 0]),
            )
            for one in _checks(held)
        ],
    )
