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
