"""Choices of findings and rectifications (glossary: 发现问题, 整改; design §4a)."""

from __future__ import annotations

from django.db.models import TextChoices


class FindingSource(TextChoices):
    SPOT_CHECK = "SPOT_CHECK", "市级抽查"
    VERIFICATION = "VERIFICATION", "自评核验"
    RE_EVALUATION = "RE_EVALUATION", "复审"
    DATA_CHECK = "DATA_CHECK", "数据核查"
    COMPLAINT = "COMPLAINT", "投诉举报"
    OTHER = "OTHER", "其他"


class Severity(TextChoices):
    MINOR = "MINOR", "一般"
    GRAVE = "GRAVE", "较重"
    VETO = "VETO", "否决"


class Cause(TextChoices):
    """原因类别 of a finding."""

    SYSTEM = "SYSTEM", "制度缺失"
    EXECUTION = "EXECUTION", "执行不到位"
    RECORDS = "RECORDS", "资料不全"
    STAFFING = "STAFFING", "人员经费不足"
    AWARENESS = "AWARENESS", "认识理解偏差"
    OTHER = "OTHER", "其他"


class RectificationState(TextChoices):
    DRAFTED = "DRAFTED", "待下达"
    IN_PROGRESS = "IN_PROGRESS", "整改中"
    AWAITING_RECHECK = "AWAITING_RECHECK", "待复查"
    NOT_PASSED = "NOT_PASSED", "未通过"
    CLOSED = "CLOSED", "已销号"
    WITHDRAWN = "WITHDRAWN", "撤销"


class AskState(TextChoices):
    """State of a request of the unit (延期, 异议)."""

    PENDING = "PENDING", "待答复"
    GRANTED = "GRANTED", "同意"
    REFUSED = "REFUSED", "不同意"


class ObjectionGround(TextChoices):
    FACTS = "FACTS", "事实"
    PROCEDURE = "PROCEDURE", "程序"


class ImprovementState(TextChoices):
    OPEN = "OPEN", "改进中"
    DONE = "DONE", "已完成"
    DROPPED = "DROPPED", "不再进行"
