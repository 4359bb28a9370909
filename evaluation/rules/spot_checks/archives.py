"""公示包: the files of a round that a stranger checks the sample with, by phase. Pure text; the same record, the same bytes.

Codes, names of units, hashes, tickets, judgements, conclusions. No names of persons, no telephone numbers, and no text that
somebody typed freely about a unit (what was seen, reasons, statements): such text may name persons.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from io import BytesIO

SUMS = "SHA256SUMS"
README = "说明.txt"
SCRIPT = "redraw.py"
LINES = "population_lines.tsv"


class Phase(StrEnum):
    """What of a round is told: the list before the draw, the sample after it, the results after the conclusions."""

    BEFORE = "before"
    DRAWN = "drawn"
    CONCLUDED = "concluded"

    @property
    def label(self) -> str:
        return {"before": "抽取前", "drawn": "抽取后", "concluded": "结论后"}[self.value]


_FILES = {
    "population.csv": "抽查对象名录：代码、名称、层、权数",
    LINES: "计算名录指纹的原文；sha256sum population_lines.tsv 的结果就是名录指纹",
    "excluded.csv": "不列入名录的对象和理由",
    "plan.json": "抽查方案：期间、期限、分层比例、按类必查、盲评、到期处理",
    "seats.csv": "四个席位：抽取前的承诺值；抽取后另有宣读的数字和随机串",
    SCRIPT: "复算程序，40 行，只用 Python 自带的库，与本系统不共用代码",
    "order.csv": "每户的层、层内次序、抽中或候补、票号",
    "draw.json": "公布的抽取结果，供复算程序核对",
    "record.txt": "抽取记录",
    "sample.csv": "检查对象：随机、递补、按类必查、必查、指定；检查组成员所属方",
    "judgements.csv": "逐项判断：符合、不符合、无法核实、意见不一致；性质；差异原因",
    "conclusions.csv": "检查结论，发现问题、已销号、逾期的数目",
    SUMS: "以上各文件的 SHA-256",
}


def archive_readme(
    phase: Phase, title: str, *, fingerprint: str, seed: str, redraw: str, names: list[str]
) -> str:
    """What lies in the archive and how to check it. `seed`, `redraw` empty before the draw."""
    listed = "\n".join(f"  {name}\t{_FILES[name]}" for name in [*names, SUMS])
    steps = [
        "一、核对文件没有改动：",
        f"  sha256sum -c {SUMS}",
        "二、核对名录指纹（应与公布的、抽取记录上的一致）：",
        f"  sha256sum {LINES}",
        f"  {fingerprint}",
    ]
    if redraw:
        steps += [
            f"三、种子是四个席位宣读的数字依次相连：{seed}",
            "  席位事先作过承诺的，承诺值等于“数字 换行 随机串”的 SHA-256：",
            "  printf '%s\\n%s' 数字 随机串 | sha256sum",
            "四、复算全部次序（与公布的一致时没有“与公布的不同”的提示）：",
            f"  {redraw}",
        ]
    else:
        steps += [
            "三、种子还没有产生。公开抽取后另有“抽取后”的公示包，名录指纹应与这里的相同。",
        ]
    return "\n".join(
        [
            f"{title} 公示包（{phase.label}）",
            "",
            "不含个人信息：没有检查人员、联系人、宣读人的姓名和电话，没有现场记录的文字。",
            "",
            *steps,
            "",
            "文件：",
            listed,
            "",
        ]
    )


def seal(files: Mapping[str, bytes], made_at: datetime) -> bytes:
    """A zip of the files and of SHA256SUMS over them. `made_at` stamps every member: the same files, the same bytes."""
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())
    )
    moment = (made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, 0)
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*sorted(files.items()), (SUMS, sums.encode())]:
            info = zipfile.ZipInfo(name, date_time=moment)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()
