"""培育对象: one table for enterprises, parks, townships and industry pilots (design §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from cultivation.enums import Ownership, SizeClass, SubjectEvent, SubjectKind, SubjectState, TransferState
from cultivation.models.search import NameContains
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Organization, User
from zaozhuang_portal.kernel.bounds import BoundedTextField
from zaozhuang_portal.kernel.clock import now, shanghai_date

if TYPE_CHECKING:
    from zaozhuang_portal.accounts.actors import Actor


# Subjects found by a former name, at most.
FORMER = 100


class SubjectQuerySet(models.QuerySet["Subject"]):
    def visible_to(self, actor: Actor) -> SubjectQuerySet:
        """City: all. District: its own. Township and park staff: their own. Contact: the one subject. Others: none.

        An instructor: what is paired with or liaised to the person today or later (design §2).
        """
        if actor.sees_whole_city:
            return self
        if actor.role == Role.SUBJECT_CONTACT:
            return self.filter(pk=actor.subject_id)
        if actor.is_administrator or actor.organization is None:
            return self.none()
        if actor.role == Role.TOWNSHIP_STAFF:
            return self.filter(township_id=actor.organization.pk)
        district = actor.district
        if district is None:
            return self.none()
        own = self.filter(managing_organization_id=district.pk)
        return own.filter(pk__in=served_by(actor)) if actor.role == Role.INSTRUCTOR else own

    def readable_by(self, actor: Actor) -> SubjectQuerySet:
        """`visible_to`, and for a district what it cultivated in some year or gave away: its own history stays in reach.

        For reading one page or finding a name in one's own rows; lists, choices and acts keep to `visible_to`.
        """
        district = actor.district
        if not reads_history(actor) or district is None:
            return self.visible_to(actor)
        return self.known_to(district)

    def known_to(self, district: Organization) -> SubjectQuerySet:
        """What the district manages, what counts for it in some year, and what it gave away."""
        subjects = Subject.objects.order_by()
        chosen = subjects.filter(enrollments__organization=district).values("pk")
        given = subjects.filter(
            transfers__from_organization=district, transfers__state=TransferState.ACCEPTED
        ).values("pk")
        return self.filter(Q(managing_organization=district) | Q(pk__in=chosen.union(given)))

    def named_like(self, text: str) -> SubjectQuerySet:
        """Name, present or former, contains `text` (two characters or more).

        By the bigram index on PostgreSQL, LIKE on SQLite. Former names are few: their subjects are looked up first, in
        a statement of their own, so that the condition stays one the indexes serve.
        """
        history = Subject.history.rel.related_model.objects.filter(event=SubjectEvent.RENAMED)  # type: ignore[attr-defined]
        former = list(
            history.filter(before__icontains=text.strip()).values_list("subject_id", flat=True)[:FORMER]
        )
        return self.filter(Q(pk__in=former) | Q(NameContains(text)) if former else Q(NameContains(text)))

    def active(self) -> SubjectQuerySet:
        return self.filter(state=SubjectState.ACTIVE)

    def of_kind(self, kind: str) -> SubjectQuerySet:
        return self.filter(kind=kind)


def reads_history(actor: Actor) -> bool:
    """Staff of a district as a whole: who answers for what the district did, also for subjects that have moved away."""
    return actor.role in {Role.DISTRICT_OFFICE, Role.DISTRICT_MEMBER}


def served_by(actor: Actor) -> models.QuerySet[Any]:
    """Subjects this person looks after: 结对, or 定点联系 as coordinator or instructor, not yet ended. For `__in`.

    One UNION instead of an OR, so that a page starts from the few rows of the person and not from the register.
    """
    today = shanghai_date(now())

    def tied(relation: str, person: str) -> models.QuerySet[Any]:
        open_today = Q(**{f"{relation}__ends_on__isnull": True}) | Q(**{f"{relation}__ends_on__gte": today})
        mine = Q(**{f"{relation}__removed_at__isnull": True, f"{relation}__{person}": actor.user.pk})
        return Subject.objects.order_by().filter(mine & open_today).values("pk")

    return tied("pairings", "person_id").union(
        tied("liaisons", "coordinator__user_id"), tied("liaisons", "instructor__user_id")
    )


class Subject(models.Model):
    """One enterprise, park, township or industry pilot. Every column that is listed, filtered or sorted is here.

    `managing_organization` is the district that manages and counts it; `township` the township or park
    organization below; `division_code` (9 digits, NBS) says where it lies by law, for statistics only.
    """

    kind = models.CharField("类别", max_length=20, choices=SubjectKind)
    name = models.CharField("名称", max_length=120)
    # Derived from name by the services (rules.subjects.derive_names): for duplicates and for the two-character search.
    normalized_name = models.CharField(max_length=120, editable=False)
    search_name = models.CharField(max_length=120, editable=False)
    name_bigrams = models.TextField(editable=False, default="")
    managing_organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="managed_subjects", verbose_name="管理单位"
    )
    township = models.ForeignKey(
        Organization,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="local_subjects",
        verbose_name="乡镇（街道）",
    )
    division_code = models.CharField("行政区划代码", max_length=12, blank=True)
    state = models.CharField("状态", max_length=12, choices=SubjectState, default=SubjectState.ACTIVE)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True)
    credit_code_note = models.CharField("信用代码说明", max_length=100, blank=True)
    industry_code = models.CharField("所属行业", max_length=4, blank=True)
    ownership = models.CharField("经济类型", max_length=20, choices=Ownership, blank=True)
    employee_count = models.PositiveIntegerField("职工人数", null=True, blank=True)
    # For sorting: unknown comes last. A column never null keeps the keyset condition an index range.
    employee_rank = models.GeneratedField(
        expression=Coalesce("employee_count", -1), output_field=models.IntegerField(), db_persist=True
    )
    size_class = models.CharField("企业规模", max_length=10, choices=SizeClass, blank=True)
    size_overridden = models.BooleanField("规模为人工认定", default=False)
    pilot_year = models.PositiveSmallIntegerField("试点年度", null=True, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbed", verbose_name="已并入"
    )
    backfilled = models.BooleanField("补录", default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("建档时间")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="建档人")
    updated_at = models.DateTimeField("更新时间")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="更新人")

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培育对象"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind=SubjectKind.ENTERPRISE) | Q(credit_code__isnull=False),
                name="enterprise_has_credit_code",
            ),
            models.CheckConstraint(
                condition=Q(kind=SubjectKind.ENTERPRISE)
                | Q(credit_code__isnull=True, size_class="", ownership=""),
                name="only_enterprises_have_codes_and_sizes",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SubjectKind.INDUSTRY_PILOT) | Q(pilot_year__isnull=False),
                name="pilot_has_year",
            ),
            models.CheckConstraint(
                condition=~Q(kind=SubjectKind.TOWNSHIP) | Q(township__isnull=False),
                name="township_subject_has_township",
            ),
            models.CheckConstraint(
                condition=Q(state=SubjectState.MERGED, merged_into__isnull=False)
                | (~Q(state=SubjectState.MERGED) & Q(merged_into__isnull=True)),
                name="merged_subject_names_its_heir",
            ),
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(state=SubjectState.MERGED),
                name="unique_credit_code",
            ),
            models.UniqueConstraint(
                fields=["managing_organization", "normalized_name"],
                condition=Q(kind=SubjectKind.INDUSTRIAL_PARK) & ~Q(state=SubjectState.MERGED),
                name="unique_park_in_district",
            ),
            models.UniqueConstraint(
                fields=["township"],
                condition=Q(kind=SubjectKind.TOWNSHIP) & ~Q(state=SubjectState.MERGED),
                name="unique_township_subject",
            ),
            models.UniqueConstraint(
                fields=["normalized_name", "pilot_year"],
                condition=Q(kind=SubjectKind.INDUSTRY_PILOT) & ~Q(state=SubjectState.MERGED),
                name="unique_pilot_in_year",
            ),
        ]
        # One index for each permitted filter × sort of the list page (selectors.subjects.PERMITTED). The list always
        # names one state: with it in the index the capped count needs no row. `subject_name` finds duplicates too,
        # among all states.
        indexes = [
            models.Index(fields=["kind", "state", "-id"], name="subject_new"),
            models.Index(fields=["kind", "normalized_name", "id"], name="subject_name"),
            models.Index(fields=["kind", "state", "-employee_rank", "-id"], name="subject_staff"),
            models.Index(fields=["kind", "managing_organization", "state", "-id"], name="subject_org_new"),
            models.Index(
                fields=["kind", "managing_organization", "state", "normalized_name", "id"],
                name="subject_org_name",
            ),
            models.Index(
                fields=["kind", "managing_organization", "state", "-employee_rank", "-id"],
                name="subject_org_staff",
            ),
            models.Index(fields=["kind", "township", "state", "-id"], name="subject_town_new"),
            models.Index(
                fields=["kind", "township", "state", "normalized_name", "id"], name="subject_town_name"
            ),
            models.Index(fields=["kind", "size_class", "state", "-id"], name="subject_size_new"),
            models.Index(fields=["kind", "industry_code", "state", "-id"], name="subject_industry_new"),
            models.Index(
                fields=["kind", "managing_organization", "size_class", "state", "-id"],
                name="subject_org_size",
            ),
            models.Index(
                fields=["kind", "managing_organization", "industry_code", "state", "-id"],
                name="subject_org_industry",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SubjectProfile(models.Model):
    """Rarely read detail of a subject."""

    subject = models.OneToOneField(Subject, models.CASCADE, primary_key=True, related_name="profile")
    legal_representative = models.CharField("法定代表人", max_length=40, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    established_on = models.DateField("成立日期", null=True, blank=True)
    annual_revenue = models.DecimalField(
        "营业收入（万元）", max_digits=16, decimal_places=2, null=True, blank=True
    )
    total_assets = models.DecimalField(
        "资产总额（万元）", max_digits=16, decimal_places=2, null=True, blank=True
    )
    groundwork = BoundedTextField("工作基础", max_length=4000, blank=True)
    labor_relations_status = BoundedTextField("劳动关系状况", max_length=4000, blank=True)
    source_document = models.CharField("补录来源", max_length=160, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "培育对象详情"

    def __str__(self) -> str:
        return f"{self.subject}详情"
