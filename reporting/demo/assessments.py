"""Assessments of the demo city: answered, adopted, handed in, verified, all through the services."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from random import Random
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cultivation.models import CampaignYear, Subject
from evaluation.enums import Layer
from evaluation.models import Assessment
from evaluation.rules.definitions import Indicator, IndicatorSetDefinition
from evaluation.rules.kinds import BandsPart, CheckPart, CountPart, PointsPart, SlopePart
from evaluation.rules.reviews import section_codes
from evaluation.selectors.checks import check_before_submit
from evaluation.selectors.definitions import definition_of
from evaluation.selectors.layers import load_layers
from evaluation.selectors.looks import review_token
from evaluation.selectors.reviews import unjudged_codes
from evaluation.services.adoption import freeze_for_adoption, record_adoption
from evaluation.services.answers import AnswerDraft, save_answers
from evaluation.services.assessments import confirm_profile, start_assessment
from evaluation.services.declarations import DeclarationDraft, declarable, declare_all
from evaluation.services.evidence import attach_evidence
from evaluation.services.review_moves import open_review, verify
from evaluation.services.reviews import ItemVerdict, agree_remaining, judge_item, look_at_section
from evaluation.services.submission import explain, submit
from reporting.demo.people import contact_of
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.operations.services.attachments import store_attachment


def picture(text: str) -> SimpleUploadedFile:
    """A small made-up scan."""
    image = Image.new("RGB", (420, 297), "white")
    ImageDraw.Draw(image).rectangle((12, 12, 408, 285), outline="black")
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return SimpleUploadedFile(f"{text}.png", buffer.getvalue(), content_type="image/png")


def _entry(part: Any, random: Random, good: float) -> object:
    """Full marks with probability `good`, a little short otherwise."""
    full = random.random() < good
    if isinstance(part, CheckPart):
        return full
    if isinstance(part, SlopePart):
        return [200, 200] if full else [200 - random.randint(2, 6), 200]
    if isinstance(part, BandsPart):
        return [6600, 6000] if full else [6000, 6000]
    if isinstance(part, CountPart):
        return int(part.bands.rows[0][0]) if full else 1
    if isinstance(part, PointsPart):
        step = part.step or part.points
        return str(part.points if full else max(part.points - step, Decimal(0)))
    return None


def _inputs(indicator: Indicator, random: Random, good: float) -> list[object]:
    return [_entry(part, random, good) for part in indicator.parts_by_hand]


def _declared(definition: IndicatorSetDefinition, random: Random) -> list[DeclarationDraft]:
    values = {"VETO": "NO", "DEDUCTION": "0", "SURVEY": str(random.randint(84, 97))}
    return [DeclarationDraft(code, values[kind]) for code, (kind, _) in declarable(definition).items()]


def assess(
    *, subject: Subject, year: CampaignYear, random: Random, now: datetime, good: float = 0.96
) -> Assessment:
    """A complete self-assessment, handed in by the subject's contact."""
    actor = contact_of(subject, now=now)
    assessment = start_assessment(actor=actor, subject=subject, year=year, now=now)
    definition = definition_of(assessment.indicator_set)
    drafts = [AnswerDraft(item.code, _inputs(item, random, good)) for item in definition.indicators]
    save_answers(actor=actor, assessment=assessment, drafts=drafts, now=now)
    declare_all(actor=actor, assessment=assessment, drafts=_declared(definition, random), now=now)
    for survey in definition.surveys:
        attach_evidence(
            actor=actor,
            assessment=assessment,
            code=survey.code,
            upload=picture("职工满意度测评汇总"),
            now=now,
        )
    first = definition.indicators[0]
    attach_evidence(
        actor=actor, assessment=assessment, code=first.code, upload=picture(first.evidence[0]), now=now
    )
    confirm_profile(actor=actor, assessment=assessment, now=now)
    _hand_in(actor, assessment, definition, random, now)
    assessment.refresh_from_db()
    return assessment


def _hand_in(
    actor: Actor, assessment: Assessment, definition: IndicatorSetDefinition, random: Random, now: datetime
) -> None:
    doubts = check_before_submit(assessment, now=now).result.doubts
    explain(
        actor=actor,
        assessment=assessment,
        texts={doubt.code: "原件存本单位劳资科，核验时现场提供。" for doubt in doubts},
        now=now,
    )
    if definition.requires_adoption:
        adoption = freeze_for_adoption(actor=actor, assessment=assessment, now=now)
        store_attachment(
            actor=actor,
            owner_kind="adoption",
            owner_id=adoption.pk,
            upload=picture("职工代表大会决议"),
            now=now,
            organization=assessment.organization,
        )
        assessment.refresh_from_db()
        record_adoption(
            actor=actor,
            assessment=assessment,
            held_on=_meeting_day(now),
            delegates=40,
            participants=38,
            votes_for=random.randint(30, 38),
            now=now,
        )
    assessment.refresh_from_db()
    submit(
        actor=actor,
        assessment=assessment,
        signer_name="企业负责人",
        signer_post="总经理",
        committed=True,
        now=now,
    )


def _meeting_day(now: datetime) -> date:
    return (now + timedelta(hours=8)).date()


def verify_assessment(*, assessment: Assessment, office: Actor, random: Random, now: datetime) -> None:
    """Judge every item: some marked down with a reason, the rest agreed."""
    open_review(actor=office, assessment=assessment, now=now)
    definition = definition_of(assessment.indicator_set)
    slopes = [
        item
        for item in definition.indicators
        if len(item.parts_by_hand) == 1 and isinstance(item.parts_by_hand[0], CheckPart)
    ]
    own = load_layers(assessment).answers_of(Layer.SELF)
    for item in random.sample(slopes, min(2, len(slopes))):
        if own[item.code].inputs == [True]:
            judge_item(
                actor=office,
                assessment=assessment,
                verdict=ItemVerdict(
                    item.code, "CHANGED", [False], reason_code="EVIDENCE_MISSING", reason="现场未见相应记录"
                ),
                now=now,
            )
    assessment.refresh_from_db()
    for section in section_codes(definition):
        look_at_section(actor=office, assessment=assessment, section=section, now=now)
    codes = unjudged_codes(definition, load_layers(assessment), Layer.DISTRICT)
    seen = review_token(assessment, Layer.DISTRICT)
    agree_remaining(actor=office, assessment=assessment, codes=codes, seen=seen, now=now)
    verify(actor=office, assessment=assessment, now=now)
