"""Choices of the spot checks (glossary: 抽查; design §4a)."""

from __future__ import annotations

from django.db.models import TextChoices


class ChecklistState(TextChoices):
    DRAFT = "DRAFT", "草稿"
    PUBLISHED = "PUBLISHED", "已发布"
    RETIRED = "RETIRED", "已停用"


class RoundState(TextChoices):
    """定范围 → 冻结 → 抽取（种子同时录入）→ 归档. Teams, checks and conclusions are states of the checks."""

    PLANNED = "PLANNED", "定范围"
    FROZEN = "FROZEN", "名录已冻结"
    DRAWN = "DRAWN", "已抽取"
    CLOSED = "CLOSED", "已归档"


class Frame(TextChoices):
    """抽查对象名录 comes from facts fixed before the draw, never from "has submitted"."""

    REGISTER = "REGISTER", "培育对象登记"
    ROSTER = "ROSTER", "已确认的重点培育名单"
    HOLDERS = "HOLDERS", "称号持有名单"


class Manner(TextChoices):
    HEARING = "HEARING", "听汇报"
    LEDGERS = "LEDGERS", "查台账"
    ON_SITE = "ON_SITE", "实地查看"
    INTERVIEW = "INTERVIEW", "访谈"
    QUESTIONNAIRE = "QUESTIONNAIRE", "问卷"


class Selection(TextChoices):
    """How a checked unit came into the round. Only RANDOM counts as random."""

    UNIT = "UNIT", "必查（各区市落实情况）"
    RANDOM = "RANDOM", "随机抽取"
    RESERVE = "RESERVE", "候补递补"
    CLASS = "CLASS", "按类必查"
    NAMED = "NAMED", "指定"


class SelectionClass(TextChoices):
    """Why a subject is checked whatever the draw says: each class with its reason."""

    HOLDER_DUE = "HOLDER_DUE", "到期复审"
    DISCREPANCY = "DISCREPANCY", "自评与核验差距大"
    VETO_DECLARED = "VETO_DECLARED", "申报了一票否决情形"
    CONTRADICTION = "CONTRADICTION", "数据矛盾"
    NEVER_VISITED = "NEVER_VISITED", "从未上门服务"
    NOT_FILED = "NOT_FILED", "未按期自评"


class CheckKind(TextChoices):
    DISTRICT = "DISTRICT", "落实情况检查"
    SUBJECT = "SUBJECT", "培育对象抽查"


class CheckState(TextChoices):
    SELECTED = "SELECTED", "待派组"
    ASSIGNED = "ASSIGNED", "已派组"
    NOTIFIED = "NOTIFIED", "已通知"
    UNDER_WAY = "UNDER_WAY", "检查中"
    PROVISIONAL = "PROVISIONAL", "初步结论"
    ANSWERED = "ANSWERED", "已反馈意见"
    CONCLUDED = "CONCLUDED", "已作结论"
    SKIPPED = "SKIPPED", "未检（递补）"


class Conclusion(TextChoices):
    QUALIFIED = "QUALIFIED", "合格"
    RECTIFY = "RECTIFY", "限期整改"
    UNQUALIFIED = "UNQUALIFIED", "不合格"
    VETO = "VETO", "触发否决"
    UNREACHABLE_OR_REFUSED = "UNREACHABLE_OR_REFUSED", "无法联系或拒绝配合"


class LineKind(TextChoices):
    CLAUSE = "CLAUSE", "落实事项"
    INDICATOR = "INDICATOR", "评价指标"
    VETO = "VETO", "一票否决"


class Judgement(TextChoices):
    MET = "MET", "符合"
    NOT_MET = "NOT_MET", "不符合"
    UNVERIFIABLE = "UNVERIFIABLE", "无法核实"
    NO_CONSENSUS = "NO_CONSENSUS", "两名检查人意见不一致"


class Hindrance(TextChoices):
    """Why nothing could be checked on site: a result, not a gap."""

    UNREACHABLE = "UNREACHABLE", "无法联系"
    REFUSED = "REFUSED", "拒绝配合"


class ItemReason(TextChoices):
    """Why an indicator stands on the sheet; shown only after the line is judged (it would tell the claim)."""

    HEAVY = "HEAVY", "分值高"
    AFFIRMED = "AFFIRMED", "自评满分"
    DISCREPANCY = "DISCREPANCY", "自评与核验差距大"
    VETO = "VETO", "涉及一票否决"
    FILL = "FILL", "按票号补足"


class DifferenceReason(TextChoices):
    """Why the value found on site differs from the one verified."""

    EVIDENCE_MISSING = "EVIDENCE_MISSING", "现场无佐证"
    EVIDENCE_FALSE = "EVIDENCE_FALSE", "佐证不实"
    CHANGED_SINCE = "CHANGED_SINCE", "核验后情况变化"
    STANDARD_READ_OTHERWISE = "STANDARD_READ_OTHERWISE", "对标准理解不同"
    MISCOUNTED = "MISCOUNTED", "计数或计算有误"
    OTHER = "OTHER", "其他"


class LetterKind(TextChoices):
    CHECK_NOTICE = "CHECK_NOTICE", "检查通知书"
    RESULT_NOTICE = "RESULT_NOTICE", "检查结果告知书"
    RECTIFICATION_ORDER = "RECTIFICATION_ORDER", "整改通知书"
    LETTER = "LETTER", "工作通知"
