"""迎检资料包: the unit's own records and files in the order of the checklist, gaps named, nothing of a verification."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cultivation.models import SubjectContact
from evaluation.enums import CheckState, Layer
from evaluation.models import Answer, Assessment, InspectionChecklist, SpotCheck
from evaluation.rules.spot_checks import packs as rules
from evaluation.selectors.spot_checks.packs import packable_check
from evaluation.services.assessments import start_assessment
from evaluation.services.spot_checks import packs
from evaluation.services.spot_checks.packs import request_pack
from tests.evaluation.assessment_builders import answer_everything, publish_real
from tests.evaluation.spot_checks.team_builders import NOW, drawn_check, drawn_round
from tests.factories import (
    actor_for,
    login,
    make_actor,
    make_organization,
    make_subject,
    make_user,
    make_visit,
)
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.kernel.errors import DomainError
from zaozhuang_portal.operations.enums import JOB_FILES, JobState
from zaozhuang_portal.operations.models import Attachment, Job
from zaozhuang_portal.operations.services.job_runner import run_job

CANARY = "核验时写下的话"


def contact_of(subject: Any) -> Actor:
    user = make_user()
    SubjectContact.objects.create(user=user, subject=subject, valid_from=date(2026, 1, 1))
    return actor_for(user)


def put_file(kind: str, owner: int, label: str, body: bytes = b"%PDF-1.4 proof") -> Attachment:
    row = Attachment(
        owner_kind=kind,
        owner_id=owner,
        label=label,
        content_type="application/pdf",
        size=len(body),
        sha256="0" * 64,
        uploaded_at=NOW,
    )
    row.file.save(label, ContentFile(body), save=False)
    row.save()
    return row


def pack_of(actor: Actor, check: SpotCheck) -> tuple[zipfile.ZipFile, list[list[Any]], Job]:
    job = request_pack(actor=actor, check=check, now=NOW)
    assert run_job(job_id=job.pk) == JobState.DONE
    job.refresh_from_db()
    stored = Attachment.objects.get(owner_kind=JOB_FILES, owner_id=job.pk)
    archive = zipfile.ZipFile(io.BytesIO(stored.file.read()))
    book = load_workbook(io.BytesIO(archive.read("目录.xlsx")), read_only=True)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    return archive, rows, job


@pytest.mark.django_db
def test_a_firm_gets_its_own_answers_and_files_by_item_and_nothing_of_the_verification() -> None:
    standard = publish_real()
    district = make_organization(Level.DISTRICT)
    subject = make_subject(district)
    firm = contact_of(subject)
    check = drawn_check(drawn_round(), subject, state=CheckState.NOTIFIED)
    assessment = start_assessment(
        actor=firm, subject=subject, year=check.round.year, set_code=standard.code, now=NOW
    )
    answer_everything(assessment, firm)
    answer = Answer.objects.filter(assessment=assessment, layer=Layer.SELF).order_by("indicator").first()
    assert answer is not None
    put_file("answer", answer.pk, "合同/台账.pdf")
    put_file("answer", answer.pk, "合同/台账.pdf")
    verified = Answer.objects.create(
        assessment=assessment,
        layer=Layer.DISTRICT,
        indicator=answer.indicator,
        inputs=answer.inputs,
        words=CANARY,
        verdict="CHANGED",
        reason_code="OTHER",
        reason=CANARY,
        updated_at=NOW,
    )
    put_file("answer", verified.pk, "核验底稿.pdf")
    archive, rows, job = pack_of(firm, check)
    names = archive.namelist()
    inside = [name for name in names if name.endswith(".pdf")]
    assert len(inside) == 2 and all(name.split("/")[1].startswith("合同_台账") for name in inside)
    assert answer.indicator in inside[0] and archive.read(inside[0]) == b"%PDF-1.4 proof"
    whole = "".join(str(cell) for row in rows for cell in row) + "".join(names) + str(job.result)
    assert CANARY not in whole and "核验底稿" not in whole
    # Every item of the standard in its order; what has no file says so.
    codes = list(dict.fromkeys(row[1] for row in rows if row[1] and str(row[1]).startswith("D")))
    definition = [code for code in codes if code]
    assert definition == sorted(definition) and "没有上传佐证材料" in whole


@pytest.mark.django_db
def test_a_district_gets_its_ledgers_by_line_and_the_gaps_named() -> None:
    district, other = make_organization(Level.DISTRICT), make_organization(Level.DISTRICT)
    check = drawn_check(drawn_round(), district, state=CheckState.NOTIFIED)
    InspectionChecklist.objects.update(
        lines=[
            {"code": "L01", "fact": "guidance", "title": "一对一指导服务", "evidence": ["服务记录"]},
            {"code": "L02", "fact": "pairing", "title": "结对", "evidence": "结对名单"},
        ]
    )
    visit = make_visit(make_subject(district))
    make_visit(make_subject(other, name="别区的企业"))
    put_file("GuidanceVisit", visit.pk, "照片.pdf")
    archive, rows, _ = pack_of(make_actor(Role.DISTRICT_OFFICE, district), check)
    names = archive.namelist()
    assert [name for name in names if name.startswith("01 L01")] and "01 L01 一对一指导服务/照片.pdf" in names
    sheet = next(name for name in names if name.endswith("台账.xlsx"))
    book = load_workbook(io.BytesIO(archive.read(sheet)), read_only=True)
    text = "".join(str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row)
    assert visit.subject.name in text and "别区的企业" not in text
    second = next(row for row in rows if row[1] == "L02")
    assert "系统中没有相应记录" in second[6] and second[3] == "结对名单"


@pytest.mark.django_db
def test_what_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MAX_BYTES", 20)
    district = make_organization(Level.DISTRICT)
    check = drawn_check(drawn_round(), district, state=CheckState.NOTIFIED)
    InspectionChecklist.objects.update(lines=[{"code": "L01", "fact": "guidance", "title": "一对一指导服务"}])
    visit = make_visit(make_subject(district))
    put_file("GuidanceVisit", visit.pk, "甲.pdf")
    put_file("GuidanceVisit", visit.pk, "乙.pdf")
    archive, rows, job = pack_of(make_actor(Role.DISTRICT_OFFICE, district), check)
    assert "1 个文件超出大小未装入" in job.result["message"]
    assert sum(name.endswith(".pdf") for name in archive.namelist()) == 1
    assert "“乙.pdf”超出资料包大小" in "".join(str(cell) for row in rows for cell in row)


@pytest.mark.django_db
def test_only_the_unit_its_district_and_the_office_get_a_pack_once_it_was_told(client: Client) -> None:
    publish_real()
    district = make_organization(Level.DISTRICT)
    subject = make_subject(district)
    check = drawn_check(drawn_round(), subject, state=CheckState.ASSIGNED)
    firm, clerk, office = (
        contact_of(subject),
        make_actor(Role.DISTRICT_OFFICE, district),
        make_actor(Role.CITY_OFFICE),
    )
    assert [packable_check(one, check.pk) is not None for one in (firm, clerk, office)] == [
        False,
        False,
        True,
    ]
    SpotCheck.objects.filter(pk=check.pk).update(state=CheckState.NOTIFIED)
    strangers = [contact_of(make_subject(district)), make_actor(Role.DISTRICT_OFFICE)]
    for stranger in strangers:
        with pytest.raises(DomainError):
            request_pack(actor=stranger, check=check, now=NOW)
        login(client, stranger)
        assert client.post(reverse("evaluation:check_pack", args=[check.pk])).status_code == 404
    login(client, firm)
    assert client.post(reverse("evaluation:check_pack", args=[check.pk])).status_code == 302
    assert not Assessment.objects.exists()


def test_names_in_a_pack_are_safe_and_never_the_same() -> None:
    assert rules.safe_name('a/b\\c:d*?"<>|\n') == "a_b_c_d_______"
    assert rules.safe_name("..") == "_" and len(rules.safe_name("长" * 90 + ".pdf")) == 60
    assert rules.safe_name("长" * 90 + ".pdf").endswith("….pdf")
    taken: set[str] = set()
    for expected in ("甲/A.pdf", "甲/a（2）.pdf", "甲/A（3）.pdf"):
        path = rules.free_path("甲", "A.pdf" if expected != "甲/a（2）.pdf" else "a.pdf", taken)
        taken.add(path.lower())
        assert path == expected
