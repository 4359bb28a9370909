"""The import by plain POST, step by step, as a clerk of the district sees it."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from cultivation.enums import ImportState
from cultivation.models import ImportBatch, Subject
from tests import factories
from tests.cultivation.import_samples import HEADER, City, code, firm, golden, make_city, register, workbook
from tests.kernel import hostile
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import Membership
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.operations.enums import JobState
from zaozhuang_portal.operations.models import Job
from zaozhuang_portal.operations.services.job_runner import run_job

pytestmark = pytest.mark.django_db
NEW = "cultivation:import_new"


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def browser(city) -> Client:
    return factories.login(Client(), factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou))


def upload(browser, data, *, name="名册.xlsx", **fields):
    body = {"kind": "enterprises", "file": SimpleUploadedFile(name, data)} | fields
    return browser.post(reverse(NEW), body)


def follow(browser, response):
    assert response.status_code == 302, response.content.decode()[:2000]
    page = browser.get(response.headers["Location"])
    assert page.status_code == 200
    return page


def press(browser, step, batch, **fields):
    return browser.post(reverse(f"cultivation:import_{step}", args=[batch.pk]), fields)


def confirm(browser, batch, **fields):
    return press(browser, "confirm", batch, **({"digest": batch.digest, "mode": "all"} | fields))


def test_two_posts_bring_the_register_in(browser):
    page = follow(browser, upload(browser, register(firm(1), firm(2))))
    text = page.content.decode()
    assert "确认导入 2 家" in text
    assert "滕州市第1机械有限公司" in text
    assert not Subject.objects.exists()
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', text)[1]
    batch = ImportBatch.objects.get()
    page = follow(browser, confirm(browser, batch, digest=digest))
    assert "新增 2 家，更新 0 家" in page.content.decode()
    assert Subject.objects.count() == 2


def test_reading_pages_writes_nothing(browser):
    upload(browser, register(firm(1)))
    batch = ImportBatch.objects.get()
    for step in ("mapping", "check", "confirm", "cancel", "undo"):
        assert browser.get(reverse(f"cultivation:import_{step}", args=[batch.pk])).status_code == 405
    browser.get(reverse("cultivation:import_detail", args=[batch.pk]))
    batch.refresh_from_db()
    assert (batch.state, Subject.objects.count()) == (ImportState.CHECKED, 0)


def test_errors_are_grouped_and_the_person_chooses(browser):
    data = register(
        firm(1), firm(2, 统一社会信用代码=""), firm(3, 统一社会信用代码=""), firm(4, 职工人数="三百")
    )
    text = follow(browser, upload(browser, data)).content.decode()
    assert "缺少统一社会信用代码：2 处" in text
    assert "第 5 行 F 列“职工人数”：‘三百’不是数字，请填阿拉伯数字" in text
    assert "只导入无错误的 1 家" in text
    assert "全部改好再导入" in text
    batch = ImportBatch.objects.get()
    response = confirm(browser, batch)
    assert response.status_code == 422
    assert "还有 3 行有错误" in response.content.decode()
    assert not Subject.objects.exists()
    text = follow(browser, confirm(browser, batch, mode="only_good")).content.decode()
    assert "3 行有错误未导入" in text
    assert Subject.objects.get().credit_code == code(1)


def test_the_marked_workbook_can_be_downloaded(browser):
    upload(browser, register(firm(1), firm(2, 职工人数="三百")))
    url = reverse("cultivation:import_marked", args=[ImportBatch.objects.get().pk])
    response = browser.get(url)
    assert "filename*=UTF-8''" in response.headers["Content-Disposition"]
    assert load_workbook(BytesIO(response.content)).active.max_row == 3
    assert load_workbook(BytesIO(browser.get(f"{url}?errors=1").content)).active.max_row == 2


def test_pasted_cells_are_kept_when_they_cannot_be_read(browser):
    response = browser.post(reverse(NEW), {"kind": "enterprises", "text": "没有\t表头\n1\t2"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "没有找到表头" in text
    assert "没有\t表头" in text and "读到的第一行是“没有、表头”" in text and "请连同表头一起复制" in text
    pasted = "\n".join("\t".join(map(str, row)) for row in (HEADER, firm(1)))
    follow(browser, browser.post(reverse(NEW), {"kind": "enterprises", "text": pasted}))
    assert ImportBatch.objects.get().created_count == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "文件是空的（0 字节）"),
        (b"\x00\x01", "这个文件是认不出的文件"),
        (hostile.pdf(), "这个文件是 PDF 文件"),
        (hostile.docx(), "这个文件是 Word 文档（.docx）"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"name,\xff\xff", "文字编码不是 UTF-8 或 GBK"),
        ("企業名稱,職工人數\n甲,1".encode("big5"), "看到的是乱码时，说明 csv 的文字编码不对"),
        (hostile.xlsx([["姓名", "电话"]]), "没有企业的列名，读到的第一行是“姓名、电话”"),
        (hostile.xlsx([[""]]), "表格里没有内容"),
    ],
)
def test_a_bad_file_is_named_with_its_cure(browser, data, words):
    response = upload(browser, data)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page and "也可以下载模板，把内容填进去再上传。" in page
    assert not ImportBatch.objects.exists()


def test_nothing_chosen_is_said(browser):
    response = browser.post(reverse(NEW), {"kind": "enterprises"})
    assert response.status_code == 422
    assert "请选择要导入的文件" in response.content.decode()


def test_guesses_are_shown_and_can_be_mended(browser):
    data = workbook(["企业名称", "信用代码", "2025年末职工人数", "说明"], ["甲厂", code(1), 3, "x"])
    text = follow(browser, upload(browser, data)).content.decode()
    assert "猜测" in text
    assert "确认列对应" in text
    batch = ImportBatch.objects.get()
    response = press(browser, "mapping", batch, **{"column-0": "name", "column-1": "name"})
    assert response.status_code == 422
    assert "有两列都对应“企业名称”" in response.content.decode()
    follow(browser, press(browser, "mapping", batch, **{"column-2": ""}))
    batch.refresh_from_db()
    follow(browser, confirm(browser, batch))
    assert Subject.objects.get().employee_count is None


def test_a_changed_record_shows_old_and_new(browser):
    upload(browser, register(firm(1)))
    confirm(browser, ImportBatch.objects.get())
    text = follow(browser, upload(browser, register(firm(1, 职工人数=312)))).content.decode()
    assert re.search(r"职工人数 <del>101</del> → <ins>312</ins>", text)
    text = follow(browser, upload(browser, register(firm(1)))).content.decode()
    assert "没有需要写入的内容" in text


def test_a_stale_preview_answers_409_with_the_new_one(browser):
    upload(browser, register(firm(1)))
    upload(browser, register(firm(1)))
    second, first = ImportBatch.objects.all()
    confirm(browser, first)
    response = confirm(browser, second)
    assert response.status_code == 409
    assert "重新校验" in response.content.decode()
    assert Subject.objects.count() == 1


def test_check_digits_ask_for_a_word(browser):
    wrong = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")
    text = follow(browser, upload(browser, register(firm(1, 统一社会信用代码=wrong)))).content.decode()
    assert "code_note" in text
    batch = ImportBatch.objects.get()
    assert confirm(browser, batch).status_code == 422
    follow(browser, confirm(browser, batch, code_note="已核对营业执照"))
    assert Subject.objects.get().credit_code_note == "已核对营业执照"


def test_undo_and_its_time_limit(browser):
    upload(browser, register(firm(1)))
    batch = ImportBatch.objects.get()
    confirm(browser, batch)
    batch.refresh_from_db()
    ImportBatch.objects.update(confirmed_at=batch.confirmed_at - timedelta(hours=24))
    response = press(browser, "undo", batch)
    assert response.status_code == 422
    assert "24 小时" in response.content.decode()
    ImportBatch.objects.update(confirmed_at=batch.confirmed_at)
    assert press(browser, "undo", batch).status_code == 302
    assert not Subject.objects.exists()
    text = browser.get(reverse("cultivation:import_detail", args=[batch.pk])).content.decode()
    assert "删除新增 1 家" in text


def test_cancel(browser):
    upload(browser, register(firm(1)))
    batch = ImportBatch.objects.get()
    assert press(browser, "cancel", batch).status_code == 302
    batch.refresh_from_db()
    assert batch.state == ImportState.CANCELLED
    assert browser.get(reverse("cultivation:import_detail", args=[batch.pk])).status_code == 200
    assert browser.get(reverse("cultivation:import_marked", args=[batch.pk])).status_code == 404


def test_many_rows_are_checked_and_written_by_jobs(browser):
    response = upload(browser, register(*[firm(number) for number in range(501)]))
    check = Job.objects.get()
    assert response.headers["Location"] == reverse("operations:job", args=[check.uid])
    batch = ImportBatch.objects.get()
    assert batch.state == ImportState.MAPPED
    assert "查看进度" in browser.get(reverse("cultivation:import_detail", args=[batch.pk])).content.decode()
    run_job(job_id=check.pk)
    check.refresh_from_db()
    batch.refresh_from_db()
    assert (check.state, batch.state, batch.created_count) == (JobState.DONE, ImportState.CHECKED, 501)
    assert check.result["url"] == reverse("cultivation:import_detail", args=[batch.pk])
    assert not Subject.objects.exists()
    response = confirm(browser, batch)
    job = Job.objects.exclude(pk=check.pk).get()
    assert response.headers["Location"] == reverse("operations:job", args=[job.uid])
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    assert Subject.objects.count() == 501
    run_job(job_id=job.pk)
    assert Subject.objects.count() == 501


def test_a_job_whose_requester_lost_the_right_writes_nothing(browser):
    upload(browser, register(*[firm(number) for number in range(501)]))
    job = Job.objects.get()
    Membership.objects.update(valid_to=clock.shanghai_date(clock.now()) - timedelta(days=1))
    run_job(job_id=job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert ImportBatch.objects.get().state == ImportState.MAPPED


def test_the_city_chooses_the_district(city):
    browser = factories.login(Client(), factories.make_actor(Role.CITY_OFFICE))
    assert upload(browser, register(firm(1))).status_code == 422
    follow(browser, upload(browser, register(firm(1)), district=city.tengzhou.pk))
    assert ImportBatch.objects.get().organization == city.tengzhou


def test_a_district_cannot_name_another(browser, city):
    follow(browser, upload(browser, register(firm(1)), district=city.xuecheng.pk))
    assert ImportBatch.objects.get().organization == city.tengzhou


def test_another_districts_batch_is_not_found(browser, city):
    upload(browser, register(firm(1)))
    batch = ImportBatch.objects.get()
    stranger = factories.login(Client(), factories.make_actor(Role.DISTRICT_OFFICE, city.xuecheng))
    for step in ("detail", "marked"):
        assert stranger.get(reverse(f"cultivation:import_{step}", args=[batch.pk])).status_code == 404
    for step in ("mapping", "check", "confirm", "cancel", "undo"):
        assert press(stranger, step, batch).status_code == 404
    assert batch.label not in stranger.get(reverse("cultivation:import_list")).content.decode()
    assert batch.label in browser.get(reverse("cultivation:import_list")).content.decode()


def test_templates_can_be_downloaded(browser):
    for kind in ("enterprises", "parks", "pilots"):
        response = browser.get(reverse("cultivation:import_template", args=[kind]))
        assert response.status_code == 200
        assert load_workbook(BytesIO(response.content)).worksheets[0].max_row == 2
    assert browser.get(reverse("cultivation:import_template", args=["x"])).status_code == 404


def test_the_golden_workbook_in_the_browser(browser):
    text = follow(browser, upload(browser, golden())).content.decode()
    assert "确认导入 3 家" in text
    assert "跳过" in text
    assert "合计行 1 行" in text


def test_stored_words_are_inert(browser):
    text = follow(
        browser, upload(browser, register(firm(1, 企业名称="<script>alert(1)</script>")))
    ).content.decode()
    assert "<script>alert(1)" not in text
