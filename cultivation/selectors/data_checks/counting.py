"""Checks of what would be counted twice, cited without consent, or claimed without proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncMonth

from cultivation.enums import AdvisoryTopic, MediationTopic
from cultivation.ledgers.base import FIELD_KEEPERS, KEEPERS
from cultivation.models import BestPractice, EmploymentAdvisory, Mediation, PilotProgress, PracticeAdoption
from cultivation.rules.data_checks import Severity
from cultivation.rules.pilots import STANDARDS
from cultivation.selectors.data_checks.base import (
    Check,
    Doubt,
    Mend,
    Scope,
    form_at,
    limited,
    register_check,
)
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.selectors.code_tables import organization_name
from zaozhuang_portal.operations.models import Attachment

# Those who may change every row of their district or place; an instructor only its own.
TALLY_KEEPERS = frozenset(FIELD_KEEPERS - {Role.INSTRUCTOR})


def _counted_twice(model: Any, topics: dict[str, str]) -> Callable[[Scope, date], Iterator[Doubt]]:
    """Tallies of a month that also has single records of the same topic in the same place."""

    def find(scope: Scope, day: date) -> Iterator[Doubt]:
        singles = (
            model.objects.live()
            .filter(tally=False, organization_id=OuterRef("organization_id"), topic=OuterRef("topic"))
            .annotate(month=TruncMonth("happened_on"))
            .filter(month=OuterRef("happened_on"))
        )
        same_place = singles.filter(township_id=OuterRef("township_id"))
        rows = (
            scope.records(model.objects)
            .filter(tally=True)
            .filter(Q(Exists(singles), township__isnull=True) | Q(Exists(same_place)))
            .order_by("-happened_on", "-id")
            .values_list("pk", "topic", "happened_on", "organization_id", "township_id")
        )
        for pk, topic, month, organization, township in limited(rows):
            place = organization_name(township) or organization_name(organization)
            detail = f"{month:%Y年%m月}既有按月汇总，又有逐件记录，会重复计数"
            yield Doubt(f"{place} {topics[topic]}", detail, organization_name(organization), pk)

    return find


def cited_without_consent(scope: Scope, day: date) -> Iterator[Doubt]:
    """A practice of a firm that was taken over elsewhere, without the firm's consent on record."""
    adopted = PracticeAdoption.objects.live().filter(practice_id=OuterRef("pk"))
    rows = (
        scope.records(BestPractice.objects)
        .filter(Exists(adopted), consented_on__isnull=True, subject__isnull=False)
        .order_by("organization_id", "id")
        .values_list("pk", "title", "organization_id")
    )
    for pk, title, organization in limited(rows):
        yield Doubt(title, "已推广应用，没有企业同意记录", organization_name(organization), pk)


def standard_without_evidence(scope: Scope, day: date) -> Iterator[Doubt]:
    claimed = Q()
    for standard in STANDARDS:
        claimed |= Q(**{standard.key: True})
    files = Attachment.objects.current().filter(owner_kind="PilotProgress", owner_id=OuterRef("pk"))
    rows = (
        scope.records(PilotProgress.objects)
        .filter(claimed)
        .filter(~Exists(files))
        .order_by("-happened_on", "-id")
        .values_list("pk", "title", "pilot__name", "organization_id")
    )
    for pk, title, pilot, organization in limited(rows):
        yield Doubt(
            f"{pilot}：{title}", "勾选了达到的标准，没有佐证附件", organization_name(organization), pk
        )


def _tally_mend(slug: str) -> tuple[Mend, ...]:
    return (Mend("核对汇总", form_at("cultivation:ledger_edit", slug=slug), TALLY_KEEPERS),)


_TWICE = "同一地方、同一月份、同一类别既报了汇总又逐件登记，件数会加两次。请从汇总中减去，或删去一种。"
register_check(
    Check(
        "ADVISORIES_COUNTED_TWICE",
        Severity.VERIFY,
        "用工咨询重复计数",
        _TWICE,
        _counted_twice(EmploymentAdvisory, dict(AdvisoryTopic.choices)),
        _tally_mend("advisories"),
        clause="三（二）2（C061）",
    ),
    Check(
        "MEDIATIONS_COUNTED_TWICE",
        Severity.VERIFY,
        "矛盾纠纷调解重复计数",
        _TWICE,
        _counted_twice(Mediation, dict(MediationTopic.choices)),
        _tally_mend("mediations"),
        clause="三（二）2（C061）",
    ),
    Check(
        "PRACTICE_WITHOUT_CONSENT",
        Severity.MUST,
        "典型经验没有企业同意",
        "经验已被推广应用，公开引用前应有企业同意。请登记同意人和日期。",
        cited_without_consent,
        (Mend("登记同意", form_at("cultivation:ledger_edit", slug="best-practices"), KEEPERS),),
        clause="三（四）1（C089）、四（四）（C118）",
    ),
    Check(
        "STANDARD_WITHOUT_EVIDENCE",
        Severity.VERIFY,
        "试点标准没有佐证",
        "勾选了“达到”的标准应附佐证材料。",
        standard_without_evidence,
        (Mend("上传佐证", form_at("cultivation:ledger_detail", slug="pilot-progress"), KEEPERS),),
        clause="二（三）（C035—C038）",
    ),
)
