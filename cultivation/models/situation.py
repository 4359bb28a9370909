"""分析研判、宣传引导、典型经验: notice 三（二）2 (C056), 三（四）1 (C089), 四（四） (C114–C119)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from cultivation.enums import AwarenessMetric, MediaKind
from cultivation.models.records import LIVE, DatedRecord, Record, SharedRecordQuerySet, subject_key
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.bounds import BoundedTextField
from zaozhuang_portal.operations.models import Attachment


class SituationReview(DatedRecord):
    """分析研判: a meeting on the great questions of labor relations, the issues found and the measures decided."""

    title = models.CharField("会议名称", max_length=120)
    place = models.CharField("地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=40, blank=True)
    attendees = BoundedTextField("参加单位和人员", max_length=4000, blank=True)
    issues = BoundedTextField("研判的问题", max_length=4000)
    measures = BoundedTextField("措施和分工", max_length=4000, blank=True)
    follow_up = BoundedTextField("落实情况", max_length=4000, blank=True)

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "分析研判"

    def __str__(self) -> str:
        return self.title


class PublicityItem(DatedRecord):
    """宣传报道, one published piece."""

    title = models.CharField("标题", max_length=200)
    media_kind = models.CharField("媒体类别", max_length=12, choices=MediaKind)
    outlet = models.CharField("媒体名称", max_length=80)
    form = models.CharField("形式", max_length=40, blank=True)
    url = models.URLField("链接", max_length=300, blank=True)
    reads = models.PositiveIntegerField("阅读（播放）量", null=True, blank=True)
    subject = subject_key("publicity", required=False)

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "宣传报道"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "happened_on", "outlet", "title"],
                condition=LIVE,
                name="unique_publicity_item",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class CampaignBrand(Record):
    """劳动关系特色品牌."""

    name = models.CharField("品牌名称", max_length=100)
    launched_on = models.DateField("启用日期", null=True, blank=True)
    description = BoundedTextField("内容和做法", max_length=4000)
    results = BoundedTextField("成效", max_length=4000, blank=True)
    subject = subject_key("brands", required=False)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "特色品牌"
        constraints = [
            *Record.Meta.constraints,
        ]

    def __str__(self) -> str:
        return self.name


class AwarenessFigure(DatedRecord):
    """认知度、参与度、美誉度 where measured: people who answered so, out of people asked."""

    metric = models.CharField("指标", max_length=16, choices=AwarenessMetric)
    method = models.CharField("调查方式", max_length=100)
    numerator = models.PositiveIntegerField("肯定回答（人）")
    denominator = models.PositiveIntegerField("有效样本（人）")

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "认知度、参与度、美誉度"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.CheckConstraint(
                condition=Q(denominator__gt=0, numerator__lte=F("denominator")), name="awareness_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.numerator}／{self.denominator}"


class PracticeManager(models.Manager.from_queryset(SharedRecordQuerySet)):  # type: ignore[misc]  # made by Django
    """Every row comes with `has_scan`: whether the signed consent is attached, which consent on paper needs."""

    def get_queryset(self) -> Any:
        files = Attachment.objects.scans("BestPractice").filter(owner_id=OuterRef("pk"))
        return super().get_queryset().annotate(has_scan=Exists(files))


class BestPractice(Record):
    """典型经验. A report may cite it once it names its subject, its proof and the firm's complete consent."""

    has_scan = False  # set by the manager

    title = models.CharField("标题", max_length=160)
    subject = subject_key("best_practices", required=False)
    tags = models.CharField("标签", max_length=120, blank=True)
    summary = BoundedTextField("做法", max_length=4000)
    results = BoundedTextField("成效", max_length=4000, blank=True)
    proof = models.CharField("证明材料", max_length=200, blank=True)
    consented_on = models.DateField("企业同意日期", null=True, blank=True)
    consented_by = models.CharField("企业同意人", max_length=40, blank=True)
    # Given by the firm's own contact in the portal; otherwise entered from a stamped paper (代录).
    consent_online = models.BooleanField("在线同意", default=False)

    objects = PracticeManager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "典型经验"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(consented_on__isnull=True) | ~Q(consented_by=""), name="practice_consent_named"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PracticeAdoption(DatedRecord):
    """Where a best practice was taken over (可复制可推广: C089, C094)."""

    practice = models.ForeignKey(
        BestPractice, models.PROTECT, related_name="adoptions", verbose_name="典型经验"
    )
    adopted_by = models.CharField("推广应用单位", max_length=120)
    adopting_organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在区（市）"
    )
    effect = BoundedTextField("应用情况", max_length=4000, blank=True)

    objects = SharedRecordQuerySet.as_manager()

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "经验推广应用"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["practice", "adopted_by"], condition=LIVE, name="unique_adoption_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.adopted_by}应用“{self.practice}”"


class ExemplaryStory(Record):
    """先进事迹 of a person or group, told with consent (C118)."""

    title = models.CharField("标题", max_length=160)
    person = models.CharField("先进个人（集体）", max_length=80)
    subject = subject_key("stories", required=False)
    story = BoundedTextField("事迹", max_length=4000)
    consented_on = models.DateField("本人（单位）同意日期", null=True, blank=True)
    publicized = models.BooleanField("已宣传", default=False)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "先进事迹"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(publicized=False) | Q(consented_on__isnull=False),
                name="publicized_story_has_consent",
            ),
        ]

    def __str__(self) -> str:
        return self.title
