"""manage.py draw_spot_check: the public draw again, from the printed record alone (design §9)."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from evaluation.management.draw_inputs import read_inputs
from evaluation.management.refusals import ProblemCommandMixin
from evaluation.rules.spot_checks.draw import Draw, DrawError, draw
from evaluation.rules.spot_checks.records import by_stratum, place_word


class Command(ProblemCommandMixin, BaseCommand):
    help = "随机抽取：由抽查对象名录、种子、比例和最少户数得出全部次序，不读数据库，任何人可以复算。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--population",
            metavar="FILE",
            help="抽查对象名录（CSV，UTF-8），表头 id,name,stratum,weight；weight 可省略",
        )
        parser.add_argument("--seed", metavar="TEXT", help="种子：至少 20 位数字，可夹空格")
        parser.add_argument(
            "--rate",
            nargs="+",
            action="extend",
            metavar="P|STRATUM=P",
            help="抽取比例（%%），如 12.5；可按层写，默认 0",
        )
        parser.add_argument(
            "--minimum",
            nargs="+",
            action="extend",
            metavar="N|STRATUM=N",
            help="每层最少抽取数；可按层写，默认 1",
        )
        parser.add_argument("--json", action="store_true", help="在标准输出打印一个 JSON 对象")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rows, seed, shares = read_inputs(
                options["population"], options["seed"], options["rate"] or (), options["minimum"] or ()
            )
            drawn = draw(rows, seed, shares)
        except DrawError as error:
            self.refuse(error, as_json=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps(drawn.to_json(), ensure_ascii=False, indent=2))
        else:
            self.stdout.write(describe(drawn))


def describe(drawn: Draw) -> str:
    """The result for a terminal: hash, seed, strata, then every place by stratum."""
    out = [f"名录指纹（SHA-256） {drawn.population_sha256}", f"种子 {drawn.seed}", ""]
    out += [f"层 {one.code}：{one.size} 户，抽取 {one.drawn} 户" for one in drawn.strata]
    stratum = None
    for place in by_stratum(drawn):
        if place.stratum != stratum:
            stratum = place.stratum
            out += ["", f"{stratum}："]
        word = place_word(place.drawn)
        out.append(f"  {place.position:>4} {word} {place.ticket} {place.id} {place.name}")
    return "\n".join(out)
