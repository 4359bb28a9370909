"""Builders for self-assessment tests: published sets, firms with contacts, complete answers."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cultivation.enums import SubjectKind
from cultivation.models import CampaignYear, Subject, SubjectContact
from evaluation.models import Assessment, IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.indicator_set_json import content_hash, to_canonical_json
from evaluation.rules.indicator_sets import parse_indicator_set, read_indicator_set
from evaluation.rules.kinds import BandsPart, CheckPart, CountPart, SlopePart
from evaluation.rules.self_assessment import is_ratio
from evaluation.selectors.definitions import definition_of
from evaluation.services.answers import AnswerDraft, save_answers
from evaluation.services.assessments import confirm_profile, start_assessment
from evaluation.services.declarations import DeclarationDraft, declarable, declare_all
from tests.factories import actor_for, make_organization, make_user
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.models import Organization
from zaozhuang_portal.kernel.credit_code import make_credit_code
from zaozhuang_portal.operations.models import Attachment

NOW = datetime(2026, 10, 12, 6, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2] / "evaluation" / "data"
_numbers = itertools.count(1)


def publish(definition: IndicatorSetDefinition) -> IndicatorSet:
    return IndicatorSet.objects.create(
        code=definition.code,
        version=definition.version,
        title=definition.title,
        status=definition.status,
        state=IndicatorSetState.PUBLISHED,
        definition=to_canonical_json(definition),
        content_hash=content_hash(definition),
        effective_from=definition.effective_from or date(2020, 9, 20),
        loaded_at=NOW,
        published_at=NOW,
    )


def publish_real(code: str = "4077") -> IndicatorSet:
    """The reconstruction that ships with the portal."""
    return publish(read_indicator_set(next(DATA.glob(f"*{code}*.yaml")).read_bytes()))


def small_set(
    items: int = 3, *, requires: tuple[str, ...] = (), applies_to: tuple[str, ...] = ("ENTERPRISE",)
) -> IndicatorSet:
    """A set of `items` one-point checks in one dimension, one veto, one deduction, one gated survey."""
    number = next(_numbers)
    raw: dict[str, Any] = {
        "meta": {
            "code": f"T{number}",
            "version": "r1",
            "title": "测试标准",
            "status": "RECONSTRUCTION",
            "total_score": Decimal(items),
            "applies_to": list(applies_to),
            "effective_from": date(2020, 1, 1),
            "requires": list(requires),
        },
        "thresholds": {"pass_score": Decimal(items)},
        "vetoes": [{"code": "V01", "name": "拖欠工资", "related": ["D01-01"]}],
        "dimensions": [
            {
                "code": "D01",
                "name": "劳动用工",
                "max_score": Decimal(items),
                "indicators": [
                    {
                        "code": f"D01-{index:02d}",
                        "name": f"指标{index}",
                        "max_score": Decimal(1),
                        "not_applicable": "FULL" if index == 2 else "FORBIDDEN",
                        "evidence": ["材料"],
                        "rule": [
                            {
                                "kind": "slope",
                                "text": "签订率",
                                "numerator": "已签",
                                "denominator": "应签",
                                "target": Decimal(100),
                                "points": Decimal(1),
                                "per_point": Decimal("0.25"),
                                "count": "FULL",
                            }
                            if index == 1
                            else {"kind": "check", "text": f"做到{index}", "points": Decimal(1)}
                        ],
                    }
                    for index in range(1, items + 1)
                ],
            }
        ],
        "deductions": [{"code": "X01", "name": "争议多", "options": [Decimal(0), Decimal(-1)]}],
        "surveys": [{"code": "S01", "name": "满意度", "minimum": Decimal(80)}],
    }
    return publish(parse_indicator_set(raw))


def make_year(year: int = 2026) -> CampaignYear:
    return CampaignYear.objects.get_or_create(
        year=year,
        defaults={
            "period_start": date(year - 1, 12, 1),
            "period_end": date(year, 11, 30),
            "cutoff_on": date(year, 12, 31),
            "in_use": year >= 2026,
        },
    )[0]


def make_firm(
    district: Organization | None = None, *, name: str = "", kind: str = SubjectKind.ENTERPRISE
) -> Subject:
    number = next(_numbers)
    firm = kind == SubjectKind.ENTERPRISE
    district = district or make_organization()
    name = name or f"枣庄测试{number}有限公司"
    return Subject.objects.create(
        kind=kind,
        name=name,
        normalized_name=name,
        managing_organization=district,
        township=None if firm else make_organization("TOWNSHIP", parent=district),
        credit_code=make_credit_code(f"91370400MA{number:07d}") if firm else None,
        employee_count=312,
        created_at=NOW,
        updated_at=NOW,
    )


def make_contact(subject: Subject, username: str = "") -> Actor:
    user = make_user(username)
    contact = SubjectContact.objects.create(user=user, subject=subject, valid_from=date(2023, 1, 1))
    return actor_for(user, f"s{contact.pk}")


def started(
    subject: Subject | None = None, actor: Actor | None = None, **fields: Any
) -> tuple[Assessment, Actor]:
    """A draft of 2026 and the contact who started it. Publish a set first."""
    subject = subject or make_firm()
    actor = actor or make_contact(subject)
    assessment = start_assessment(actor=actor, subject=subject, year=make_year(), now=NOW, **fields)
    return assessment, actor


def best_entry(part: Any) -> object:
    if isinstance(part, CheckPart):
        return True
    if isinstance(part, SlopePart):
        return [100, 100]
    if isinstance(part, BandsPart):
        return [1000, 100]
    return 1000 if isinstance(part, CountPart) else str(part.points)


def best_inputs(indicator: Indicator) -> list[object]:
    return [best_entry(part) for part in indicator.parts_by_hand]


def typed(indicator: Indicator, inputs: list[object]) -> dict[str, str]:
    """The POST fields of a card for stored inputs."""
    fields: dict[str, str] = {}
    for index, (part, entry) in enumerate(zip(indicator.parts_by_hand, inputs, strict=True)):
        if is_ratio(part):
            for place, number in enumerate(entry):  # type: ignore[arg-type]  # a pair
                fields[f"{indicator.code}.{index}.{place}"] = str(number)
        elif isinstance(entry, bool):
            fields[f"{indicator.code}.{index}"] = "YES" if entry else "NO"
        elif entry is not None:
            fields[f"{indicator.code}.{index}"] = str(entry)
    return fields


def answer_everything(assessment: Assessment, actor: Actor) -> None:
    """Full marks, no veto, no deduction, 90 % satisfied with a proof file, basics checked."""
    definition = definition_of(assessment.indicator_set)
    save_answers(
        actor=actor,
        assessment=assessment,
        drafts=[AnswerDraft(item.code, best_inputs(item)) for item in definition.indicators],
        now=NOW,
    )
    values = {"VETO": "NO", "DEDUCTION": "0", "SURVEY": "90"}
    declare_all(
        actor=actor,
        assessment=assessment,
        drafts=[DeclarationDraft(code, values[kind]) for code, (kind, _) in declarable(definition).items()],
        now=NOW,
    )
    for row in assessment.declarations.filter(kind="SURVEY"):
        add_file("declaration", row.pk)
    for answer in assessment.answers.all():
        add_file("answer", answer.pk)
    confirm_profile(actor=actor, assessment=assessment, now=NOW)
    assessment.refresh_from_db()


def add_file(owner_kind: str, owner_id: int) -> Attachment:
    """A row as if a file had been stored; the bytes are not there."""
    return Attachment.objects.create(
        owner_kind=owner_kind,
        owner_id=owner_id,
        label="材料.pdf",
        content_type="application/pdf",
        size=9,
        sha256="0" * 64,
        uploaded_at=NOW,
    )
