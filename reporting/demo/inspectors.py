"""检查人员名录 of the demo city: the four parties, with and without an account, some of the districts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from evaluation.models import Inspector
from evaluation.services.spot_checks.inspectors import InspectorEntry, create_inspector, declare_conflict
from reporting.demo.accounts import DEMO_SIGN_INS, DemoSignIn
from reporting.demo.people import People, appoint
from zaozhuang_portal.accounts.actors import Actor, list_capacities
from zaozhuang_portal.accounts.enums import Level, MemberUnitKind, Role
from zaozhuang_portal.accounts.models import Organization, User

_HRSS = MemberUnitKind.HRSS
_UNION = MemberUnitKind.TRADE_UNION_FEDERATION
_CONFEDERATION = MemberUnitKind.ENTERPRISE_CONFEDERATION
_COMMERCE = MemberUnitKind.FEDERATION_OF_INDUSTRY_AND_COMMERCE


@dataclass(frozen=True)
class _Person:
    """`account`: a sign-in, "" for whoever signs on paper; `district`: a code, "" for who works for the city."""

    name: str
    party: str
    unit: str
    post: str
    account: str = ""
    district: str = ""


_PEOPLE = (
    _Person("许静", _HRSS, "枣庄市人力资源和社会保障局", "劳动关系科科长", "jc-renshe1"),
    _Person("高远", _HRSS, "枣庄市人力资源和社会保障局", "劳动关系科科员", "jc-renshe2"),
    _Person("孟丽", _UNION, "枣庄市总工会", "权益保障部部长", "jc-gonghui1"),
    _Person("丁强", _UNION, "枣庄市总工会", "民主管理部干事", "jc-gonghui2"),
    _Person("韩检查", _COMMERCE, "枣庄市工商业联合会", "法律服务科科长", "jiancha"),
    _Person("段平", _COMMERCE, "枣庄市工商业联合会", "会员科干事", "jc-gongshang"),
    _Person("邵军", _CONFEDERATION, "枣庄市企业联合会", "秘书长", "jc-qilian"),
    _Person("雷敏", _CONFEDERATION, "枣庄市企业联合会", "会员服务部主任"),
    _Person("滕立", _UNION, "滕州市总工会", "法律工作部部长", district="370481"),
    _Person("薛梅", _COMMERCE, "薛城区工商业联合会", "干事", district="370403"),
)


def register_inspectors(people: People, now: datetime) -> dict[int, Actor]:
    """The register as of the campaign's first autumn; actors of those with an account, by the inspector's key."""
    city = Organization.objects.get(level=Level.CITY)
    actors: dict[int, Actor] = {}
    printed = {entry.username for entry in DEMO_SIGN_INS}
    for number, one in enumerate(_PEOPLE, start=1):
        user = None
        if one.account in printed:
            user = User.objects.get(username=one.account)
        elif one.account:
            entry = DemoSignIn(one.account, one.name, Role.CITY_MEMBER, unit_kind=one.party)
            user = appoint(entry, city, now).user
        inspector = create_inspector(
            actor=people.city,
            entry=InspectorEntry(
                name=one.name,
                staff_number=f"JC{number:03d}",
                party=one.party,
                organization=Organization.objects.get(code=one.district) if one.district else city,
                unit_name=one.unit,
                active_from=date(2023, 9, 1),
                post=one.post,
                certificate=f"鲁D0402{number:05d}" if number % 4 else "",
                user=user,
            ),
            now=now,
        )
        if user is not None:
            actors[inspector.pk] = Actor(user, list_capacities(user)[0])
    declare_conflict(
        actor=people.city,
        inspector=Inspector.objects.get(name="雷敏"),
        target=Organization.objects.get(code="370402"),
        reason="配偶在该区人力资源和社会保障局工作",
        declared_on=date(2023, 9, 20),
        now=now,
    )
    return actors
