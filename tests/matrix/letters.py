"""通知: the city office sends, withdraws and registers paper; districts and subjects see and sign their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluation.enums import LetterKind
from evaluation.models import Letter
from evaluation.services.letters import send_letter
from tests.factories import make_year
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.kernel import clock

CITY = {"CITY_OFFICE": "own"}
RECEIVERS = {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own", "SUBJECT_CONTACT": "own"}
READERS = {"CITY_OFFICE": "own", "CITY_MEMBER": "own", **RECEIVERS}
FORM = ("GET", "POST")


@register_object("letter")
def letter(world: World, place: Place) -> Letter:
    """To the place's own subject: its contact signs, its district reads."""
    return send_letter(
        actor=world.actors["CITY_OFFICE"],
        kind=LetterKind.LETTER,
        year=make_year(),
        title=f"{place.canary}调研通知",
        sections=[("", f"请{place.canary}准备材料")],
        addressees=[place.subject],
        now=clock.now(),
    )


@register_object("letter_receipt")
def letter_receipt(world: World, place: Place) -> Mapping[str, Any]:
    found = letter(world, place)
    return {"pk": found.pk, "receipt_pk": found.receipts.get().pk}


ENTRIES = [
    Entry("evaluation:letter_list", {**READERS, "LEADER": "own"}, shows="letter"),
    Entry("evaluation:letter_create", CITY, methods=FORM, data={"title": ""}),
    Entry("evaluation:letter_detail", READERS, object="letter", shows_own=True),
    Entry("evaluation:letter_print", READERS, object="letter", shows_own=True),
    # A district reads what its subject got, and does not sign it: 404, like a row it does not have.
    Entry(
        "evaluation:letter_receive",
        {"SUBJECT_CONTACT": "own"},
        object="letter",
        methods=("POST",),
        data={"receiver_name": "赵收"},
    ),
    Entry(
        "evaluation:letter_paper",
        CITY,
        object="letter_receipt",
        methods=FORM,
        data={"receiver_name": "赵收", "received_on": "2026-01-01"},
    ),
    Entry("evaluation:letter_withdraw", CITY, object="letter", methods=FORM, data={"reason": "错"}),
]
