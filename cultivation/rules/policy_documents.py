"""The notices and standards the portal stands on, as far as their facts are known: the policy shelf starts with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_CITY_FOUR = "枣庄市人力资源和社会保障局、枣庄市总工会、枣庄市企业联合会/枣庄市企业家协会、枣庄市工商业联合会"
_PROVINCE_FOUR = (
    "山东省人力资源和社会保障厅、山东省总工会、山东省企业家联合会/山东省企业家协会、山东省工商业联合会"
)
_NATION_FOUR = "人力资源社会保障部、中华全国总工会、中国企业联合会/中国企业家协会、中华全国工商业联合会"
_NAMED = "题名、文号见枣人社字〔2023〕34号；原文未收录，请上传。"


@dataclass(frozen=True)
class PolicySeed:
    """`kind` is a code of PolicyDocumentKind; `note` says where the facts come from and what is missing."""

    kind: str
    title: str
    document_number: str
    issuer: str
    issued_on: date | None
    summary: str
    note: str


POLICY_SEEDS: tuple[PolicySeed, ...] = (
    PolicySeed(
        "NOTICE",
        "枣庄市落实山东省《落实〈关于推进新时代和谐劳动关系创建活动的意见〉的实施方案》的实施方案",
        "枣人社字〔2023〕34号",
        _CITY_FOUR,
        date(2023, 5, 31),
        "每个区（市）每年选取不少于4个企业、不少于1个工业园区、乡镇（街道）进行重点培育；2023年选取1—2个重点行业试点，"
        "2024年扩大并总结，2025—2027年推广；区（市）每年11月底前报送书面报告，市级每年11月底前抽查；"
        "2025年12月底前中期评估，2027年12月底前总结评估。",
        "主动公开文件；联系单位：市人力资源社会保障局劳动关系与监督审计科。",
    ),
    PolicySeed(
        "NOTICE",
        "落实《关于推进新时代和谐劳动关系创建活动的意见》的实施方案",
        "鲁人社字〔2023〕37号",
        _PROVINCE_FOUR,
        None,
        "省四家的实施方案，枣人社字〔2023〕34号据此制定。",
        _NAMED,
    ),
    PolicySeed(
        "NOTICE",
        "关于推进新时代和谐劳动关系创建活动的意见",
        "人社部发〔2023〕2号",
        _NATION_FOUR,
        date(2023, 1, 3),
        "到2027年底的创建目标；企业创建内容9个方面，工业园区、乡镇（街道）创建内容7个方面。",
        "据新闻报道，日期为发布日；原文未收录，请核对并上传。",
    ),
    PolicySeed(
        "NOTICE",
        "山东省人力资源和社会保障厅等16部门关于建立劳动关系和谐企业联合激励机制的通知",
        "鲁人社函〔2021〕38号",
        "山东省人力资源和社会保障厅等16部门",
        None,
        "达到省级和谐劳动关系标准的企业，在参与省级文明单位创建，省劳动模范、省五一劳动奖、优秀企业家评选等方面享受激励政策。",
        _NAMED,
    ),
    PolicySeed(
        "STANDARD",
        "枣庄市劳动关系和谐企业和工业园区评价管理办法",
        "枣人社字〔2022〕49号",
        "",
        None,
        "达到市级和谐劳动关系标准的企业，按此开展联合激励。",
        _NAMED,
    ),
    PolicySeed(
        "STANDARD",
        "山东省劳动关系和谐企业 山东省劳动关系和谐工业园区评价管理办法",
        "鲁人社字〔2021〕71号",
        _PROVINCE_FOUR,
        date(2021, 6, 1),
        "省级劳动关系和谐企业、工业园区的评价管理。",
        "题名、日期据公开网页所载首页；正文未收录，请上传。",
    ),
    PolicySeed(
        "STANDARD",
        "省级劳动关系和谐企业评价标准",
        "DB37/T 4077—2020",
        "",
        None,
        "和谐企业培育执行的标准，2020年9月20日起实施。",
        "实施日期据新闻报道；标准文本未收录，门户内置的指标为重构稿，待官方文本核定。",
    ),
    PolicySeed(
        "STANDARD",
        "省级劳动关系和谐工业园区评价标准",
        "DB37/T 4076—2020",
        "",
        None,
        "和谐工业园区培育执行的标准，乡镇（街道）培育可参照执行；2020年9月20日起实施。",
        "实施日期据新闻报道；标准文本未收录，门户内置的指标为重构稿，待官方文本核定。",
    ),
)
