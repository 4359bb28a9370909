"""The files of a record's page: its signed paper and everything else stand apart; what is in the wrong place is moved."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from cultivation.ledgers.trainings import TRAININGS
from cultivation.rules.trainings import TOPICS
from tests.cultivation.ledger_factories import make_record
from tests.factories import login, make_actor, make_organization, make_year
from tests.operations.test_attachments import picture
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.operations import access
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db


def test_a_record_page_keeps_its_paper_and_other_files_apart(client: Client) -> None:
    make_year()
    district = make_organization(Level.DISTRICT)
    training = make_record(TRAININGS, district, topics=list(TOPICS[:1]))
    login(client, make_actor(Role.DISTRICT_OFFICE, district))
    page_url = reverse("cultivation:ledger_detail", args=["trainings", training.pk])
    upload_url = reverse("cultivation:ledger_upload", args=["trainings", training.pk])

    def send(address: str, name: str, **headers: str) -> HttpResponse:
        return client.post(
            address,
            {"file": SimpleUploadedFile(name, picture(size=(8, 8 + ord(name[0]) % 97 + len(name))))},
            headers=headers,
        )

    assert send(upload_url, "现场.png").status_code == 303
    page = client.get(page_url).content.decode()
    assert "未传回" in page and f'action="{upload_url}?purpose=SCAN"' in page
    scans, files = page.split('id="record-scans"')[1].split('id="record-files"')
    assert "现场.png" in files and "现场.png" not in scans and "改作签到表" in files

    # The upload box gets its row back, the plain list of htmx only its own place.
    row = send(upload_url + "?purpose=SCAN", "签到.png", **{"X-Upload": "1"}).content.decode()
    assert "改作其他材料" in row
    listed = send(upload_url + "?purpose=SCAN", "签到二.png", **{"HX-Request": "true"}).content.decode()
    assert "签到.png" in listed and "现场.png" not in listed
    scans, files = (
        client.get(page_url).content.decode().split('id="record-scans"')[1].split('id="record-files"')
    )
    assert "签到.png" in scans and "签到.png" not in files
    assert send(upload_url + "?purpose=PHOTO", "别的.png").status_code == 422

    # A ledger without a paper of its own has one place.
    assert access.purposes_of("PracticeAdoption") == {"OTHER": "其他材料"}
    assert access.purposes_of("Training") == {"OTHER": "其他材料", "SCAN": "签到表"}
    for scan in Attachment.objects.scans("Training"):
        address = reverse("operations:file_purpose", args=[scan.uid])
        answer = client.post(address, {"purpose": "OTHER", "next": page_url})
        assert (answer.status_code, answer.headers["Location"]) == (303, page_url)
    assert "未传回" in client.get(page_url).content.decode()
    assert client.post(address, {"purpose": "PHOTO", "next": page_url}).headers["Location"] == page_url
    assert "只能作为其他材料或签到表" in client.get(page_url).content.decode()
