"""Who signs in to the demo: one person per role, all with the same printed password."""

from __future__ import annotations

from dataclasses import dataclass

from zaozhuang_portal.accounts.enums import Role

DEMO_PASSWORD = "Hexie-Demo-2026"  # noqa: S105 -- printed on purpose; refused in production settings
# The district a visitor works in: its year is left half done, the others are further along.
SHOWN_DISTRICT = "370481"


@dataclass(frozen=True)
class DemoSignIn:
    """`district` is a code of the organization tree; empty for the city."""

    username: str
    full_name: str
    role: str
    district: str = ""
    unit_kind: str = ""
    password: str = DEMO_PASSWORD

    @property
    def role_label(self) -> str:
        return f"{Role(self.role).label}（{self.full_name}）"


DEMO_SIGN_INS: tuple[DemoSignIn, ...] = (
    DemoSignIn("shiban", "李市办", Role.CITY_OFFICE),
    DemoSignIn("shizonggonghui", "周成员", Role.CITY_MEMBER, unit_kind="TRADE_UNION_FEDERATION"),
    DemoSignIn("jiancha", "韩检查", Role.CITY_MEMBER, unit_kind="FEDERATION_OF_INDUSTRY_AND_COMMERCE"),
    DemoSignIn("tengzhou", "王区办", Role.DISTRICT_OFFICE, SHOWN_DISTRICT),
    DemoSignIn("tengzhou2", "赵成员", Role.DISTRICT_MEMBER, SHOWN_DISTRICT, "TRADE_UNION_FEDERATION"),
    DemoSignIn("jinghe", "孙街办", Role.TOWNSHIP_STAFF, "370481001"),
    DemoSignIn("zhidaoyuan", "钱指导", Role.INSTRUCTOR, SHOWN_DISTRICT),
    DemoSignIn("qiye", "吴人资", Role.SUBJECT_CONTACT, SHOWN_DISTRICT),
    DemoSignIn("lingdao", "郑领导", Role.LEADER),
    DemoSignIn("xitong", "冯系统", Role.SYSTEM_ADMIN),
    DemoSignIn("anquan", "陈安全", Role.SECURITY_ADMIN),
    DemoSignIn("shenji", "褚审计", Role.AUDITOR),
)
