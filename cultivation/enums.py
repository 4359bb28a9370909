"""Choices of the cultivation app."""

from __future__ import annotations

from django.db.models import TextChoices


class SubjectKind(TextChoices):
    ENTERPRISE = "ENTERPRISE", "企业"
    INDUSTRIAL_PARK = "INDUSTRIAL_PARK", "工业园区"
    TOWNSHIP = "TOWNSHIP", "乡镇（街道）"
    INDUSTRY_PILOT = "INDUSTRY_PILOT", "行业试点"


class SubjectState(TextChoices):
    ACTIVE = "ACTIVE", "在册"
    DEREGISTERED = "DEREGISTERED", "已注销"
    MERGED = "MERGED", "已合并"


class SizeClass(TextChoices):
    LARGE = "LARGE", "大型"
    MEDIUM = "MEDIUM", "中型"
    SMALL = "SMALL", "小型"
    MICRO = "MICRO", "微型"


class Ownership(TextChoices):
    """Five-way choice usual for campaign forms (domain.md §6)."""

    STATE = "STATE", "国有及国有控股"
    COLLECTIVE = "COLLECTIVE", "集体"
    PRIVATE = "PRIVATE", "民营"
    HK_MACAO_TAIWAN = "HK_MACAO_TAIWAN", "港澳台商投资"
    FOREIGN = "FOREIGN", "外商投资"


class EnrollmentState(TextChoices):
    CANDIDATE = "CANDIDATE", "候选"
    CONFIRMED = "CONFIRMED", "已确认"
    REMOVED = "REMOVED", "已调出"


class TargetMetric(TextChoices):
    KEY_ENTERPRISES = "KEY_ENTERPRISES", "重点培育企业"
    KEY_PARKS_OR_TOWNSHIPS = "KEY_PARKS_OR_TOWNSHIPS", "重点培育工业园区或乡镇（街道）"
    KEY_PARKS = "KEY_PARKS", "重点培育工业园区"
    KEY_TOWNSHIPS = "KEY_TOWNSHIPS", "重点培育乡镇（街道）"
    INDUSTRY_PILOTS = "INDUSTRY_PILOTS", "行业试点"


class ImportKindChoice(TextChoices):
    """What a batch brings; the value is the word of the shell command (rules.imports_fields.ImportKind)."""

    ENTERPRISES = "enterprises", "企业"
    PARKS = "parks", "工业园区"
    PILOTS = "pilots", "行业试点"


class ImportSource(TextChoices):
    FILE = "FILE", "上传文件"
    PASTE = "PASTE", "粘贴"
    COMMAND = "COMMAND", "命令行"


class ImportState(TextChoices):
    STAGED = "STAGED", "待确认列对应"
    MAPPED = "MAPPED", "待校验"
    CHECKED = "CHECKED", "待确认导入"
    CONFIRMED = "CONFIRMED", "已导入"
    CANCELLED = "CANCELLED", "已放弃"
    UNDONE = "UNDONE", "已撤销"


# --- What districts do in a year -------------------------------------------------------------------------------


class PolicyAdoptionKind(TextChoices):
    """Notice 四（一）: reported to the party committee and government, in the plan, in the appraisal."""

    REPORTED = "REPORTED", "向党委政府主动汇报"
    IN_DEVELOPMENT_PLAN = "IN_DEVELOPMENT_PLAN", "纳入经济社会发展总体规划"
    IN_APPRAISAL = "IN_APPRAISAL", "纳入政府目标责任考核体系"


class PolicyDocumentKind(TextChoices):
    NOTICE = "NOTICE", "通知、方案"
    STANDARD = "STANDARD", "评价标准、管理办法"
    IMPLEMENTING = "IMPLEMENTING", "贯彻落实文件"
    MECHANISM = "MECHANISM", "培育机制文件"


class TaskForceScope(TextChoices):
    """Notice 三（二）2: 分别成立专门工作小组."""

    ENTERPRISE = "ENTERPRISE", "企业培育"
    PARK_TOWNSHIP = "PARK_TOWNSHIP", "工业园区、乡镇（街道）培育"
    INDUSTRY = "INDUSTRY", "行业培育"
    OVERALL = "OVERALL", "统筹协调"


class WorkPlanState(TextChoices):
    DRAFT = "DRAFT", "拟订中"
    SUBMITTED = "SUBMITTED", "已报送"
    RETURNED = "RETURNED", "退回修改"
    ACCEPTED = "ACCEPTED", "已接收"


