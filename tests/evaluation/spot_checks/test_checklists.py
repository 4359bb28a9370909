"""The district's checklist as data: loaded from a file in the limited process, compared, published as shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from evaluation.enums import ChecklistState
from evaluation.models import InspectionChecklist
from evaluation.rules.spot_checks.checklists import (
    ChecklistError,
    checklist_changes,
    read_checklist,
    write_checklist,
)
from evaluation.services.spot_checks.checklists import read_checklist_file
from tests.evaluation.spot_checks.conclusion_builders import DISTRICT_FILE
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role

CHANGED = (
    DISTRICT_FILE.decode()
    .replace('version: "2026.1"', 'version: "2027.1"')
    .replace("title: 制定工作方案", "title: 制定年度工作方案")
)


def upload(client: Any, text: str) -> Any:
    file = SimpleUploadedFile("检查表.yaml", text.encode(), content_type="application/yaml")
    return client.post(reverse("evaluation:checklist_upload"), {"file": file})


@pytest.fixture
def office(db: None) -> Actor:
    return make_actor(Role.CITY_OFFICE)


def test_a_version_written_is_the_version_read() -> None:
    first = read_checklist(DISTRICT_FILE)
    assert read_checklist(write_checklist(first)) == first == read_checklist_file(DISTRICT_FILE)


def test_changes_are_told_line_by_line() -> None:
    old, new = read_checklist(DISTRICT_FILE), read_checklist(CHANGED)
    one = checklist_changes(old.lines, new.lines)
    assert [(row.code, row.what, row.before, row.after) for row in one] == [
        ("L01", "检查事项", "制定工作方案", "制定年度工作方案")
    ]
    gone = checklist_changes(old.lines, old.lines[1:])
    assert [(row.code, row.what) for row in gone] == [("L01", "删去")]
    assert [row.what for row in checklist_changes(old.lines[1:], old.lines)] == ["新增"]


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff\xfe\x00",
        b"lines: " + b"[" * 20_000,
        b"a: &a [x]\nb: &b [*a,*a,*a]\nlines: [*b,*b]",
        b"code: 1",
        b"PK\x03\x04 no yaml",
    ],
)
def test_what_is_no_checklist_is_refused_in_words(bad: bytes) -> None:
    with pytest.raises(ChecklistError) as refused:
        read_checklist_file(bad)
    assert all(one.message for one in refused.value.problems)


def test_from_the_file_to_the_version_in_force(client: Any, office: Actor) -> None:
    login(client, office)
    for text in (DISTRICT_FILE.decode(), CHANGED):
        answer = upload(client, text)
        row = InspectionChecklist.objects.order_by("-pk").first()
        assert row is not None and answer.status_code == 302 and row.state == ChecklistState.DRAFT
        shown = client.get(reverse("evaluation:checklist_detail", args=[row.pk])).content.decode()
        assert "草拟稿，待核定" in shown and "L16" in shown
        ask = client.get(reverse("evaluation:checklist_publish", args=[row.pk])).content.decode()
        assert row.content_hash in ask
        stale = client.post(
            reverse("evaluation:checklist_publish", args=[row.pk]), {"content_hash": "0" * 64}
        )
        assert stale.status_code == 409
        done = client.post(
            reverse("evaluation:checklist_publish", args=[row.pk]), {"content_hash": row.content_hash}
        )
        assert done.status_code == 302
    assert "制定年度工作方案" in ask and "与现行版" in ask
    states = InspectionChecklist.objects.order_by("pk").values_list("version", "state")
    assert list(states) == [("2026.1", ChecklistState.RETIRED), ("2027.1", ChecklistState.PUBLISHED)]
    file = client.get(reverse("evaluation:checklist_file", args=[row.pk]))
    assert read_checklist(file.content) == read_checklist(CHANGED) and "%E8%8D%89%E6%8B%9F%E7%A8%BF" in str(
        file.headers["Content-Disposition"]
    )


def test_faults_are_listed_and_published_content_stays(client: Any, office: Actor) -> None:
    login(client, office)
    refused = upload(client, DISTRICT_FILE.decode().replace("code: L02", "code: L01"))
    assert refused.status_code == 422 and "编号 L01 重复" in refused.content.decode()
    assert not InspectionChecklist.objects.exists()
    upload(client, DISTRICT_FILE.decode())
    row = InspectionChecklist.objects.get()
    client.post(reverse("evaluation:checklist_publish", args=[row.pk]), {"content_hash": row.content_hash})
    again = upload(client, CHANGED.replace("2027.1", "2026.1"))
    assert again.status_code == 422 and "新的版本号" in again.content.decode()
