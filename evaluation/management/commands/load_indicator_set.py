"""manage.py load_indicator_set: check a set file, keep it as a draft, or publish it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, transaction

from evaluation.management.refusals import ProblemCommandMixin
from evaluation.management.set_files import read_set_file
from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.indicator_set_json import content_hash
from evaluation.rules.numbers import plain
from evaluation.selectors.indicator_sets import compare_with_previous
from evaluation.services.indicator_set_files import write_indicator_workbook
from evaluation.services.indicator_sets import (
    CREATED,
    UNCHANGED,
    UPDATED,
    load_indicator_set,
    publish_indicator_set,
    require_loadable,
)
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import DomainError

CHECKED, EXPORTED = "checked", "exported"
RESULTS = {
    CHECKED: "检查通过，未写入",
    EXPORTED: "已另存为 Excel 样表，未写入",
    CREATED: "已载入",
    UPDATED: "已替换原草稿",
    UNCHANGED: "内容与已载入的相同，未改动",
}
NO_DATABASE = "数据库不可用或尚未建表，未写入任何内容。请检查 DATABASE_URL，并先执行 manage.py migrate；只检查文件可用 --check。"
STATES = dict(IndicatorSetState.choices)


class Command(ProblemCommandMixin, BaseCommand):
    help = "载入评价标准（yaml 或 xlsx）：默认存为草稿；--check 只检查；--publish 存入并发布。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="评价标准文件（yaml、xlsx）")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--check", action="store_true", help="只检查，并显示与已发布版本的差异，不写入")
        mode.add_argument("--publish", action="store_true", help="存入并发布，发布后内容不能再改")
        mode.add_argument("--export", metavar="XLSX", help="不写入，另存为可编辑的 Excel 样表")
        parser.add_argument("--json", action="store_true", help="在标准输出打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            definition = read_set_file(Path(options["file"]))
            if options["export"]:
                report = _export(definition, Path(options["export"]))
            elif options["check"]:
                report = _check(definition)
            else:
                report = _load(definition, publish=options["publish"])
        except DomainError as error:
            self.refuse(error, as_json=options["json"])
        except DatabaseError:
            self.refuse(DomainError(NO_DATABASE, code="database"), as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(_in_words(definition, report))


def _export(definition: IndicatorSetDefinition, target: Path) -> dict[str, Any]:
    try:
        target.write_bytes(write_indicator_workbook(definition))
    except OSError as error:
        raise DomainError(f"无法写入文件 {target}。请检查文件夹是否存在、是否可写。", code="file") from error
    return _report(definition, EXPORTED)


def _check(definition: IndicatorSetDefinition) -> dict[str, Any]:
    """What loading would refuse is refused; nothing is kept. Without a database only the file is checked."""
    require_loadable(definition)
    try:
        with transaction.atomic():
            changes = _changes(definition)
            load_indicator_set(actor=None, definition=definition, now=clock.now())
            transaction.set_rollback(True)
    except DatabaseError:
        return _report(definition, CHECKED, compared=False)
    return _report(definition, CHECKED, changes=changes)


def _load(definition: IndicatorSetDefinition, *, publish: bool) -> dict[str, Any]:
    now = clock.now()
    with transaction.atomic():
        changes = _changes(definition)
        loaded = load_indicator_set(actor=None, definition=definition, now=now)
        row = loaded.indicator_set
        if publish and row.state != IndicatorSetState.PUBLISHED:
            row = publish_indicator_set(actor=None, indicator_set=row, now=now)
    return _report(definition, loaded.outcome, state=row.state, changes=changes)


def _changes(definition: IndicatorSetDefinition) -> list[str]:
    stored = (
        IndicatorSet.objects.filter(code=definition.code, version=definition.version)
        .defer("definition")
        .first()
    )
    return [str(change) for change in compare_with_previous(definition, stored=stored)[1]]


def _report(
    definition: IndicatorSetDefinition,
    result: str,
    *,
    state: str | None = None,
    changes: list[str] | None = None,
    compared: bool = True,
) -> dict[str, Any]:
    return {
        "result": result,
        "state": state,
        "code": definition.code,
        "version": definition.version,
        "title": definition.title,
        "status": definition.status,
        "content_hash": content_hash(definition),
        "total_score": plain(definition.total_score),
        "dimensions": len(definition.dimensions),
        "indicators": len(definition.indicators),
        "vetoes": len(definition.vetoes),
        "deductions": len(definition.deductions),
        "surveys": len(definition.surveys),
        "compared": compared and result != EXPORTED,
        "changes": changes or [],
        "errors": [],
    }


def _in_words(definition: IndicatorSetDefinition, report: dict[str, Any]) -> str:
    note = "（重构稿，待官方文本核定）" if definition.is_reconstruction else ""
    out = [
        f"{definition.title}（{definition.code} {definition.version}）{note}",
        f"总分 {report['total_score']}：{report['dimensions']} 个评价项目，{report['indicators']} 个指标，"
        f"{report['vetoes']} 个一票否决项，{report['deductions']} 个扣分项，{report['surveys']} 项测评",
        RESULTS[report["result"]] + (f"，当前为{STATES[report['state']]}" if report["state"] else "") + "。",
    ]
    if report["changes"]:
        out += [
            "",
            f"与已发布版本相比，{len(report['changes'])} 处变化：",
            *(f"  {change}" for change in report["changes"]),
        ]
    if report["result"] == CHECKED and not report["compared"]:
        out.append("数据库不可用，未与已发布版本比较。")
    return "\n".join(out)
