"""整改台账 in Excel and the papers as jobs: what the list shows under its filters, for who reads it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from evaluation.enums import RectificationState
from tests.evaluation.rectification_builders import in_state, issued
from tests.factories import login, make_actor, make_organization, make_subject
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.services.job_runner import run_job

pytestmark = pytest.mark.django_db
S = RectificationState


def file_of(job: Job) -> bytes:
    content: bytes = Attachment.objects.get(owner_kind="job", owner_id=job.pk).file.read()
    return content


def export(actor: Actor, query: str) -> list[dict[str, Any]]:
    assert login(Client(), actor).post(f"/rectifications/export/?{query}").status_code == 302
    job = Job.objects.get(kind="evaluation.rectification_export", requested_by=actor.user)
    assert run_job(job_id=job.pk) == JobState.DONE
    sheet = load_workbook(BytesIO(file_of(job))).worksheets[0]
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in rows if any(row)]


def test_the_ledger_holds_what_the_list_shows() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    mender = make_actor(Role.DISTRICT_OFFICE, district)
    for state in (S.DRAFTED, S.IN_PROGRESS, S.CLOSED):
        in_state(state, office, district, mender)
    other = issued(office, make_subject(make_organization(Level.DISTRICT)))
    rows = export(office, f"open=1&unit={district.pk}")
    assert [row["状态"] for row in rows] == ["整改中", "待下达"] and rows[1]["文号"] is None
    assert {row["单位"] for row in rows} == {district.name}
    rows = export(mender, "")
    assert [(row["状态"], row["措施"]) for row in rows] == [("已销号", 1), ("整改中", 0)]
    assert rows[0]["整改要求"] == "成立小组并发文" and rows[0]["再次出现"] and rows[0]["销号日期"]
    assert other.number not in {row["文号"] for row in rows}


def test_a_paper_is_made_for_who_reads_it() -> None:
    office, district = make_actor(Role.CITY_OFFICE), make_organization(Level.DISTRICT)
    record = issued(office, district)
    clerk = make_actor(Role.DISTRICT_OFFICE, district)
    client = login(Client(), clerk)
    assert client.post(f"/rectifications/{record.pk}/papers/sheet/").status_code == 302
    job = Job.objects.get(kind="rectification_paper")
    assert run_job(job_id=job.pk) == JobState.DONE
    assert file_of(job).startswith(b"%PDF")
    assert client.post(f"/rectifications/{record.pk}/papers/other/").status_code == 404
