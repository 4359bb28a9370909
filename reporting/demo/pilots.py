"""Industry pilots of the demo city by phase: chosen 2023, widened and summed up 2024, spread from 2025."""

from __future__ import annotations

from datetime import date, datetime

from cultivation.services.pilots import add_pilot_members
from reporting.demo.register import Register
from reporting.demo.spans import put
from zaozhuang_portal.accounts.actors import Actor


def pilot_records(lead: Actor, register: Register, now: datetime) -> None:
    """Partners, authority, member firms and progress of every pilot; the study that led to the guide; one action beside."""
    firms = [firm for rows in register.enterprises.values() for firm in rows]
    district = lead.organization.code if lead.organization else ""

    def enter(slug: str, year: int, **values: object) -> object:
        return put(lead, slug, now, year < 2026, year, values)

    for year, pilots in register.pilots.items():
        for pilot in pilots:
            trade = pilot.name.removesuffix("提升").removesuffix("行业")
            enter("pilot-partners", year, pilot=pilot, kind="ASSOCIATION", name=f"枣庄市{trade}行业协会")
            enter("pilot-partners", year, pilot=pilot, kind="INDUSTRY_UNION", name=f"{trade}行业工会联合会")
            enter(
                "industry-authorities",
                year,
                pilot=pilot,
                name="市工业和信息化局",
                duties="行业管理和政策协调",
            )
            own = [firm for firm in register.enterprises[district] if trade[:2] in firm.name] or firms[:1]
            add_pilot_members(
                actor=lead,
                pilot=pilot,
                text="\n".join([*(firm.name for firm in own), f"{trade}龙头示范企业", f"{trade}配套加工厂"]),
                joined_on=date(year, 7, 1),
                now=now,
            )
            enter(
                "pilot-progress",
                year,
                pilot=pilot,
                happened_on=date(year, 9, 12),
                kind="PROGRESS",
                title=f"{trade}行业首次集体协商",
                content="行业工会与协会就工资、工时开展集体协商，签订行业集体合同。",
                mechanism_sound=True,
                bargaining_effective=True,
            )
    enter(
        "pilot-progress",
        2024,
        pilot=register.pilots[2023][0],
        happened_on=date(2024, 11, 20),
        kind="SUMMARY",
        title="行业试点经验总结",
        content="协会牵头、工会协商、企业自律，带动上下游中小微企业规范用工。",
        mechanism_sound=True,
        bargaining_effective=True,
        firms_compliant=True,
        disputes_settled=True,
        document_number="枣劳三方〔2024〕11号",
    )
    enter(
        "pilot-progress",
        2025,
        pilot=register.pilots[2024][0],
        happened_on=date(2025, 10, 15),
        kind="SPREAD",
        title="锂电行业经验向化工、食品行业推广",
        content="召开现场会，两个行业参照建立协商机制。",
        spread_to="化工行业、食品行业",
    )
    guide = enter(
        "industry-guides",
        2025,
        industry_code="38",
        title="锂电行业和谐劳动关系构建和评价指引（试行）",
        state="ISSUED",
        issued_on=date(2025, 6, 10),
        document_number="枣劳三方〔2025〕6号",
        content="从机制、协商、用工、调处四个方面提出要求。",
    )
    enter(
        "field-studies",
        2025,
        happened_on=date(2025, 3, 20),
        title="锂电行业用工和集体协商调研",
        industry_code="38",
        places="高新区锂电产业园",
        participants="市三方办公室、行业协会",
        findings="计件工资标准需要行业协商，建议制定行业指引。",
        guide=guide,
    )
    enter(
        "industry-actions",
        2025,
        happened_on=date(2025, 8, 8),
        industry_code="48",
        title="建筑行业工资支付专项行动",
        lead="市住房和城乡建设局",
        content="在建项目实名制和工资专户全覆盖检查。",
        firms_reached=46,
    )
