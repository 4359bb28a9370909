"""manage.py score: 试算 of a sheet of answers against a set, from two files, without a database row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from evaluation.management.refusals import ProblemCommandMixin
from evaluation.management.set_files import read_file, read_set_file
from evaluation.rules.definitions import IndicatorSetDefinition
from evaluation.rules.losses import explain_losses
from evaluation.rules.numbers import plain, two_places
from evaluation.rules.problems import ProblemsError, ScoringError
from evaluation.rules.scoring import QUALIFICATIONS, ScoreResult, score
from evaluation.rules.yaml_text import YamlError, read_yaml


class Command(ProblemCommandMixin, BaseCommand):
    help = "试算：按评价标准文件给一份作答打分，不写数据库。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--set", required=True, dest="set_file", metavar="FILE", help="评价标准文件（yaml 或 xlsx）"
        )
        parser.add_argument("--answers", required=True, metavar="FILE", help="作答文件（yaml）")
        parser.add_argument("--json", action="store_true", help="在标准输出打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            definition = read_set_file(Path(options["set_file"]))
            result = score(definition, _read_answers(Path(options["answers"])))
        except ProblemsError as error:
            self.refuse(error, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(result.to_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(describe(definition, result))


def _read_answers(path: Path) -> object:
    source = read_file(path, ScoringError)
    try:
        return read_yaml(source)
    except YamlError as error:
        raise ScoringError((error.problem,)) from error


def describe(definition: IndicatorSetDefinition, result: ScoreResult) -> str:
    """The sheet for a terminal: items, dimensions, totals, outcome, lost points."""
    note = "（重构稿，待官方文本核定）" if definition.is_reconstruction else ""
    out = [f"{definition.title}（{definition.code} {definition.version}）{note}", ""]
    lines = {line.code: line for line in result.lines}
    for dimension, found in zip(definition.dimensions, result.dimensions, strict=True):
        out.append(f"{found.code} {found.name}  {two_places(found.score)} / {plain(found.max_score)}")
        for item in dimension.indicators:
            line = lines[item.code]
            shown = "—" if line.score is None else two_places(line.score)
            out.append(f"  {line.code} {line.name}  {shown} / {plain(line.max_score)}    {line.arithmetic}")
    out += [
        f"扣分项 {line.code} {line.name}  {two_places(line.value)}"
        for line in result.deductions
        if line.value
    ]
    out += [
        "",
        f"合计 {two_places(result.total)}，已评满分 {two_places(result.scored_max)}，"
        f"适用满分 {two_places(result.applicable_max)}，折算得分 {two_places(result.scaled_total)}，"
        f"合格线 {plain(definition.pass_score)}",
        f"结果：{QUALIFICATIONS[result.qualification]}",
        *(f"  {reason}" for reason in result.reasons),
    ]
    if losses := explain_losses(result):
        out += ["", "失分清单："]
        out += [
            f"  −{loss.points_lost_text} {loss.code} {loss.text}（{loss.found}）：{loss.restore}"
            for loss in losses
        ]
    return "\n".join(out)
