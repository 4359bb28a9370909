"""Choices of the accounts app. Stored codes are UPPER_SNAKE, labels are the words of the office."""

from __future__ import annotations

from django.db.models import TextChoices


class Level(TextChoices):
    PROVINCE = "PROVINCE", "省"
    CITY = "CITY", "市"
    DISTRICT = "DISTRICT", "区（市）"
    TOWNSHIP = "TOWNSHIP", "乡镇（街道）"
    PARK = "PARK", "工业园区"


class OrganizationKind(TextChoices):
    PROVINCE = "PROVINCE", "省"
    CITY = "CITY", "设区的市"
    COUNTY_LEVEL = "COUNTY_LEVEL", "区（市）"
    FUNCTIONAL_ZONE = "FUNCTIONAL_ZONE", "功能区"
    STREET = "STREET", "街道"
    TOWN = "TOWN", "镇"
    PARK = "PARK", "工业园区"


class Role(TextChoices):
    CITY_OFFICE = "CITY_OFFICE", "市三方委员会办公室"
    CITY_MEMBER = "CITY_MEMBER", "市三方成员单位"
    DISTRICT_OFFICE = "DISTRICT_OFFICE", "区（市）三方办公室"
    DISTRICT_MEMBER = "DISTRICT_MEMBER", "区（市）三方成员单位"
    TOWNSHIP_STAFF = "TOWNSHIP_STAFF", "乡镇（街道）、园区工作人员"
    INSTRUCTOR = "INSTRUCTOR", "指导员、协调员"
    SUBJECT_CONTACT = "SUBJECT_CONTACT", "企业经办人"
    LEADER = "LEADER", "领导（查看）"
    SYSTEM_ADMIN = "SYSTEM_ADMIN", "系统管理员"
    SECURITY_ADMIN = "SECURITY_ADMIN", "安全管理员"
    AUDITOR = "AUDITOR", "审计管理员"


CITY_ROLES = frozenset({Role.CITY_OFFICE, Role.CITY_MEMBER})
DISTRICT_ROLES = frozenset({Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER})
# The three administrators of 等保: separate accounts, none of them approves business or sees its records.
ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class Side(TextChoices):
    GOVERNMENT = "GOVERNMENT", "政府方"
    WORKERS = "WORKERS", "职工方"
    EMPLOYERS = "EMPLOYERS", "企业方"


class MemberUnitKind(TextChoices):
    HRSS = "HRSS", "人社局"
    TRADE_UNION_FEDERATION = "TRADE_UNION_FEDERATION", "总工会"
    ENTERPRISE_CONFEDERATION = "ENTERPRISE_CONFEDERATION", "企联（企业家协会）"
    FEDERATION_OF_INDUSTRY_AND_COMMERCE = "FEDERATION_OF_INDUSTRY_AND_COMMERCE", "工商联"


SIDE_OF_UNIT = {
    MemberUnitKind.HRSS: Side.GOVERNMENT,
    MemberUnitKind.TRADE_UNION_FEDERATION: Side.WORKERS,
    MemberUnitKind.ENTERPRISE_CONFEDERATION: Side.EMPLOYERS,
    MemberUnitKind.FEDERATION_OF_INDUSTRY_AND_COMMERCE: Side.EMPLOYERS,
}


class SeatState(TextChoices):
    FILLED = "FILLED", "已设立"
    NOT_ESTABLISHED = "NOT_ESTABLISHED", "未建立"
    REPRESENTED = "REPRESENTED", "由其他单位代行"


class AccountAct(TextChoices):
    """What is done to an account and may need a second person (账号审批)."""

    CREATE = "CREATE", "建立账号"
    RESET = "RESET", "重置登录"
    GRANT = "GRANT", "登记任职"
    END = "END", "结束任职"
    ENABLE = "ENABLE", "启用账号"
    DISABLE = "DISABLE", "停用账号"
    DISMISS = "DISMISS", "办理离岗"


class AccountRequestState(TextChoices):
    PENDING = "PENDING", "待批准"
    APPROVED = "APPROVED", "已办理"
    REFUSED = "REFUSED", "未批准"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    EXPIRED = "EXPIRED", "已过期"


class Waiver(TextChoices):
    """Why an act was done without a second person."""

    FIRST_START = "FIRST_START", "首次启用"
    NOT_NEEDED = "NOT_NEEDED", "无须批准"


class Delivery(TextChoices):
    """How the activation code reaches the person concerned; never through one other person alone."""

    SLIPS = "SLIPS", "两联交接单"
    SMS = "SMS", "短信发给本人"
    LINK = "LINK", "一次性链接"
