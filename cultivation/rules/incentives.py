"""The incentives the notice itself names (三（三）): what every district starts from."""

from __future__ import annotations

from dataclasses import dataclass

_PROVINCE = ("PROVINCE", "山东省人力资源和社会保障厅等16部门", "鲁人社函〔2021〕38号")


@dataclass(frozen=True)
class IncentiveSeed:
    """`level` and `kind` are codes of IncentiveLevel and IncentiveKind."""

    name: str
    level: str
    granted_by: str
    document_number: str
    kind: str = "HONOR"


INCENTIVE_SEEDS: tuple[IncentiveSeed, ...] = (
    IncentiveSeed("参与省级文明单位创建享受激励政策", *_PROVINCE),
    IncentiveSeed("省劳动模范评选享受激励政策", *_PROVINCE),
    IncentiveSeed("省五一劳动奖评选享受激励政策", *_PROVINCE),
    IncentiveSeed("优秀企业家评选享受激励政策", *_PROVINCE),
    IncentiveSeed(
        "市级达标企业联合激励",
        "CITY",
        "枣庄市协调劳动关系三方及有关部门",
        "枣人社字〔2022〕49号",
        kind="OTHER",
    ),
)
SEED_NOTE = "措施据枣人社字〔2023〕34号三（三）；依据文件原文未收录，具体内容和条件请核对补充。"
