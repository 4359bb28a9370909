"""与上报数不同: where today's figures differ from the filed ones."""

from __future__ import annotations

from dataclasses import dataclass

from reporting.rules.figures import KIND_LABELS, ReportFigures


@dataclass(frozen=True)
class Difference:
    """One number: as filed, as it is now. None means 未填报."""

    label: str
    filed: int | None
    current: int | None

    @property
    def text(self) -> str:
        """「与上报数不同：+1」."""
        if self.filed is None or self.current is None:
            return "与上报数不同"
        return f"与上报数不同：{self.current - self.filed:+d}"


def _numbers(figures: ReportFigures, parts: frozenset[str]) -> dict[str, int | None]:
    """Numbers by label; `parts` are the optional parts of the figures that are compared."""
    numbers: dict[str, int | None] = {row["name"]: row["actual"] for row in figures["targets"]}
    for kind in figures["kinds"]:
        label = KIND_LABELS[kind["kind"]]
        numbers[f"{label}：新增"] = kind["new"]
        numbers[f"{label}：延续"] = kind["continued"]
        numbers[f"{label}：职工人数"] = kind["employee_count"]
    for row in figures["assessments"]:
        label = KIND_LABELS[row["kind"]]
        numbers[f"{label}：已提交自评"] = row["submitted"]
        numbers[f"{label}：已核验"] = row["verified"]
        numbers[f"{label}：达到标准"] = row["passed"]
    numbers["参与创建企业"] = figures["participation"]["participating"]
    if "services" in parts and (services := figures.get("services")) is not None:
        numbers["已结对对象"] = services["paired"]
        numbers["指导服务"] = services["visits"]
        numbers["专题培训"] = services["trainings"]
    if "activities" in parts and (known := figures.get("activities")) is not None:
        numbers["矛盾纠纷调解"] = known["mediations"]["total"]
        numbers["劳动用工咨询"] = known["advisories"]["total"]
        numbers["基层公共服务站点"] = known["points"]["total"]
        numbers["已建三方机构的乡镇（街道）、园区"] = known["mechanism"]["bodies"]["numerator"]
        numbers["已办结责任事项"] = known["work"]["done"]
        numbers["宣传报道"] = known["publicity"]["total"]
        numbers["可引用的典型经验"] = len(known["practices"]["lines"])
    if "spot_checks" in parts and (checks := figures.get("spot_checks")) is not None:
        numbers["市级抽查：已作结论"] = sum(row["checked"] - row["waiting"] for row in checks["rounds"])
        numbers["抽查发现问题"] = sum(row["found"] for row in checks["rounds"])
        numbers["抽查问题已销号"] = sum(row["closed"] for row in checks["rounds"])
    return numbers


def find_differences(filed: ReportFigures, current: ReportFigures) -> list[Difference]:
    """What an older snapshot could not know yet is no difference."""
    parts = frozenset(filed) & frozenset(current)
    before, after = _numbers(filed, parts), _numbers(current, parts)
    return [
        Difference(label, before.get(label), after.get(label))
        for label in dict.fromkeys([*before, *after])
        if before.get(label) != after.get(label)
    ]
