"""行业试点 and industry work outside pilots: notice 二（三）, 三（二）3, 四（二） (C035–C040, C076–C082, C106).

A pilot is a Subject of kind INDUSTRY_PILOT; everything here hangs on one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cultivation.enums import GuideState, PartnerKind, PilotProgressKind, SizeClass
from cultivation.models.records import LIVE, DatedRecord, Record, SharedRecordQuerySet, subject_key
from cultivation.models.subjects import Subject
from zaozhuang_portal.kernel.bounds import BoundedTextField


class PilotPartner(Record):
    """行业协会、商会、行业工会 that carry a pilot together with the tripartite bodies (C076). No account needed."""

    pilot = models.ForeignKey(Subject, models.PROTECT, related_name="partners", verbose_name="行业试点")
    kind = models.CharField("类别", max_length=16, choices=PartnerKind)
    name = models.CharField("名称", max_length=100)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    contribution = BoundedTextField("作用发挥", max_length=4000, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "行业协会、商会、行业工会"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["pilot", "name"], condition=LIVE, name="unique_partner_of_pilot"),
        ]

    def __str__(self) -> str:
        return self.name


class IndustryAuthority(Record):
    """相关行业主管部门 of a pilot (C082)."""

    pilot = models.ForeignKey(Subject, models.PROTECT, related_name="authorities", verbose_name="行业试点")
    name = models.CharField("部门名称", max_length=100)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    duties = BoundedTextField("职责", max_length=4000, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "行业主管部门"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["pilot", "name"], condition=LIVE, name="unique_authority_of_pilot"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PilotMember(Record):
    """A firm of the piloted industry, counted by size (C077). `subject` when it is in the register."""

    pilot = models.ForeignKey(Subject, models.PROTECT, related_name="members", verbose_name="行业试点")
    subject = subject_key("pilot_memberships", required=False)
    name = models.CharField("企业名称", max_length=120)
    size_class = models.CharField("企业规模", max_length=10, choices=SizeClass, blank=True)
    employee_count = models.PositiveIntegerField("职工人数", null=True, blank=True)
    joined_on = models.DateField("加入日期", null=True, blank=True)
    left_on = models.DateField("退出日期", null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "试点行业企业"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(fields=["pilot", "name"], condition=LIVE, name="unique_member_of_pilot"),
            models.UniqueConstraint(
                fields=["pilot", "subject"],
                condition=LIVE & Q(subject__isnull=False),
                name="unique_member_subject_of_pilot",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PilotProgress(DatedRecord):
    """进展、总结、推广 of a pilot. The four standards of 二（三） are answered where they were reached (C035–C038).

    The 2024 summary of the pilots is a deliverable with a date (C080).
    """

    pilot = models.ForeignKey(Subject, models.PROTECT, related_name="progress", verbose_name="行业试点")
    kind = models.CharField("类别", max_length=12, choices=PilotProgressKind)
    title = models.CharField("标题", max_length=160)
    content = BoundedTextField("内容", max_length=4000)
    mechanism_sound = models.BooleanField("创建机制健全", default=False)
    bargaining_effective = models.BooleanField("协商协调成效明显", default=False)
    firms_compliant = models.BooleanField("行业企业总体规范", default=False)
    disputes_settled = models.BooleanField("矛盾调处顺畅有效", default=False)
    document_number = models.CharField("文号", max_length=60, blank=True)
    spread_to = models.CharField("推广到", max_length=160, blank=True)

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "试点进展与总结"

    def __str__(self) -> str:
        return self.title


class IndustryAction(DatedRecord):
    """行业系统 building harmonious labor relations outside the pilots (C106)."""

    industry_code = models.CharField("所属行业", max_length=4)
    title = models.CharField("行动名称", max_length=160)
    lead = models.CharField("牵头单位", max_length=100)
    content = BoundedTextField("内容", max_length=4000)
    firms_reached = models.PositiveIntegerField("覆盖企业（家）", null=True, blank=True)

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "行业和谐行动"

    def __str__(self) -> str:
        return self.title


class IndustryGuide(Record):
    """行业和谐劳动关系构建和评价指引 (C040)."""

    industry_code = models.CharField("所属行业", max_length=4)
    title = models.CharField("指引名称", max_length=160)
    state = models.CharField("状态", max_length=8, choices=GuideState, default=GuideState.DRAFT)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    content = BoundedTextField("主要内容", max_length=4000, blank=True)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "行业指引"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "title"], condition=LIVE, name="unique_guide_title"
            ),
            models.CheckConstraint(
                condition=~Q(state=GuideState.ISSUED) | Q(issued_on__isnull=False),
                name="issued_guide_has_date",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FieldStudy(DatedRecord):
    """调研 (C039), and the guide it led to (C040)."""

    title = models.CharField("调研课题", max_length=160)
    industry_code = models.CharField("所属行业", max_length=4, blank=True)
    subject = subject_key("field_studies", required=False)
    places = models.CharField("调研地点和单位", max_length=200, blank=True)
    participants = models.CharField("参加人员", max_length=200, blank=True)
    findings = BoundedTextField("发现和建议", max_length=4000)
    guide = models.ForeignKey(
        IndustryGuide,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="studies",
        verbose_name="形成的行业指引",
    )

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "调研"

    def __str__(self) -> str:
        return self.title
