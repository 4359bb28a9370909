"""Import batches: the district's own people and the city office; everybody else 403, a stranger's batch 404."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from cultivation.models import ImportBatch
from cultivation.rules.imports_fields import ImportKind
from cultivation.services.imports import check_import, confirm_import, stage_import
from tests.cultivation.import_samples import code, register, workbook
from tests.factories import make_actor
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World, register_object
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

IMPORTERS = {"CITY_OFFICE": "any", "DISTRICT_OFFICE": "own", "DISTRICT_MEMBER": "own"}
READERS = dict.fromkeys(
    (*IMPORTERS, "CITY_MEMBER", "TOWNSHIP_STAFF", "INSTRUCTOR", "LEADER"),
    "own",
)
_NUMBERS = {"own": 91000, "sibling": 92000, "foreign": 93000}


def _row(place: Place, number: int) -> list[object]:
    firm = f"{place.canary}第{number}有限公司"
    return [
        firm,
        code(_NUMBERS[place.relation] + number),
        "",
        "通用设备制造业",
        "民营",
        12,
        "王五",
        "0632-5512345",
    ]


def _staged(place: Place, number: int, data: bytes | None = None) -> ImportBatch:
    return stage_import(
        actor=make_actor(Role.DISTRICT_OFFICE, place.district),
        kind=ImportKind.ENTERPRISES,
        organization=place.district,
        data=data or register(_row(place, number)),
        filename=f"{place.canary}{number}.xlsx",
        now=clock.now(),
    )


@register_object("staged_import")
def staged_import(world: World, place: Place) -> ImportBatch:
    heading = ["企业名称", "统一社会信用代码", "2025年末职工人数"]
    return _staged(
        place, 1, workbook(heading, [f"{place.canary}有限公司", code(_NUMBERS[place.relation]), 3])
    )


@register_object("checked_import")
def checked_import(world: World, place: Place) -> ImportBatch:
    batch = _staged(place, 2)
    return check_import(actor=make_actor(Role.DISTRICT_OFFICE, place.district), batch=batch, now=clock.now())


@register_object("confirmed_import")
def confirmed_import(world: World, place: Place) -> ImportBatch:
    actor = make_actor(Role.DISTRICT_OFFICE, place.district)
    batch = check_import(actor=actor, batch=_staged(place, 3), now=clock.now())
    return confirm_import(actor=actor, batch=batch, digest=batch.digest, only_good=False, now=clock.now())


def _confirm_data(world: World, place: Place) -> dict[str, object]:
    kwargs = world.kwargs("checked_import", place.relation)
    return {"digest": ImportBatch.objects.get(pk=kwargs["pk"]).digest, "mode": "all"}


def _upload_data(world: World, place: Place) -> dict[str, object]:
    content = register(_row(place, 4))
    return {
        "kind": "enterprises",
        "district": place.district.pk,
        "file": SimpleUploadedFile("名册.xlsx", content),
    }


ENTRIES = [
    Entry("cultivation:register_export", READERS, methods=("POST",)),
    Entry("cultivation:import_list", IMPORTERS),
    Entry("cultivation:import_new", IMPORTERS, methods=("GET", "POST"), data=_upload_data),
    Entry("cultivation:import_template", IMPORTERS, kwargs={"kind": "enterprises"}),
    Entry("cultivation:import_detail", IMPORTERS, object="checked_import", shows_own=True),
    Entry("cultivation:import_mapping", IMPORTERS, object="staged_import", methods=("POST",)),
    Entry("cultivation:import_check", IMPORTERS, object="checked_import", methods=("POST",)),
    Entry(
        "cultivation:import_confirm",
        IMPORTERS,
        object="checked_import",
        methods=("POST",),
        data=_confirm_data,
    ),
    Entry("cultivation:import_cancel", IMPORTERS, object="checked_import", methods=("POST",)),
    Entry("cultivation:import_undo", IMPORTERS, object="confirmed_import", methods=("POST",)),
    Entry("cultivation:import_marked", IMPORTERS, object="confirmed_import", shows_own=True),
]
