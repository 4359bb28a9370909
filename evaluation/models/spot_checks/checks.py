"""抽查: one checked unit, its team, its lines (design §4a). A district's check is 落实情况检查 (DistrictInspection)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.models import Subject
from evaluation.enums import (
    CheckKind,
    CheckState,
    Conclusion,
    DifferenceReason,
    Hindrance,
    ItemReason,
    Judgement,
    LineKind,
    Qualification,
    Selection,
    Severity,
)
from evaluation.models.assessments import Assessment
from evaluation.models.spot_checks.inspectors import Inspector
from evaluation.models.spot_checks.rounds import SpotCheckRound, reads_district
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_C = CheckState
# A provisional conclusion stands on the check from here on.
_JUDGED = [_C.PROVISIONAL, _C.ANSWERED, _C.CONCLUDED]
# The unit knows of its check from here on.
TOLD = [_C.NOTIFIED, _C.UNDER_WAY, *_JUDGED]
# Work lies with the team.
WITH_TEAM = [_C.ASSIGNED, _C.NOTIFIED, _C.UNDER_WAY, _C.PROVISIONAL, _C.ANSWERED]


class SpotCheckQuerySet(models.QuerySet["SpotCheck"]):
    def visible_to(self, actor: Actor) -> SpotCheckQuerySet:
        """City: all. District and its leaders: its own, once drawn. Contact: its subject's, once told. Others: none.

        What an inspector may open as inspector is `inspected_by`, apart from this.
        """
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(subject_id=actor.subject_id, subject_id__isnull=False, state__in=TOLD)
        district = reads_district(actor)
        return self.filter(organization_id=district.pk) if district else self.none()

    def inspected_by(self, user: User) -> SpotCheckQuerySet:
        """The checks this person's team holds now: from being assigned until the conclusion, not after being replaced."""
        team = TeamMember.objects.filter(inspector__user=user, until_at__isnull=True)
        return self.filter(state__in=WITH_TEAM, pk__in=team.values("check_record_id"))

    def open(self) -> SpotCheckQuerySet:
        """Not concluded and not replaced by a reserve."""
        return self.exclude(state__in=[_C.CONCLUDED, _C.SKIPPED])


