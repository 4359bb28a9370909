"""协调员、指导员, their firms (定点联系), and 基层公共服务站点 (notice 二（二）, 三（二）: C032, C051, C059–C061)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cultivation.models.records import LIVE, DatedRecord, Record, SubjectRecordQuerySet, subject_key
from zaozhuang_portal.accounts.models import User
from zaozhuang_portal.kernel.bounds import BoundedTextField


class ServingPerson(Record):
    """Base of the two registers. `user` when the person signs in; in service from `appointed_on` until `left_on`."""

    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("联系电话", max_length=30, blank=True)
    employer = models.CharField("所在单位", max_length=100, blank=True)
    staff_number = models.CharField("工号", max_length=30, blank=True)
    certificate = models.CharField("资格（等级）证书", max_length=80, blank=True)
    appointed_on = models.DateField("聘任日期")
    left_on = models.DateField("离任日期", null=True, blank=True)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name="账号"
    )

    class Meta(Record.Meta):
        abstract = True
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("appointed_on")),
                name="%(class)s_service_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Coordinator(ServingPerson):
    """劳动关系协调员 of a park, township or street (`township`), or of the district itself."""

    class Meta(ServingPerson.Meta):
        verbose_name = verbose_name_plural = "劳动关系协调员"


class BargainingInstructor(ServingPerson):
    """集体协商专职指导员."""

    specialty = models.CharField("专长", max_length=100, blank=True)

    class Meta(ServingPerson.Meta):
        verbose_name = verbose_name_plural = "集体协商专职指导员"


class LiaisonAssignment(Record):
    """定点联系: a coordinator or instructor looks after a firm for a period (C061)."""

    subject = subject_key("liaisons")
    coordinator = models.ForeignKey(
        Coordinator, models.PROTECT, null=True, blank=True, related_name="liaisons", verbose_name="协调员"
    )
    instructor = models.ForeignKey(
        BargainingInstructor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="liaisons",
        verbose_name="指导员",
    )
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True)

    objects = SubjectRecordQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "定点联系"
        constraints = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(coordinator__isnull=False, instructor__isnull=True)
                | Q(coordinator__isnull=True, instructor__isnull=False),
                name="liaison_of_one_person",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="liaison_period"
            ),
            models.UniqueConstraint(
                fields=["subject", "coordinator"],
                condition=LIVE & Q(ends_on__isnull=True, coordinator__isnull=False),
                name="one_open_liaison_of_coordinator",
            ),
            models.UniqueConstraint(
                fields=["subject", "instructor"],
                condition=LIVE & Q(ends_on__isnull=True, instructor__isnull=False),
                name="one_open_liaison_of_instructor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coordinator or self.instructor} → {self.subject}"


class PublicServicePoint(Record):
    """劳动关系基层公共服务站点: one-stop, smart and standardized are attributes of one point (notice 二（二）, C032)."""

    name = models.CharField("站点名称", max_length=100)
    address = models.CharField("地址", max_length=200, blank=True)
    opened_on = models.DateField("启用日期")
    closed_on = models.DateField("停用日期", null=True, blank=True)
    one_stop = models.BooleanField("一站式", default=False)
    smart = models.BooleanField("智慧化", default=False)
    standardized = models.BooleanField("标准化", default=False)
    services = BoundedTextField("服务事项", max_length=4000, blank=True)
    staff_count = models.PositiveIntegerField("工作人员（人）", default=0)
    contact_name = models.CharField("负责人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)

    class Meta(Record.Meta):
        verbose_name = verbose_name_plural = "基层公共服务站点"
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "name"], condition=LIVE, name="unique_service_point_name"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="service_point_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ServicePointTally(DatedRecord):
    """What a point did in one month (`happened_on` is its first day): people served and cases by kind."""

    point = models.ForeignKey(
        PublicServicePoint, models.PROTECT, related_name="tallies", verbose_name="服务站点"
    )
    visitors = models.PositiveIntegerField("接待人次", default=0)
    advisories = models.PositiveIntegerField("用工咨询（件）", default=0)
    mediations = models.PositiveIntegerField("矛盾调解（件）", default=0)
    other_services = models.PositiveIntegerField("其他服务（件）", default=0)

    class Meta(DatedRecord.Meta):
        verbose_name = verbose_name_plural = "站点服务月报"
        constraints = [
            *DatedRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["point", "happened_on"], condition=LIVE, name="one_tally_per_month"
            ),
            models.CheckConstraint(condition=Q(happened_on__day=1), name="point_tally_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.point} {self.happened_on:%Y年%m月}"
