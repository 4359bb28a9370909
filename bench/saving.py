"""Saving of a self-assessment: statements, and a whole form against `update_or_create` item by item."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.generator import NOW, YEARS
from bench.measure import Result, interleave
from bench.world import World

FORMS_PER_ROUND = 8


def measure(world: World) -> list[Result]:
    from evaluation.models import Answer, Assessment, ScoreSheet
    from evaluation.selectors.definitions import definition_of
    from evaluation.selectors.layers import load_layers
    from evaluation.services.answers import AnswerDraft, save_answer, save_answers
    from evaluation.services.score_sheets import build_sheet
    from tests.evaluation.assessment_builders import best_inputs
    from zaozhuang_portal.accounts.actors import Actor

    pairs = _drafts_and_contacts(4 * (world.rounds + 2) * FORMS_PER_ROUND)
    items = list(definition_of(pairs[0][0].indicator_set).indicators)
    # The survey's item takes its value from the survey; nobody types it, so a full form saves one card less.
    drafts = [AnswerDraft(item.code, best_inputs(item)) for item in items if item.parts_by_hand]

    def whole_form(count: int = len(drafts)) -> tuple[Assessment, Actor]:
        """The portal's way: lock, check, one upsert, the score sheet, the revision."""
        assessment, actor = pairs.pop()
        outcome = save_answers(actor=actor, assessment=assessment, drafts=drafts[:count], now=NOW)
        if len(outcome.changed) != count:
            raise RuntimeError("not every item was saved")
        return assessment, actor

    def item_by_item() -> None:
        """The usual way, as Django runs it: one short transaction per item, then the score sheet; the same rows stand
        in the same tables afterwards. It checks nothing on the way."""
        assessment, actor = pairs.pop()
        for draft in drafts:
            Answer.objects.update_or_create(
                assessment=assessment,
                layer="SELF",
                indicator=draft.indicator,
                defaults={"inputs": draft.inputs, "updated_at": NOW, "updated_by": actor.user},
            )
        definition = definition_of(assessment.indicator_set)
        sheet, _ = build_sheet(assessment, "SELF", definition, load_layers(assessment, ["SELF"]), NOW)
        values = {field.name: getattr(sheet, field.name) for field in sheet._meta.concrete_fields[3:]}
        ScoreSheet.objects.update_or_create(assessment=assessment, layer="SELF", defaults=values)
        assessment.revision += 1
        assessment.updated_at = NOW
        assessment.save(update_fields=["revision", "updated_at"])

    @transaction.atomic
    def in_one_transaction() -> None:
        """The same loop at its best."""
        item_by_item()

    def one_card() -> None:
        assessment, actor = pairs.pop()
        save_answer(actor=actor, assessment=assessment, draft=drafts[0], now=NOW)

    whole_form()
    few, many = _statements(lambda: whole_form(10)), _statements(whole_form)
    card = _statements(one_card)
    taken = interleave(
        {
            "form": whole_form,
            "item by item": item_by_item,
            "loop in one transaction": in_one_transaction,
            "card": one_card,
        },
        rounds=world.rounds,
        calls=FORMS_PER_ROUND,
    )
    one = taken.ratio("loop in one transaction", "form")
    return [
        Result(
            f"statements of a {len(items)}-item form beyond those of 10 items", many - few, 0, True, unit="",
            note=f"form {many}, one card {card}",
        ),
        Result("statements of a form beyond those of one card", many - card, 0, True, unit=""),
        Result(
            f"saving a {len(items)}-item form against update_or_create per item",
            taken.ratio("item by item", "form"), 5, False,
            note=f"{taken.milliseconds()}; {one:.1f}× with the loop in one transaction",
        ),
    ]  # fmt: skip


def _drafts_and_contacts(count: int) -> list[tuple]:  # type: ignore[type-arg]  # (Assessment, Actor): after setup()
    """Drafts of the last year nobody has touched yet, each with a contact of its firm; made before any clock runs."""
    from cultivation.models import SubjectContact
    from evaluation.models import Answer, Assessment
    from tests.factories import actor_for, make_user

    used = Answer.objects.filter(assessment__year=YEARS[-1]).values("assessment_id")
    rows = (
        Assessment.objects.filter(year=YEARS[-1], state="DRAFT")
        .exclude(pk__in=used)
        .select_related("indicator_set", "subject")
        .order_by("?")[:count]
    )
    found = []
    for assessment in rows:
        user = make_user(f"bench-{assessment.pk}-{uuid.uuid4().hex[:8]}")
        contact = SubjectContact.objects.create(
            user=user, subject=assessment.subject, valid_from=date(2023, 1, 1)
        )
        found.append((assessment, actor_for(user, f"s{contact.pk}")))
    return found


def _statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)
