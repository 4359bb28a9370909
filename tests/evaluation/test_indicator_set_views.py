"""The screens of the standards."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.selectors.definitions import definition_of
from evaluation.services.indicator_set_files import read_indicator_set_file, write_indicator_workbook
from evaluation.services.indicator_sets import load_indicator_set, publish_indicator_set
from tests.evaluation.indicator_set_samples import SHIPPED, shipped
from tests.factories import login, make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.kernel import clock

pytestmark = pytest.mark.django_db
LABEL = "重构稿，待官方文本核定"


@pytest.fixture
def office(client: Client) -> Client:
    return login(client, make_actor(Role.CITY_OFFICE))


def draft(name: str = "4077") -> IndicatorSet:
    return load_indicator_set(actor=None, definition=shipped(name), now=clock.now()).indicator_set


def published(name: str = "4077") -> IndicatorSet:
    return publish_indicator_set(actor=None, indicator_set=draft(name), now=clock.now())


def upload(client: Client, content: bytes, name: str = "set.yaml") -> Any:
    return client.post(reverse("evaluation:standard_upload"), {"file": SimpleUploadedFile(name, content)})


def second_version() -> bytes:
    text = SHIPPED["4077"].read_text(encoding="utf-8")
    return text.replace("2020-r1", "2020-r2").replace("双方各执一份", "双方各持一份").encode()


def url(name: str, row: IndicatorSet) -> str:
    return reverse(f"evaluation:standard_{name}", kwargs={"pk": row.pk})


def test_everybody_reads_the_whole_standard(client: Client) -> None:
    row = published()
    page = login(client, make_actor(Role.INSTRUCTOR)).get(url("detail", row)).content.decode()
    assert LABEL in page
    for indicator in shipped("4077").indicators:
        assert indicator.code in page
        assert all(part.in_words() in page for part in indicator.parts)
    assert all(veto.name in page for veto in shipped("4077").vetoes)
    assert "不适用的得满分" in page
    assert "发布评价标准" not in page


def test_the_list_hides_drafts_from_the_others(client: Client) -> None:
    published("4076")
    draft("4077")
    page = (
        login(client, make_actor(Role.DISTRICT_OFFICE))
        .get(reverse("evaluation:standard_list"))
        .content.decode()
    )
    assert "DB37/T 4076" in page
    assert "DB37/T 4077" not in page
    assert LABEL in page
    page = (
        login(client, make_actor(Role.CITY_OFFICE)).get(reverse("evaluation:standard_list")).content.decode()
    )
    assert "DB37/T 4077" in page
    assert "工业园区、乡镇（街道）" in page


def test_the_statements_of_the_pages_are_few(office: Client) -> None:
    rows = [published("4076"), published("4077")]
    for row in rows:
        definition_of(row)
    office.get(reverse("evaluation:standard_list"))
    for address in (reverse("evaluation:standard_list"), url("detail", rows[0])):
        with CaptureQueriesContext(connection) as statements:
            office.get(address)
        assert len(statements) <= 5, [found["sql"] for found in statements]


def test_upload_draft_diff_publish(office: Client) -> None:
    first = published()
    answer = upload(office, second_version())
    row = IndicatorSet.objects.get(version="2020-r2")
    assert (answer.status_code, answer["Location"]) == (302, url("detail", row))
    page = office.get(url("detail", row)).content.decode()
    assert "与 2020-r1 版相比" in page
    assert "双方各持一份" in page
    assert "双方各执一份" in page
    page = office.get(url("publish", row)).content.decode()
    assert "发布后内容不能再改" in page
    assert LABEL in page
    assert row.content_hash in page
    answer = office.post(url("publish", row), {"content_hash": row.content_hash})
    assert answer["Location"] == url("detail", row)
    row.refresh_from_db()
    assert (row.state, row.published_by is not None) == (IndicatorSetState.PUBLISHED, True)
    first.refresh_from_db()
    assert first.state == IndicatorSetState.PUBLISHED


def test_a_workbook_is_taken_by_its_content(office: Client) -> None:
    upload(office, write_indicator_workbook(shipped("4076")), "随便.bin")
    assert IndicatorSet.objects.get().code == "DB37/T 4076"


def test_every_problem_is_listed_and_nothing_is_written(office: Client) -> None:
    text = SHIPPED["4077"].read_text(encoding="utf-8")
    wrong = text.replace("max_score: 2.5", "max_score: 3", 1).replace("kind: survey", "kind: poll")
    answer = upload(office, wrong.encode())
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "评价指标 D01-01：各条评分规则最高分合计 2.5，与本指标满分 max_score 3 不一致" in page
    assert "没有“poll”这种规则" in page
    assert not IndicatorSet.objects.exists()


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7 x", b"PK\x03\x04xx", "名称".encode("gb18030"), b"x" * (2 * 1024 * 1024 + 1)]
)
def test_files_of_another_kind_are_refused_in_words(office: Client, content: bytes) -> None:
    answer = upload(office, content)
    assert answer.status_code == 422
    assert not IndicatorSet.objects.exists()


def test_no_file_chosen(office: Client) -> None:
    answer = office.post(reverse("evaluation:standard_upload"))
    assert answer.status_code == 422
    assert "请选择评价标准文件" in answer.content.decode()


def test_only_the_shown_content_is_published(office: Client) -> None:
    row = draft()
    for given in ({"content_hash": "0" * 64}, {}):
        assert office.post(url("publish", row), given).status_code == 409
    row.refresh_from_db()
    assert row.state == IndicatorSetState.DRAFT


def test_a_draft_is_discarded_by_post_only(office: Client) -> None:
    row = draft()
    assert office.get(url("discard", row)).status_code == 405
    assert office.post(url("discard", row)).status_code == 302
    assert not IndicatorSet.objects.exists()
    assert office.post(url("discard", published())).status_code == 409


def test_the_download_loads_again_as_the_same_set(client: Client) -> None:
    row = published()
    answer = login(client, make_actor(Role.TOWNSHIP_STAFF)).get(url("workbook", row))
    assert "filename*=UTF-8''" in answer["Content-Disposition"]
    assert "%EF%BC%88%E9%87%8D%E6%9E%84%E7%A8%BF%EF%BC%89" in answer["Content-Disposition"]  # （重构稿）
    assert read_indicator_set_file(answer.content) == shipped("4077")
