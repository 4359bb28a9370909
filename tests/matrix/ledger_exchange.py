"""A ledger both ways: importers bring rows, readers take the export; the scans of a batch."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.matrix.imports import IMPORTERS, READERS
from tests.matrix.matrix import Entry
from tests.matrix.world import Place, World


def _pasted(world: World, place: Place) -> dict[str, object]:
    return {
        "district": place.district.pk,
        "text": "发布日期\t标题\t媒体类别\t媒体名称\n2026-03-01\t某篇报道\t主流媒体\t枣庄日报",
    }


ENTRIES = [
    Entry(
        "cultivation:ledger_import",
        IMPORTERS,
        kwargs={"slug": "publicity"},
        methods=("GET", "POST"),
        data=_pasted,
    ),
    Entry("cultivation:ledger_template", IMPORTERS, kwargs={"slug": "publicity"}),
    Entry("cultivation:ledger_export", READERS, kwargs={"slug": "publicity"}, methods=("POST",)),
    Entry("cultivation:sheet_export", READERS, kwargs={"slug": "attendance"}, methods=("POST",)),
    Entry(
        "cultivation:import_upload",
        IMPORTERS,
        object="confirmed_import",
        methods=("POST",),
        data=lambda world, place: {"file": SimpleUploadedFile("扫描件.pdf", b"%PDF-1.4 damaged")},
    ),
]
