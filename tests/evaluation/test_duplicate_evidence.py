"""The same file twice is pointed out wherever a list of files is shown, also when it stands under another item."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cultivation.selectors.subject_pages import files_of
from evaluation.models import Answer
from tests.evaluation.assessment_builders import add_file, small_set, started
from tests.evaluation.test_assessment_pages import PDF
from tests.evaluation.test_review_pages import Pages
from tests.factories import login
from zaozhuang_portal.operations.models import Attachment

ROOT = Path(__file__).resolve().parents[2]
# Files that read attachments and show none as a list of an owner's files: they count, move, sweep or open one.
NO_LIST = {
    "evaluation/services/adoption.py",  # for the hash of what is adopted
    "evaluation/selectors/spot_checks/packs.py",  # copies a unit's own files into its pack
    "cultivation/services/visit_photos.py",
    "cultivation/services/imports_undo_rule.py",
    "cultivation/selectors/pilots.py",
    "cultivation/selectors/work_plans.py",
    "cultivation/selectors/data_checks/counting.py",
}


@pytest.mark.django_db
def test_the_card_points_out_a_file_that_stands_under_another_item():
    small_set()
    assessment, actor = started()
    client = login(Client(), actor)
    url = lambda code: reverse("evaluation:evidence_upload", args=[assessment.pk, code])  # noqa: E731  # short
    upload = lambda name: {"file": SimpleUploadedFile(name, PDF)}  # noqa: E731  # short
    box = {"X-Upload": "1"}
    first = client.post(url("D01-02"), upload("名册.pdf"), headers=box).content.decode()
    assert "内容相同" not in first
    second = client.post(url("D01-03"), upload("另一份.pdf"), headers=box).content.decode()
    assert "与“D01-02 名册.pdf”内容相同" in second  # at once, on the new row
    page = client.get(reverse("evaluation:assessment_section", args=[assessment.pk, "D01"])).content.decode()
    assert page.count("与“D01-02 名册.pdf”内容相同") == 1


@pytest.mark.django_db
def test_the_review_points_it_out_too():
    pages = Pages()
    Attachment.objects.all().delete()
    rows = {row.indicator: row.pk for row in Answer.objects.filter(layer="SELF")}
    add_file("answer", rows["D01-01"])
    add_file("answer", rows["D01-03"])
    page = pages.office.get(pages.url("review_detail")).content.decode()
    assert page.count("与“D01-01 材料.pdf”内容相同") == 1


@pytest.mark.django_db
def test_the_files_of_a_subject_are_marked(rf):
    pages = Pages()
    subject = pages.case.assessment.subject
    for _ in range(2):
        add_file("Subject", subject.pk)
    marked = [file.duplicate_of for file in files_of(pages.case.office, subject)]
    assert sorted(marked) == ["", "材料.pdf"]


def test_no_list_of_files_is_read_past_the_marking():
    """A module that reads attachments marks duplicates, or is named above as one that shows no list."""
    reading = re.compile(r"Attachment\.objects\.(?:current|of)\(")
    marking = re.compile(r"mark_duplicates|mark_evidence|attachments_of")
    found = set()
    for app in ("cultivation", "evaluation", "reporting"):
        for path in (ROOT / app).rglob("*.py"):
            text = path.read_text()
            if (
                "migrations" not in path.parts
                and "Attachment" in text
                and reading.search(text)
                and not marking.search(text)
            ):
                found.add(str(path.relative_to(ROOT)))
    assert found == NO_LIST, found ^ NO_LIST