class Opinion(TextChoices):
    AGREE = "AGREE", "同意"
    RESERVE = "RESERVE", "保留意见"
    OBJECT = "OBJECT", "反对"


class WorkItemState(TextChoices):
    OPEN = "OPEN", "办理中"
    DONE = "DONE", "已办结"
    CANCELLED = "CANCELLED", "已取消"


class RosterState(TextChoices):
    DRAFT = "DRAFT", "拟订中"
    CONFIRMED = "CONFIRMED", "已确认"


class RosterChangeKind(TextChoices):
    ADDED = "ADDED", "增补"
    REMOVED = "REMOVED", "调出"


class PairingRole(TextChoices):
    LEAD = "LEAD", "主结对"
    ASSISTING = "ASSISTING", "协同结对"


class VisitMode(TextChoices):
    ON_SITE = "ON_SITE", "现场"
    PHONE = "PHONE", "电话"
    ONLINE = "ONLINE", "线上"


class VisitPurpose(TextChoices):
    GUIDANCE = "GUIDANCE", "指导"
    SUPERVISION = "SUPERVISION", "督导"
    RESEARCH = "RESEARCH", "调研"


class TrainingTopic(TextChoices):
    """The four groups of the notice, 三（二）1, and 其他."""

    LAW_AND_POLICY = "LAW_AND_POLICY", "劳动关系法律法规和相关政策"
    WAGES_AND_HOURS = "WAGES_AND_HOURS", "工资工时制度"
    DEMOCRACY_AND_BARGAINING = "DEMOCRACY_AND_BARGAINING", "企业民主管理制度和集体协商"
    DISPUTE_PREVENTION = "DISPUTE_PREVENTION", "劳动争议预防调解"
    OTHER = "OTHER", "其他"


class Audience(TextChoices):
    MANAGERS = "MANAGERS", "企业负责人"
    HR = "HR", "人力资源工作人员"


class AdvisoryTopic(TextChoices):
    CONTRACT = "CONTRACT", "劳动合同"
    PAY = "PAY", "劳动报酬"
    WORKING_TIME = "WORKING_TIME", "工时与休息休假"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE", "社会保险"
    SAFETY = "SAFETY", "劳动安全卫生"
    BARGAINING = "BARGAINING", "集体协商与民主管理"
    OTHER = "OTHER", "其他"


class AdvisoryOutcome(TextChoices):
    ANSWERED = "ANSWERED", "当场答复"
    FOLLOWED_UP = "FOLLOWED_UP", "跟进后办结"
    REFERRED = "REFERRED", "转其他部门"
    OPEN = "OPEN", "办理中"


class MediationTopic(TextChoices):
    PAY = "PAY", "劳动报酬"
    CONTRACT = "CONTRACT", "劳动合同解除终止"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE", "社会保险"
    INJURY = "INJURY", "工伤待遇"
    WORKING_TIME = "WORKING_TIME", "工时与休息休假"
    COLLECTIVE = "COLLECTIVE", "集体争议"
    OTHER = "OTHER", "其他"


class MediationOutcome(TextChoices):
    SETTLED = "SETTLED", "调解成功"
    NOT_SETTLED = "NOT_SETTLED", "调解不成"
    REFERRED = "REFERRED", "转仲裁或诉讼"
    OPEN = "OPEN", "调解中"


class CultureKind(TextChoices):
    ENTERPRISE_CULTURE = "ENTERPRISE_CULTURE", "企业文化建设"
    WORKER_CULTURE = "WORKER_CULTURE", "职工文化活动"
    WORKER_CARE = "WORKER_CARE", "关心关爱职工"


class MediaKind(TextChoices):
    """Notice 四（四）: 主流媒体、新媒体."""

    MAINSTREAM = "MAINSTREAM", "主流媒体"
    NEW_MEDIA = "NEW_MEDIA", "新媒体"
    OTHER = "OTHER", "其他方式"


class AwarenessMetric(TextChoices):
    """Notice 四（四）: 认知度、参与度、美誉度."""

    AWARENESS = "AWARENESS", "认知度"
    PARTICIPATION = "PARTICIPATION", "参与度"
    REPUTATION = "REPUTATION", "美誉度"


