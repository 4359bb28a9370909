"""What a new round begins with: basis, end, what happens at each deadline (C091; design §4a). Words and dates only."""

from __future__ import annotations

from datetime import date

BASIS = "枣人社字〔2023〕34号三（四）2：每年11月底前对各区（市）落实情况进行抽查（C091）"
DEFAULT_STRATA: dict[str, dict[str, object]] = {"default": {"rate": "0", "minimum": 1}}
MAX_BASIS, MAX_TITLE, MAX_REASON, MAX_SIGNER, MAX_SPEAKER, MAX_DEFAULT = 200, 120, 300, 40, 40, 200
SHORTEST_REASON = 5
MOST_DEFAULTS = 12
CLASS_REASONS: dict[str, str] = {
    "HOLDER_DUE": "称号到期，应当复审",
    "DISCREPANCY": "自评得分高于核验得分，差距超过本批次标准",
    "VETO_DECLARED": "自评中申报了一票否决情形，需现场核实",
    "CONTRADICTION": "数据检查发现登记信息互相矛盾",
    "NEVER_VISITED": "列入培育后没有现场指导服务记录",
    "NOT_FILED": "到期没有提交自评",
}


def notice_end(year: int) -> date:
    """30 November of the year (C091)."""
    return date(year, 11, 30)


def round_title(year: int, batch: int) -> str:
    return f"{year}年度抽查 第{batch}批"


def default_defaults(answer_days: int, rectification_days: int) -> list[str]:
    """到期处理 in words, told before the start. Nothing turns accepted by itself."""
    return [
        "名录冻结后，区（市）在抽取前可对名录提出疑问；抽取前没有提出的，按冻结的名录抽取。",
        f"初步结论送达后 {answer_days} 个工作日内可反馈意见并补充证明；"
        "到期没有反馈的，列为逾期并提醒，由市三方委员会办公室据现有材料作出结论。",
        f"限期整改的，整改期限 {rectification_days} 个工作日；到期没有报送整改结果的，列为逾期，销号前一直显示。",
        "无法联系或拒绝配合的，如实记为检查结果。",
    ]


def check_number(year: int, batch: int, serial: int) -> str:
    """`2026-1-001`."""
    return f"{year}-{batch}-{serial:03d}"
