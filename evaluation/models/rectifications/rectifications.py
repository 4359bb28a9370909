"""整改: 待下达 → 整改中 → 待复查 → 已销号 | 未通过 → 整改中; 延期, 异议 (once), 撤销 with reasons."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.models import CampaignYear, Subject
from evaluation.enums import AskState, ObjectionGround, RectificationState
from evaluation.models.rectifications.findings import Finding
from evaluation.models.spot_checks.checks import TeamMember
from evaluation.models.spot_checks.rounds import reads_district
from evaluation.rules.lengths import MAX_COMMENT
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField
from zaozhuang_portal.kernel.lengths import shortened

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_R = RectificationState
# Not closed and not withdrawn: stands at district, city and in the report until it is.
OPEN_RECTIFICATIONS = [_R.DRAFTED, _R.IN_PROGRESS, _R.AWAITING_RECHECK, _R.NOT_PASSED]
# Lies with the unit.
WITH_UNIT = [_R.IN_PROGRESS, _R.NOT_PASSED]


class RectificationQuerySet(models.QuerySet["Rectification"]):
    def visible_to(self, actor: Actor) -> RectificationQuerySet:
        """City: all. District and its leaders: its own and its subjects', once issued. Contact: the own subject's.

        What the 主检 of the check it came from may open to re-check is `rechecked_by`, apart from this.
        """
        if actor.sees_whole_city:
            return self
        issued = self.filter(issued_at__isnull=False)
        if actor.role == Role.SUBJECT_CONTACT:
            return issued.filter(subject_id=actor.subject_id, subject_id__isnull=False)
        district = reads_district(actor)
        return issued.filter(organization_id=district.pk) if district else self.none()

    def rechecked_by(self, user: User) -> RectificationQuerySet:
        """Those of checks this person leads (主检), from the order on."""
        led = TeamMember.objects.filter(inspector__user=user, until_at__isnull=True, lead=True)
        return self.filter(issued_at__isnull=False, finding__check_record__in=led.values("check_record_id"))

    def open(self) -> RectificationQuerySet:
        return self.filter(state__in=OPEN_RECTIFICATIONS)

    def overdue(self, today: date) -> RectificationQuerySet:
        """逾期: past the last day of the term, and it stays so until closed or withdrawn (Rectification.is_overdue)."""
        return self.open().filter(due_on__lt=today)


class Rectification(models.Model):
    """One 整改通知书 about one finding. `due_on` moves only by a granted extension; overdue never disappears."""

    year = models.ForeignKey(CampaignYear, models.PROTECT, related_name="rectifications", verbose_name="年度")
    finding = models.OneToOneField(
        Finding, models.PROTECT, related_name="rectification", verbose_name="发现问题"
    )
    # NULL until issued: keeps the unique constraint off drafts.
    number = models.CharField("文号", max_length=60, null=True, blank=True, unique=True)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="rectifications", verbose_name="区（市）"
    )
    subject = models.ForeignKey(
        Subject, models.PROTECT, null=True, blank=True, related_name="rectifications", verbose_name="培育对象"
    )
    state = models.CharField("状态", max_length=18, choices=RectificationState, default=_R.DRAFTED)
    requirement = BoundedTextField("整改要求", max_length=MAX_COMMENT)
    criterion = BoundedTextField("销号标准", max_length=MAX_COMMENT)
    consequence = models.CharField("逾期后果", max_length=300)
    reporting_way = models.CharField("报送方式", max_length=200, blank=True)
    term_days = models.PositiveSmallIntegerField("期限（工作日）")
    issued_on = models.DateField("下达日期", null=True, blank=True)
    issued_at = models.DateTimeField("下达时间", null=True, blank=True)
    issued_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="下达人"
    )
    due_on = models.DateField("整改截止", null=True, blank=True)
    # Who of the unit sees to it: who registered the first measure, until the unit names another.
    responsible_user = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rectifications",
        verbose_name="整改责任人账号",
    )
    submitted_at = models.DateTimeField("报送复查时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    closed_at = models.DateTimeField("销号时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销号批准人"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    withdrawal = models.CharField("撤销理由", max_length=300, blank=True)
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")
    updated_at = models.DateTimeField("更新时间")

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=_R.DRAFTED, issued_at__isnull=True, number__isnull=True)
                | Q(state=_R.WITHDRAWN)
                | (
                    ~Q(state__in=[_R.DRAFTED, _R.WITHDRAWN])
                    & Q(issued_at__isnull=False, number__isnull=False, due_on__isnull=False)
                ),
                name="rectification_issued",
            ),
            models.CheckConstraint(
                condition=Q(state=_R.CLOSED, closed_at__isnull=False)
                | (~Q(state=_R.CLOSED) & Q(closed_at__isnull=True)),
                name="rectification_closed",
            ),
            models.CheckConstraint(
                condition=(Q(state=_R.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawal=""))
                | (~Q(state=_R.WITHDRAWN) & Q(withdrawn_at__isnull=True, withdrawal="")),
                name="rectification_withdrawn",
            ),
            # Four eyes: who hands in does not close.
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(closed_by=F("submitted_by")),
                name="rectification_closed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""),
                name="backfilled_rectification_has_source",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "due_on"], name="rectification_of_district"),
            models.Index(fields=["subject", "state"], name="rectification_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '待下达'} {self.finding.title}"

    @property
    def unit(self) -> str:
        """The name of the addressee. Wants organization and subject loaded."""
        return self.subject.name if self.subject else self.organization.name

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RECTIFICATIONS

    def is_overdue(self, today: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < today


class RectificationMeasure(models.Model):
    """整改措施: what, by whom, until when; proof hangs at it as files with the date the evidence is of."""

    rectification = models.ForeignKey(
        Rectification, models.CASCADE, related_name="measures", verbose_name="整改"
    )
    words = BoundedTextField("措施", max_length=1000)
    person = models.CharField("责任人", max_length=40)
    due_on = models.DateField("完成时限")
    done_on = models.DateField("完成日期", null=True, blank=True)
    result = BoundedTextField("完成情况", max_length=1000, blank=True)
    evidence_of = models.DateField("佐证所属日期", null=True, blank=True)
    # Carried out and handed in for a re-check: neither words nor files change any more, further ones are added.
    handed_in = models.BooleanField("已报送", default=False)
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "整改措施"
        ordering = ["rectification_id", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | ~Q(result=""), name="done_measure_has_result"
            ),
            models.CheckConstraint(
                condition=Q(handed_in=False) | Q(done_on__isnull=False), name="handed_in_measure_is_done"
            ),
        ]

    def __str__(self) -> str:
        return shortened(self.words, 40)

    @property
    def proof_target(self) -> str:
        """Where the page lists its files."""
        return f"#proof-{self.pk}"


class RectificationRecheck(models.Model):
    """复查: by someone who neither repaired nor belongs to the unit."""

    rectification = models.ForeignKey(
        Rectification, models.CASCADE, related_name="rechecks", verbose_name="整改"
    )
    passed = models.BooleanField("通过")
    way = models.CharField("复查方式", max_length=100)
    words = BoundedTextField("复查意见", max_length=MAX_COMMENT)
    checked_on = models.DateField("复查日期")
    checked_at = models.DateTimeField("登记时间")
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="复查人")

    class Meta:
        verbose_name = verbose_name_plural = "整改复查"
        ordering = ["rectification_id", "id"]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="recheck_has_words")]

    def __str__(self) -> str:
        return "通过" if self.passed else "未通过"


class RectificationExtension(models.Model):
    """延期: asked by the unit, answered by the city; the term moves only when granted."""

    rectification = models.ForeignKey(
        Rectification, models.CASCADE, related_name="extensions", verbose_name="整改"
    )
    until = models.DateField("申请延至")
    reason = models.CharField("延期理由", max_length=300)
    state = models.CharField("状态", max_length=8, choices=AskState, default=AskState.PENDING)
    asked_at = models.DateTimeField("申请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请人")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    decision = models.CharField("答复", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "整改延期"
        ordering = ["rectification_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rectification"], condition=Q(state=AskState.PENDING), name="one_pending_extension"
            ),
            models.CheckConstraint(
                condition=Q(state=AskState.PENDING, decided_at__isnull=True)
                | (~Q(state=AskState.PENDING) & Q(decided_at__isnull=False)),
                name="extension_decided",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rectification_extension_has_reason"),
        ]

    def __str__(self) -> str:
        return f"延至{self.until}"


class RectificationObjection(models.Model):
    """异议: to the facts or the procedure, once per order (OneToOne)."""

    rectification = models.OneToOneField(
        Rectification, models.CASCADE, related_name="objection", verbose_name="整改"
    )
    ground = models.CharField("异议事项", max_length=10, choices=ObjectionGround)
    words = BoundedTextField("异议内容", max_length=MAX_COMMENT)
    state = models.CharField("状态", max_length=8, choices=AskState, default=AskState.PENDING)
    raised_at = models.DateTimeField("提出时间")
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    decision = BoundedTextField("答复", max_length=MAX_COMMENT, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "整改异议"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=AskState.PENDING, decided_at__isnull=True)
                | (~Q(state=AskState.PENDING) & Q(decided_at__isnull=False)),
                name="objection_decided",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="objection_has_words"),
        ]

    def __str__(self) -> str:
        return f"异议（{self.get_ground_display()}）"