class SpotCheck(models.Model):
    """One unit of a round and what was found there.

    `code` and `name` are as of the draw. `ticket`, `stratum`, `position` copy the population's row for RANDOM and
    RESERVE. A skipped one keeps its reason and names the reserve that entered (`replaced_by`).
    """

    round = models.ForeignKey(SpotCheckRound, models.PROTECT, related_name="checks", verbose_name="抽查批次")
    number = models.CharField("编号", max_length=30, unique=True)
    kind = models.CharField("类别", max_length=10, choices=CheckKind)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="spot_checks", verbose_name="区（市）"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, blank=True, related_name="spot_checks", verbose_name="培育对象"
    )
    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=120)
    selection = models.CharField("抽取方式", max_length=10, choices=Selection)
    selection_classes = models.JSONField("按类理由", default=list)
    selection_reason = models.CharField("理由", max_length=300, blank=True)
    signer = models.CharField("指定签发人", max_length=40, blank=True)
    stratum = models.CharField("层", max_length=60, blank=True)
    ticket = models.CharField("票号", max_length=64, blank=True)
    position = models.PositiveIntegerField("次序", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=CheckState, default=CheckState.SELECTED)
    skip_reason = models.CharField("未检理由", max_length=300, blank=True)
    replaced_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces", verbose_name="递补"
    )
    excluded_inspectors = models.JSONField("回避的检查人员", default=list)

    # The assessment whose items are judged; empty when none was handed in.
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="spot_checks", verbose_name="自评"
    )
    planned_on = models.DateField("计划检查日期", null=True, blank=True)
    notified_at = models.DateTimeField("通知时间", null=True, blank=True)
    began_at = models.DateTimeField("开始检查时间", null=True, blank=True)
    visited_on = models.DateField("检查日期", null=True, blank=True)
    place = models.CharField("检查地点", max_length=120, blank=True)
    manners = models.JSONField("检查方式", default=list)
    interview_count = models.PositiveIntegerField("访谈人数", null=True, blank=True)
    questionnaire_count = models.PositiveIntegerField("问卷份数", null=True, blank=True)
    papers_seen = BoundedTextField("查阅材料", max_length=2000, blank=True)
    unit_statement = BoundedTextField("被检查单位意见", max_length=2000, blank=True)
    unit_signer = models.CharField("被检查单位签字人", max_length=40, blank=True)
    # Nobody could be met, or the unit refused: itself a result, with what was tried, when and before whom.
    hindrance = models.CharField("未能检查", max_length=12, choices=Hindrance, blank=True)
    hindrance_words = models.CharField("未能检查的经过", max_length=300, blank=True)
    # Of the fields of the visit above: two phones fill them in, beside whatever else moves the check.
    visit_revision = models.PositiveIntegerField(default=0, editable=False)

    proposed_conclusion = models.CharField("初步结论", max_length=24, choices=Conclusion, blank=True)
    proposed_words = BoundedTextField("初步结论说明", max_length=MAX_COMMENT, blank=True)
    proposed_at = models.DateTimeField("初步结论时间", null=True, blank=True)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="初步结论人"
    )
    answer_due_on = models.DateField("反馈截止", null=True, blank=True)
    answer = BoundedTextField("反馈意见", max_length=2000, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="反馈人"
    )
    conclusion = models.CharField("结论", max_length=24, choices=Conclusion, blank=True)
    conclusion_words = BoundedTextField("结论说明", max_length=MAX_COMMENT, blank=True)
    # [code, name] of the standard's vetoes that were found: named with 触发否决, written into the assessment with it.
    vetoes = models.JSONField("否决情形", default=list)
    concluded_at = models.DateTimeField("结论时间", null=True, blank=True)
    concluded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="结论人"
    )
    # 结果 of the assessment (Qualification) before the conclusion was written into it and after: a pass lost is shown.
    qualification_before = models.CharField("写入前结果", max_length=12, choices=Qualification, blank=True)
    qualification_after = models.CharField("写入后结果", max_length=12, choices=Qualification, blank=True)
    # True once the conclusion was written into the assessment's CITY layer.
    written_to_assessment = models.BooleanField("写入认定", default=False)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField("更新时间")

    objects = SpotCheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering = ["round_id", "kind", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=CheckKind.DISTRICT, subject__isnull=True, selection=Selection.UNIT)
                | (Q(kind=CheckKind.SUBJECT, subject__isnull=False) & ~Q(selection=Selection.UNIT)),
                name="spot_check_kind_has_unit",
            ),
            models.UniqueConstraint(
                fields=["round", "organization"],
                condition=Q(kind=CheckKind.DISTRICT),
                name="one_inspection_per_district",
            ),
            models.UniqueConstraint(
                fields=["round", "subject"], condition=Q(subject__isnull=False), name="one_check_per_subject"
            ),
            models.CheckConstraint(
                condition=~Q(selection__in=[Selection.RANDOM, Selection.RESERVE])
                | Q(backfilled=True)
                | (~Q(ticket="") & Q(position__isnull=False)),
                name="random_check_has_ticket",
            ),
            models.CheckConstraint(
                condition=~Q(selection=Selection.NAMED) | (~Q(selection_reason="") & ~Q(signer="")),
                name="named_check_has_reason",
            ),
            models.CheckConstraint(
                condition=(Q(state=_C.SKIPPED) & ~Q(skip_reason=""))
                | (~Q(state=_C.SKIPPED) & Q(skip_reason="", replaced_by__isnull=True)),
                name="skipped_check_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_JUDGED, proposed_at__isnull=False) & ~Q(proposed_conclusion="")
                | (~Q(state__in=_JUDGED) & Q(proposed_at__isnull=True, proposed_conclusion="")),
                name="spot_check_proposed",
            ),
            models.CheckConstraint(
                condition=Q(state=_C.CONCLUDED, concluded_at__isnull=False) & ~Q(conclusion="")
                | (~Q(state=_C.CONCLUDED) & Q(concluded_at__isnull=True, conclusion="")),
                name="spot_check_concluded",
            ),
            models.CheckConstraint(
                condition=Q(written_to_assessment=False) | Q(state=_C.CONCLUDED, assessment__isnull=False),
                name="spot_check_written",
            ),
            # Four eyes: who proposes does not conclude.
            models.CheckConstraint(
                condition=Q(concluded_by__isnull=True)
                | Q(proposed_by__isnull=True)
                | ~Q(concluded_by=F("proposed_by")),
                name="spot_check_concluded_by_another",
            ),
            models.CheckConstraint(
                condition=Q(hindrance="") | ~Q(hindrance_words=""), name="spot_check_hindrance_has_words"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="spot_check_of_district"),
            models.Index(fields=["subject", "-id"], name="spot_check_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def lost_pass(self) -> bool:
        """达到标准 before this check's conclusion, not any more after it."""
        passed = Qualification.PASSED
        return self.qualification_before == passed and self.qualification_after not in ("", passed)


class TeamMember(models.Model):
    """检查组成员: drawn, or put in by a change with its reason. Replaced ones keep their row with `until_at`."""

    check_record = models.ForeignKey(SpotCheck, models.CASCADE, related_name="team", verbose_name="抽查")
    inspector = models.ForeignKey(Inspector, models.PROTECT, related_name="teams", verbose_name="检查人员")
    lead = models.BooleanField("主检", default=False)
    ticket = models.CharField("票号", max_length=64, blank=True)
    from_at = models.DateTimeField("派出时间")
    until_at = models.DateTimeField("换下时间", null=True, blank=True)
    change_reason = models.CharField("更换理由", max_length=200, blank=True)
    signed_at = models.DateTimeField("签字时间", null=True, blank=True)
    signed_on_paper = models.BooleanField("纸质签字", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "检查组成员"
        ordering = ["check_record_id", "-lead", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["check_record", "inspector"],
                condition=Q(until_at__isnull=True),
                name="unique_team_member",
            ),
            models.UniqueConstraint(
                fields=["check_record"],
                condition=Q(until_at__isnull=True, lead=True),
                name="one_lead_inspector",
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | ~Q(change_reason=""), name="replaced_member_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inspector}{'（主检）' if self.lead else ''}"


class CheckLine(models.Model):
    """One line of the checklist or of the item sample: what was seen and what it was judged to be.

    `facts` is the snapshot of the records [label, value, address] as of the day; `value` the answer judged on site in
    the form of an answer of the set, `mark` hundredths of a point. `item_reason` is kept from sight until judged.
    """

    check_record = models.ForeignKey(SpotCheck, models.CASCADE, related_name="lines", verbose_name="抽查")
    kind = models.CharField("种类", max_length=10, choices=LineKind)
    code = models.CharField("编号", max_length=20)
    position = models.PositiveSmallIntegerField("次序")
    title = models.CharField("检查事项", max_length=200)
    item_reason = models.CharField("抽取理由", max_length=12, choices=ItemReason, blank=True)
    facts = models.JSONField("记录中的事实", default=list)

    judgement = models.CharField("判断", max_length=14, choices=Judgement, blank=True)
    seen = BoundedTextField("所见事实", max_length=MAX_COMMENT, blank=True)
    said_by = models.CharField("何人陈述", max_length=100, blank=True)
    severity = models.CharField("性质", max_length=6, choices=Severity, blank=True)
    papers = models.CharField("查阅材料", max_length=300, blank=True)
    evidence_of = models.DateField("佐证所属日期", null=True, blank=True)
    value = models.JSONField("现场核定值", null=True, blank=True)
    mark = models.IntegerField("现场得分（百分之一分）", null=True, blank=True)
    difference_reason = models.CharField("差异原因", max_length=24, choices=DifferenceReason, blank=True)
    difference_words = models.CharField("差异说明", max_length=300, blank=True)
    judged_at = models.DateTimeField("判断时间", null=True, blank=True)
    judged_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="判断录入人"
    )
    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "检查事项"
        ordering = ["check_record_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["check_record", "code"], name="unique_check_line"),
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judgement="")
                | (Q(judged_at__isnull=False) & ~Q(judgement="")),
                name="judged_line_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(
                    judgement__in=[Judgement.NOT_MET, Judgement.UNVERIFIABLE, Judgement.NO_CONSENSUS]
                )
                | ~Q(seen=""),
                name="adverse_line_has_facts",
            ),
            models.CheckConstraint(
                condition=~Q(judgement=Judgement.NOT_MET) | ~Q(severity=""), name="unmet_line_has_severity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class LineSave(models.Model):
    """One save that reached the server, by the id the phone gave it: the same save again answers the same and writes nothing.

    Of a line, or (`check_record`) of what is written about the visit as a whole.
    """

    uid = models.UUIDField("保存编号", unique=True)
    line = models.ForeignKey(
        CheckLine, models.CASCADE, null=True, related_name="saves", verbose_name="检查事项"
    )
    check_record = models.ForeignKey(
        SpotCheck, models.CASCADE, null=True, related_name="visit_saves", verbose_name="抽查"
    )
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")
    revision = models.PositiveIntegerField("保存后版次")
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = verbose_name_plural = "检查事项保存"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(line__isnull=False, check_record__isnull=True)
                | Q(line__isnull=True, check_record__isnull=False),
                name="line_save_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line or self.check_record} 第{self.revision}版"


class TeamDraw(models.Model):
    """One run of 派组: everything the pairing was computed from and what came of it, never changed afterwards.

    `inspectors`: [{staff_number, name, party, district, ticket, assigned}] by ticket; `checks`: [{id, name, district,
    team: [lead, second] (staff numbers, empty when there was no pair), refused, interests: [{staff_number, target,
    reason, words}]}] in the order in which they were served. The minutes are printed from it, and it gives the same
    teams again (rules.spot_checks.inspectors.assign_teams).
    """

    round = models.ForeignKey(
        SpotCheckRound, models.CASCADE, related_name="team_draws", verbose_name="抽查批次"
    )
    number = models.PositiveSmallIntegerField("次序")
    inspectors = models.JSONField("检查人员")
    checks = models.JSONField("检查对象")
    drawn_at = models.DateTimeField("派组时间")
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="操作人")

    class Meta:
        verbose_name = verbose_name_plural = "派组记录"
        ordering = ["round_id", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="unique_team_draw")]

    def __str__(self) -> str:
        return f"{self.round} 第{self.number}次派组"
