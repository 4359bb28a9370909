"""A subject's tabs, its life (rename, merge, transfer …) and handovers."""

from __future__ import annotations

from cultivation.models import Handover, SubjectTransfer
from tests.factories import make_organization, make_user
from tests.matrix.cultivation import KEEPERS, READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Level
from zaozhuang_portal.kernel import clock

OFFICES = {"CITY_OFFICE": "own", "DISTRICT_OFFICE": "own"}
TAB_READERS = {**READERS, "SUBJECT_CONTACT": "own"}


@register_object("transfer")
def transfer(world: World, place: Place):
    return SubjectTransfer.objects.create(
        subject=place.subject,
        from_organization=place.district,
        to_organization=make_organization(Level.DISTRICT),
        requesting_organization=place.district,
        reason=f"{place.canary}迁址",
        requested_at=clock.now(),
        requested_by=make_user(),
    )


@register_object("handover")
def handover(world: World, place: Place):
    return Handover.objects.create(
        organization=place.district,
        leaver=make_user(full_name=f"{place.canary}移交"),
        successor=make_user(),
        reason="工作调动离岗",
        receipt=[],
        at=clock.now(),
        by=make_user(),
    )


ENTRIES = [
    *(
        Entry(f"cultivation:subject_{tab}", TAB_READERS, object="subject", shows="subject")
        for tab in ("pairings", "services", "trainings", "files", "timeline")
    ),
    Entry("evaluation:subject_assessments", TAB_READERS, object="subject", shows="subject"),
    Entry("evaluation:subject_spot_checks", TAB_READERS, object="subject", shows="subject"),
    Entry("evaluation:own_spot_checks", {"SUBJECT_CONTACT": "own"}),
    Entry("cultivation:subject_upload", KEEPERS, object="subject", methods=("POST",), data={}),
    *(
        Entry(
            f"cultivation:{name}", KEEPERS, object="subject", methods=("GET", "POST"), data={"reason": "短"}
        )
        for name in ("subject_rename", "subject_reinstate", "subject_merge", "transfer_out")
    ),
    Entry("cultivation:transfer_list", KEEPERS, shows="transfer"),
    Entry(
        "cultivation:transfer_in",
        {"DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"},
        methods=("GET", "POST"),
        data={"credit_code": "x"},
    ),
    Entry(
        "cultivation:transfer_accept",
        OFFICES,
        object="transfer",
        methods=("GET", "POST"),
        data={"to_township": "0"},
    ),
    Entry(
        "cultivation:transfer_refuse",
        OFFICES,
        object="transfer",
        methods=("GET", "POST"),
        data={"reason": "短"},
    ),
    Entry("cultivation:transfer_withdraw", KEEPERS, object="transfer", methods=("POST",)),
    Entry("cultivation:handover_list", OFFICES, shows="handover"),
    Entry("cultivation:handover_new", OFFICES, methods=("GET", "POST"), data={"reason": "短"}),
    Entry("cultivation:handover_detail", OFFICES, object="handover", shows="handover"),
]
