"""抽查批次: its plan, the frozen list it draws from, the digits of the four seats (design §4a)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from cultivation.enums import SubjectKind
from cultivation.models import CampaignYear, Subject
from evaluation.enums import Frame, RoundState, SelectionClass
from evaluation.models.spot_checks.checklists import InspectionChecklist
from zaozhuang_portal.accounts.enums import MemberUnitKind, Role, SeatState
from zaozhuang_portal.accounts.models import Organization, User

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor

_DRAWN = [RoundState.DRAWN, RoundState.CLOSED]


def reads_district(actor: Actor) -> Organization | None:
    """The district whose spot checks this person reads as a whole: its offices, and its leaders."""
    return actor.district if actor.is_district or actor.role == Role.LEADER else None


class SpotCheckRoundQuerySet(models.QuerySet["SpotCheckRound"]):
    def visible_to(self, actor: Actor) -> SpotCheckRoundQuerySet:
        """City: all. Districts and their leaders: from the freezing on (the list is shown to them). Others: none."""
        if actor.sees_whole_city:
            return self
        return self.exclude(state=RoundState.PLANNED) if reads_district(actor) else self.none()


class SpotCheckRound(models.Model):
    """One batch of a year (C091: 每年11月底前).

    `strata` holds the rates and minimums: {"default": {"rate": "20", "minimum": 1}, "370481/ENTERPRISE/A": {…}}; rates
    are percent as text, read exactly. `classes` names the SelectionClass values that are checked whatever the draw
    says. `discrepancy_limit` is in points (self minus verified). `defaults` says in words what happens at each
    deadline, written before the start. After FROZEN nothing of the plan may change; the seed is written once.
    """

    year = models.ForeignKey(
        CampaignYear, models.PROTECT, related_name="spot_check_rounds", verbose_name="年度"
    )
    batch = models.PositiveSmallIntegerField("批次")
    title = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=10, choices=RoundState, default=RoundState.PLANNED)
    basis = models.CharField("依据", max_length=200)
    period_from = models.DateField("检查期间自")
    period_to = models.DateField("检查期间至")
    ends_on = models.DateField("完成期限")
    manners = models.JSONField("检查方式", default=list)
    frame = models.CharField("名录范围", max_length=10, choices=Frame, default=Frame.ROSTER)
    strata = models.JSONField("分层比例", default=dict)
    classes = models.JSONField("按类必查", default=list)
    discrepancy_limit = models.DecimalField("差距标准（分）", max_digits=5, decimal_places=2, default=10)
    checklist = models.ForeignKey(
        InspectionChecklist, models.PROTECT, related_name="rounds", verbose_name="落实情况检查表"
    )
    item_count = models.PositiveSmallIntegerField("每户抽查指标数", default=10)
    blind = models.BooleanField("盲评", default=True)
    answer_days = models.PositiveSmallIntegerField("反馈意见期限（工作日）", default=5)
    rectification_days = models.PositiveSmallIntegerField("整改期限（工作日）", default=15)
    defaults = models.JSONField("到期处理", default=list)

    population_sha256 = models.CharField("名录指纹", max_length=64, blank=True, editable=False)
    frozen_at = models.DateTimeField("冻结时间", null=True, blank=True)
    frozen_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="冻结人"
    )
    # Digits only; NULL until the draw, so that the unique constraint keeps off rounds not drawn.
    seed = models.CharField("种子", max_length=200, null=True, blank=True, unique=True)
    drawn_at = models.DateTimeField("抽取时间", null=True, blank=True)
    drawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="抽取操作人"
    )
    closed_at = models.DateTimeField("归档时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="归档人"
    )
    # 补录 of a round held before the portal was in use: no draw on record here.
    backfilled = models.BooleanField("补录", default=False)
    source_document = models.CharField("补录来源", max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建立人")

    objects = SpotCheckRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查批次"
        ordering = ["-year_id", "-batch"]
        constraints = [
            models.UniqueConstraint(fields=["year", "batch"], name="unique_spot_check_batch"),
            models.CheckConstraint(
                condition=Q(period_from__lte=F("period_to")), name="spot_check_round_period"
            ),
            models.CheckConstraint(
                condition=Q(state=RoundState.PLANNED, frozen_at__isnull=True, population_sha256="")
                | (~Q(state=RoundState.PLANNED) & Q(frozen_at__isnull=False) & ~Q(population_sha256="")),
                name="spot_check_round_frozen",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_DRAWN, drawn_at__isnull=False)
                & (Q(seed__isnull=False) | Q(backfilled=True))
                | (~Q(state__in=_DRAWN) & Q(drawn_at__isnull=True, seed__isnull=True)),
                name="spot_check_round_drawn",
            ),
            models.CheckConstraint(
                condition=Q(state=RoundState.CLOSED, closed_at__isnull=False)
                | (~Q(state=RoundState.CLOSED) & Q(closed_at__isnull=True)),
                name="spot_check_round_closed",
            ),
            models.CheckConstraint(
                condition=Q(backfilled=False) | ~Q(source_document=""),
                name="backfilled_spot_check_round_has_source",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PopulationRow(models.Model):
    """One row of 抽查对象名录: included in the draw, or excluded with the reason. Frozen with the round.

    `code` is the credit code (a park's or township's code), never a database key. `ticket`, `position` (from 1 within
    the stratum) and `drawn` are written by the draw. `classes` are SelectionClass values that hold for the subject.
    """

    round = models.ForeignKey(
        SpotCheckRound, models.CASCADE, related_name="population", verbose_name="抽查批次"
    )
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+", verbose_name="培育对象")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="管理单位")
    code = models.CharField("统一社会信用代码（代码）", max_length=40)
    name = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=20, choices=SubjectKind)
    risk_class = models.CharField("风险等级", max_length=1, blank=True)
    stratum = models.CharField("层", max_length=60)
    weight = models.PositiveSmallIntegerField("权数", default=1)
    included = models.BooleanField("列入")
    exclusion = models.CharField("不列入理由", max_length=200, blank=True)
    classes = models.JSONField("按类必查理由", default=list)
    ticket = models.CharField("票号", max_length=64, blank=True)
    position = models.PositiveIntegerField("次序", null=True, blank=True)
    drawn = models.BooleanField("抽中", default=False)

    # A district says a row is wrong before the seed; the city answers.
    disputed_at = models.DateTimeField("提出时间", null=True, blank=True)
    disputed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人"
    )
    dispute = models.CharField("疑问", max_length=300, blank=True)
    dispute_answer = models.CharField("答复", max_length=300, blank=True)
    dispute_answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    dispute_answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "抽查对象名录"
        ordering = ["round_id", "stratum", "position", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "code"], condition=Q(included=True), name="unique_population_code"
            ),
            models.CheckConstraint(condition=Q(included=False) | ~Q(code=""), name="population_row_has_code"),
            models.UniqueConstraint(fields=["round", "subject"], name="unique_population_subject"),
            models.CheckConstraint(
                condition=Q(included=True, exclusion="") | (Q(included=False) & ~Q(exclusion="")),
                name="population_exclusion_has_reason",
            ),
            models.CheckConstraint(condition=Q(weight__gte=1, weight__lte=9), name="population_weight"),
            models.CheckConstraint(
                condition=Q(drawn=False) | Q(included=True, position__isnull=False),
                name="population_drawn_row",
            ),
            models.CheckConstraint(
                condition=Q(disputed_at__isnull=True, dispute="")
                | (Q(disputed_at__isnull=False) & ~Q(dispute="")),
                name="population_dispute_has_words",
            ),
        ]
        indexes = [models.Index(fields=["round", "organization", "drawn"], name="population_of_district")]

    def __str__(self) -> str:
        return self.name

    @property
    def class_labels(self) -> list[str]:
        return [str(SelectionClass(code).label) for code in self.classes]


class SeedTicket(models.Model):
    """What one seat gave to the seed: optionally committed before (SHA-256 of digits LF nonce), then read out.

    `seat` in the order 人社、总工会、企联、工商联 (MemberUnitKind); a seat NOT_ESTABLISHED gives nothing.
    """

    round = models.ForeignKey(
        SpotCheckRound, models.CASCADE, related_name="seed_tickets", verbose_name="抽查批次"
    )
    seat = models.CharField("席位", max_length=40, choices=MemberUnitKind)
    seat_state = models.CharField("席位状态", max_length=20, choices=SeatState)
    unit_name = models.CharField("单位", max_length=120, blank=True)
    speaker = models.CharField("宣读人", max_length=40, blank=True)
    commitment = models.CharField("承诺值", max_length=64, blank=True)
    committed_at = models.DateTimeField("承诺时间", null=True, blank=True)
    committed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承诺操作人"
    )
    digits = models.CharField("数字", max_length=40, blank=True)
    nonce = models.CharField("随机串", max_length=32, blank=True)
    revealed_at = models.DateTimeField("宣读时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "种子数字"
        ordering = ["round_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "seat"], name="unique_seed_seat"),
            models.CheckConstraint(
                condition=Q(revealed_at__isnull=True, digits="")
                | (Q(revealed_at__isnull=False) & ~Q(digits="") & ~Q(speaker="")),
                name="seed_digits_have_speaker",
            ),
            models.CheckConstraint(
                condition=Q(commitment="") | Q(revealed_at__isnull=True) | ~Q(nonce=""),
                name="committed_seed_has_nonce",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_seat_display()} {self.digits}"