class IncentiveLevel(TextChoices):
    """Whom an incentive is for. Notice 三（三）: 省级达标 by 鲁人社函〔2021〕38号, 市级达标 by 枣人社字〔2022〕49号."""

    PROVINCE = "PROVINCE", "省级达标企业"
    CITY = "CITY", "市级达标企业"
    DISTRICT = "DISTRICT", "区（市）级达标企业"
    PARTICIPANT = "PARTICIPANT", "参与创建的企业"


class IncentiveKind(TextChoices):
    HONOR = "HONOR", "评先评优"
    CREDIT = "CREDIT", "信用和监管"
    FINANCE = "FINANCE", "财政金融"
    SERVICE = "SERVICE", "政务服务"
    OTHER = "OTHER", "其他"


class PartnerKind(TextChoices):
    ASSOCIATION = "ASSOCIATION", "行业协会"
    CHAMBER = "CHAMBER", "商会"
    INDUSTRY_UNION = "INDUSTRY_UNION", "行业工会"
    OTHER = "OTHER", "其他组织"


class PilotProgressKind(TextChoices):
    """Notice 三（二）3: chosen and guided 2023, widened and summed up 2024, spread 2025–2027."""

    PROGRESS = "PROGRESS", "进展"
    SUMMARY = "SUMMARY", "试点经验总结"
    SPREAD = "SPREAD", "推广应用"


class GuideState(TextChoices):
    DRAFT = "DRAFT", "起草中"
    ISSUED = "ISSUED", "已印发"


class FigurePeriod(TextChoices):
    YEAR = "YEAR", "全年"
    FIRST_HALF = "FIRST_HALF", "上半年"
    SECOND_HALF = "SECOND_HALF", "下半年"
    Q1 = "Q1", "第一季度"
    Q2 = "Q2", "第二季度"
    Q3 = "Q3", "第三季度"
    Q4 = "Q4", "第四季度"


class TransferState(TextChoices):
    REQUESTED = "REQUESTED", "待对方接收"
    ACCEPTED = "ACCEPTED", "已划转"
    REFUSED = "REFUSED", "已退回"
    WITHDRAWN = "WITHDRAWN", "已撤回"


class CorrectionArea(TextChoices):
    """What a 更正 of a closed year opens."""

    ROSTER = "ROSTER", "培育名单和参与创建"
    ASSESSMENT = "ASSESSMENT", "自评和核验"
    LEDGER = "LEDGER", "工作台账和统计指标"


class CorrectionState(TextChoices):
    REQUESTED = "REQUESTED", "待市级答复"
    CONSENTED = "CONSENTED", "已同意，办理中"
    REFUSED = "REFUSED", "未同意"
    WITHDRAWN = "WITHDRAWN", "已撤回"
    DONE = "DONE", "已办结"


class BackfillMatter(TextChoices):
    """What of a year in which the portal was in use may be entered from paper once the city consents."""

    ANNUAL_REPORT = "ANNUAL_REPORT", "年度书面报告"
    WORK_PLAN = "WORK_PLAN", "工作方案"
    ROSTER = "ROSTER", "重点培育名单"

    @property
    def after_year(self) -> str:
        """Behind 「2026年度」: 书面报告."""
        return str(self.label).removeprefix("年度")


class BackfillState(TextChoices):
    ASKED = "ASKED", "待市级同意"
    CONSENTED = "CONSENTED", "市级已同意"
    REFUSED = "REFUSED", "市级未同意"
    REVOKED = "REVOKED", "市级已撤销"


class SubjectEvent(TextChoices):
    RENAMED = "RENAMED", "更名"
    MOVED = "MOVED", "划转"
    MERGED = "MERGED", "合并"
    DEREGISTERED = "DEREGISTERED", "注销"
    REINSTATED = "REINSTATED", "恢复在册"


class HolidayKind(TextChoices):
    HOLIDAY = "HOLIDAY", "放假"
    WORKDAY = "WORKDAY", "调休上班"


class RiskClass(TextChoices):
    """风险等级: the class of 信用风险分类 an authority gave (A low … D high); a subject without one has none."""

    A = "A", "A级"
    B = "B", "B级"
    C = "C", "C级"
    D = "D", "D级"


class MergeCodes(TextChoices):
    """Why two records with different credit codes are one subject all the same; kept in the audit entry."""

    RENEWED = "RENEWED", "同一企业，代码变更过（如换照、改制）"
    MISTYPED = "MISTYPED", "同一企业，其中一个代码录错"
    ABSORBED = "ABSORBED", "两家企业已吸收合并，由保留的企业承继"
