"""The import of a ledger by plain POST: paste with and without a heading, 补录, scans on the batch, who may not."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from cultivation.enums import ImportState
from cultivation.models import ImportBatch, PublicityItem
from tests import factories
from tests.cultivation.import_samples import City, make_city
from zaozhuang_portal.accounts.enums import Level, Role
from zaozhuang_portal.operations.models import Attachment, Job

pytestmark = pytest.mark.django_db
LINES = "2026-03-05\t集体协商走进玻璃行业\t主流媒体\t枣庄日报\n2026.4.2\t一线指导员的一天\t新媒体\t鲁南先锋"
START = "/ledgers/publicity/import/"


def picture() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (40, 30), "white").save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def browser(city) -> Client:
    return factories.login(Client(), factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou))


def step(browser, name, batch, **fields):
    return browser.post(reverse(f"cultivation:import_{name}", args=[batch.pk]), fields)


def test_cells_without_a_heading_are_taken_in_the_order_of_the_template(browser):
    response = browser.post(START, {"text": LINES})
    batch = ImportBatch.objects.get()
    assert (response.status_code, batch.state) == (302, ImportState.STAGED)
    page = browser.get(response.headers["Location"]).content.decode()
    assert "没有表头，已按模板的列序对应" in page
    assert page.count("猜测") == 4
    step(browser, "mapping", batch, **{"column-0": "happened_on"})
    batch.refresh_from_db()
    assert (batch.state, batch.created_count) == (ImportState.CHECKED, 2)
    assert not PublicityItem.objects.exists()
    assert step(browser, "confirm", batch, digest=batch.digest, mode="all").status_code == 302
    assert PublicityItem.objects.count() == 2


def test_a_backfill_names_its_source_and_keeps_the_scan(browser):
    text = "发布日期\t标题\t媒体类别\t媒体名称\n2024-03-05\t集体协商\t主流媒体\t枣庄日报"
    browser.post(START, {"text": text, "backfilled": "on", "source_document": "滕人社〔2024〕15号"})
    batch = ImportBatch.objects.get()
    step(browser, "confirm", batch, digest=batch.digest, mode="all")
    item = PublicityItem.objects.get()
    assert (item.backfilled, item.source_document) == (True, "滕人社〔2024〕15号")
    url = reverse("cultivation:import_detail", args=[batch.pk])
    assert "来源：滕人社〔2024〕15号" in browser.get(url).content.decode()
    scan = SimpleUploadedFile("盖章原件.png", picture(), content_type="image/png")
    assert step(browser, "upload", batch, file=scan).status_code == 303
    stored = Attachment.objects.get(owner_kind="ImportBatch", owner_id=batch.pk)
    assert stored.label in browser.get(url).content.decode()
    stranger = factories.login(Client(), factories.make_actor(Role.DISTRICT_OFFICE))
    assert stranger.get(stored.get_absolute_url()).status_code == 404


def test_nothing_typed_is_lost_and_the_cause_is_said(browser):
    response = browser.post(START, {"text": "什么\n都不是"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "没有找到表头" in page
    assert "都不是" in page


def test_the_city_chooses_whose_rows_it_brings(city):
    office = factories.make_actor(Role.CITY_OFFICE)
    browser = factories.login(Client(), office)
    page = browser.get(START).content.decode()
    assert "滕州市" in page
    assert "枣庄市</option>" in page
    own = factories.make_organization(Level.CITY)
    heading = "发布日期\t标题\t媒体类别\t媒体名称\n"
    browser.post(START, {"text": heading + LINES, "district": own.pk})
    batch = ImportBatch.objects.get()
    step(browser, "confirm", batch, digest=batch.digest, mode="all")
    assert set(PublicityItem.objects.values_list("organization", flat=True)) == {own.pk}


def test_the_list_offers_import_only_to_importers_and_export_to_readers(city, browser):
    url = reverse("cultivation:ledger_list", args=["publicity"])
    assert START in browser.get(url).content.decode()
    member = factories.login(Client(), factories.make_actor(Role.CITY_MEMBER))
    page = member.get(url).content.decode()
    assert START not in page
    export = reverse("cultivation:ledger_export", args=["publicity"])
    assert export in page
    assert member.get(export).status_code == 405
    assert member.post(f"{export}?year=2026&q=协商").status_code == 302
    assert Job.objects.get().parameters["text"] == "协商"
    assert member.get(START).status_code == 403
    assert browser.get("/ledgers/nothing/import/").status_code == 404
