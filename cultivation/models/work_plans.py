"""工作方案 with the six parts of the notice, 责任分解, and 三方（四家）会签 of plans and rosters."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.enums import Opinion, RosterState, WorkItemState, WorkPlanState
from cultivation.models.campaign import CampaignYear
from cultivation.models.records import LIVE, Record, RecordQuerySet
from zaozhuang_portal.accounts.models import MemberUnit, Organization, Seat, User
from zaozhuang_portal.kernel.bounds import BoundedTextField


class WorkPlan(Record):
    """One district's plan of one year. The six parts are those of notice 三（二）2 (C066–C071)."""

    title = models.CharField("方案名称", max_length=160)
    objectives = BoundedTextField("目标任务", max_length=20_000, blank=True)
    cultivated_subjects = BoundedTextField("培育对象", max_length=20_000, blank=True)
    methods = BoundedTextField("培育方式", max_length=20_000, blank=True)
    schedule = BoundedTextField("时间安排", max_length=20_000, blank=True)
    implementation = BoundedTextField("组织实施", max_length=20_000, blank=True)
    responsibilities = BoundedTextField("责任分工", max_length=20_000, blank=True)
    document_number = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("印发日期", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=WorkPlanState, default=WorkPlanState.DRAFT)
    # The first stays when the plan comes back and is handed in again.
    first_submitted_at = models.DateTimeField("首次报送时间", null=True, blank=True)
    submitted_at = models.DateTimeField("最近报送时间", null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("接收或退回时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.CharField("退回理由", max_length=300, blank=True)
    return_due_on = models.DateField("修改截止", null=True, blank=True)
    text_changed_at = models.DateTimeField("内容修改时间", null=True, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "工作方案"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "year"], condition=LIVE, name="unique_plan_of_year"
            ),
            models.CheckConstraint(
                condition=Q(state=WorkPlanState.DRAFT) | Q(submitted_at__isnull=False),
                name="submitted_plan_has_date",
            ),
            models.CheckConstraint(
                condition=Q(first_submitted_at__isnull=True, submitted_at__isnull=True)
                | Q(first_submitted_at__isnull=False, submitted_at__gte=F("first_submitted_at")),
                name="plan_first_submission",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[WorkPlanState.RETURNED, WorkPlanState.ACCEPTED])
                | Q(decided_at__isnull=False),
                name="decided_plan_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=WorkPlanState.RETURNED) | ~Q(return_reason=""),
                name="returned_plan_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class WorkItem(Record):
    """责任分解: one task with one lead, one date (notice 四（二）, C102–C104). Standing duties of 四（三） are seeded.

    `lead_unit` when the unit is in the portal, else `lead_name`. `progress` in percent 0–100.
    """

    title = models.CharField("任务", max_length=200)
    clause = models.CharField("依据", max_length=60, blank=True)
    lead_unit = models.ForeignKey(
        MemberUnit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_work_items",
        verbose_name="牵头单位",
    )
    lead_name = models.CharField("牵头单位（其他）", max_length=80, blank=True)
    participating_units = models.ManyToManyField(
        MemberUnit, blank=True, related_name="joined_work_items", verbose_name="参加单位"
    )
    # The same units in one line, for import, export and paper; whoever writes the one writes the other.
    participating_words = models.CharField("参加单位", max_length=600, blank=True)
    responsible_person = models.CharField("责任人", max_length=40, blank=True)
    responsible_user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="work_items", verbose_name="责任人账号"
    )
    due_on = models.DateField("完成时限")
    supporting_measures = BoundedTextField("保障措施", max_length=4000, blank=True)
    progress = models.PositiveSmallIntegerField("进度（%）", default=0)
    progress_note = BoundedTextField("进展情况", max_length=4000, blank=True)
    state = models.CharField("状态", max_length=12, choices=WorkItemState, default=WorkItemState.OPEN)
    done_on = models.DateField("办结日期", null=True, blank=True)
    cancel_reason = models.CharField("取消理由", max_length=200, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "责任分解"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "year", "title"], condition=LIVE, name="unique_work_item_title"
            ),
            models.CheckConstraint(
                condition=Q(lead_unit__isnull=False) | ~Q(lead_name=""), name="work_item_has_lead"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="work_item_progress_percent"),
            models.CheckConstraint(
                condition=~Q(state=WorkItemState.DONE) | Q(done_on__isnull=False),
                name="done_work_item_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state=WorkItemState.CANCELLED) | ~Q(cancel_reason=""),
                name="cancelled_work_item_has_reason",
            ),
        ]
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["state", "due_on"], condition=LIVE, name="work_item_due"),
        ]

    def __str__(self) -> str:
        return self.title


class CultivationRoster(models.Model):
    """重点培育名单 of a district and year as a paper: what is countersigned and issued. Its rows are the enrollments.

    `revision` rises with every change after the confirmation, so that a signature shows which list it stands under.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="管理单位")
    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="rosters", verbose_name="年度")
    state = models.CharField("状态", max_length=12, choices=RosterState, default=RosterState.DRAFT)
    revision = models.PositiveIntegerField("版次", default=0)
    document_number = models.CharField("文号", max_length=60, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    # When it was changed last: a figure of an earlier day reads what was known then (RowVersion).
    changed_at = models.DateTimeField("更新时间", null=True, blank=True, editable=False)
    # Set when the city received the district's report of the year: what was reported no longer changes by itself.
    sealed_at = models.DateTimeField("封存时间", null=True, blank=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点培育名单"
        ordering = ["-year_id", "organization_id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "year"], name="unique_roster_of_year"),
            models.CheckConstraint(
                condition=~Q(state=RosterState.CONFIRMED) | Q(confirmed_at__isnull=False),
                name="confirmed_roster_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}{self.year}重点培育名单"


class Countersignature(models.Model):
    """三方（四家）会签: one seat's opinion on one plan or roster. Online by the seat's own person, or 线下会签 代录.

    `signed_version` is the plan's version (the roster's revision) that was signed, `signed_state` the state the paper
    was in, `signed_marks` the fingerprints of a plan's texts then (rules.work_plans.text_marks).
    """

    plan = models.ForeignKey(
        WorkPlan,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="countersignatures",
        verbose_name="工作方案",
    )
    roster = models.ForeignKey(
        CultivationRoster,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="countersignatures",
        verbose_name="重点培育名单",
    )
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+", verbose_name="席位")
    opinion = models.CharField("意见", max_length=8, choices=Opinion)
    comment = models.CharField("说明", max_length=300, blank=True)
    signed_by = models.CharField("签署人", max_length=40)
    signed_on = models.DateField("签署日期")
    signed_version = models.PositiveIntegerField("所签版次")
    signed_state = models.CharField("会签时状态", max_length=12, blank=True)
    signed_marks = models.JSONField("会签时内容指纹", default=dict, blank=True)
    offline = models.BooleanField("线下会签", default=False)
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    entered_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "会签"
        ordering = ["seat_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(plan__isnull=False, roster__isnull=True)
                | Q(plan__isnull=True, roster__isnull=False),
                name="countersignature_of_one_paper",
            ),
            models.UniqueConstraint(
                fields=["plan", "seat"], condition=Q(plan__isnull=False), name="one_signature_per_plan_seat"
            ),
            models.UniqueConstraint(
                fields=["roster", "seat"],
                condition=Q(roster__isnull=False),
                name="one_signature_per_roster_seat",
            ),
            models.CheckConstraint(
                condition=Q(opinion=Opinion.AGREE) | ~Q(comment=""), name="dissent_has_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}：{self.get_opinion_display()}"
