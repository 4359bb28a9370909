"""An import in the browser's steps: nothing before confirming, mapping, warnings, undo, the marked workbook."""

from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from cultivation.enums import ImportState
from cultivation.models import ImportBatch, Subject, SubjectContact
from cultivation.services.imports import (
    cancel_import,
    map_columns,
)
from cultivation.services.imports_files import make_marked_workbook
from cultivation.services.imports_undo import undo_import
from tests import factories
from tests.cultivation.import_samples import (
    HEADER,
    NOW,
    City,
    code,
    firm,
    make_city,
    register,
    workbook,
)
from tests.cultivation.import_steps import bring, check, confirm, imported, stage
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def test_nothing_is_written_before_confirm(city, clerk):
    batch = stage(clerk, city, register(firm(1), firm(2, 职工人数="三百")))
    assert batch.state == ImportState.MAPPED
    check(clerk, batch)
    assert (batch.state, batch.created_count, batch.error_row_count) == (ImportState.CHECKED, 1, 1)
    assert not Subject.objects.exists()
    confirm(clerk, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.confirmed_by) == (ImportState.CONFIRMED, clerk.user)
    subject = Subject.objects.get()
    assert (subject.created_by, subject.credit_code) == (clerk.user, code(1))
    entry = AuditEntry.objects.get(action="导入")
    assert (entry.user_id, entry.changes["created"]) == (clerk.user.pk, [0, 1])


def test_errors_may_hold_the_whole_batch_back(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1), firm(2, 职工人数="三百"))))
    with pytest.raises(DomainError, match="还有 1 行有错误"):
        confirm(clerk, batch, only_good=False)
    assert batch.state == ImportState.CHECKED
    assert not Subject.objects.exists()


def test_guessed_columns_wait_for_the_person(city, clerk):
    data = workbook(["企业名称", "信用代码", "2025年末职工人数"], ["甲厂", code(1), 3])
    batch = stage(clerk, city, data)
    assert batch.state == ImportState.STAGED
    with pytest.raises(IllegalTransition):
        check(clerk, batch)
    map_columns(actor=clerk, batch=batch, mapping={"2025年末职工人数": "employee_count"}, now=NOW)
    confirm(clerk, check(clerk, batch))
    assert Subject.objects.get().employee_count == 3


def test_a_doubtful_mapping_is_refused(city, clerk):
    batch = stage(clerk, city, workbook(["企业名称", "信用代码", "2025年末职工人数"], ["甲厂", code(1), 3]))
    with pytest.raises(DomainError, match="有两列都对应“企业名称”"):
        map_columns(
            actor=clerk, batch=batch, mapping={"企业名称": "name", "2025年末职工人数": "name"}, now=NOW
        )
    with pytest.raises(DomainError, match="还没有指定哪一列是“统一社会信用代码”"):
        map_columns(actor=clerk, batch=batch, mapping={"信用代码": ""}, now=NOW)
    with pytest.raises(DomainError, match="无法识别"):
        map_columns(actor=clerk, batch=batch, mapping={"信用代码": "managing_organization"}, now=NOW)


def test_a_register_that_moved_on_is_shown_again(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    bring(city, register(firm(1)))
    with pytest.raises(ConflictError, match="重新校验"):
        confirm(clerk, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.created_count, batch.unchanged_count) == (ImportState.CHECKED, 0, 1)
    assert Subject.objects.count() == 1


def test_confirming_twice_imports_once(city, clerk):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    twin = ImportBatch.objects.get(pk=batch.pk)
    confirm(clerk, batch)
    with pytest.raises(IllegalTransition):
        confirm(clerk, twin)
    assert Subject.objects.count() == 1


def test_a_wrong_check_digit_asks_for_a_word(city, clerk):
    wrong = code(1)[:-1] + ("0" if code(1)[-1] != "0" else "1")
    batch = check(clerk, stage(clerk, city, register(firm(1, 统一社会信用代码=wrong))))
    with pytest.raises(DomainError, match="校验位不符"):
        confirm(clerk, batch)
    confirm(clerk, batch, code_note="已核对营业执照")
    assert Subject.objects.get().credit_code_note == "已核对营业执照"


def test_pasted_cells_with_heading(city, clerk):
    text = "\t".join(HEADER) + "\n" + "\t".join(str(value) for value in firm(1)) + "\n"
    batch = stage(clerk, city, text.encode(), pasted=True)
    confirm(clerk, check(clerk, batch))
    assert Subject.objects.get().employee_count == 101


def test_cancelling_leaves_nothing_behind(city, clerk, django_capture_on_commit_callbacks):
    batch = check(clerk, stage(clerk, city, register(firm(1))))
    name = batch.file.name
    assert batch.file.storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        cancel_import(actor=clerk, batch=batch, now=NOW)
    assert not batch.file.storage.exists(name)
    with pytest.raises(IllegalTransition):
        confirm(clerk, batch)


@pytest.mark.parametrize(
    "role",
    [Role.CITY_MEMBER, Role.LEADER, Role.SYSTEM_ADMIN, Role.AUDITOR, Role.INSTRUCTOR, Role.TOWNSHIP_STAFF],
)
def test_other_roles_may_not_import(city, role):
    with pytest.raises(NotAllowed):
        stage(factories.make_actor(role), city, register(firm(1)))
    assert not ImportBatch.objects.exists()


def test_a_district_imports_only_its_own_and_the_city_any(city, clerk):
    with pytest.raises(NotAllowed):
        stage(clerk, city, register(firm(1)), organization=city.xuecheng)
    office = factories.make_actor(Role.CITY_OFFICE)
    assert stage(office, city, register(firm(1)), organization=city.xuecheng).organization == city.xuecheng
    assert not ImportBatch.objects.visible_to(clerk).exists()
    assert ImportBatch.objects.visible_to(office).count() == 1


def test_undo_takes_back_what_nobody_touched(city, clerk):
    imported(clerk, city, register(firm(1), firm(2), firm(3)))
    before = {row["pk"]: row for row in Subject.objects.values("pk", "name", "employee_count", "township_id")}
    header = [*HEADER, "地址"]
    data = workbook(
        header,
        [
            *firm(1, 企业名称="滕州市华泰机械有限公司", 职工人数=1, **{"乡镇（街道）": "北辛街道"}),
            "平行路1号",
        ],
        [*firm(2, 职工人数=2), ""],
        [*firm(4), ""],
        [*firm(5), ""],
        [*firm(6), ""],
    )
    batch = imported(clerk, city, data)
    Subject.objects.filter(credit_code=code(2)).update(employee_count=777, version=9)
    Subject.objects.filter(credit_code=code(4)).update(version=2)
    used = Subject.objects.get(credit_code=code(5))
    SubjectContact.objects.create(user=clerk.user, subject=used, valid_from=NOW.date())
    undo_import(actor=clerk, batch=batch, now=NOW + timedelta(hours=23))
    result = ImportBatch.objects.get(pk=batch.pk).report.undo_result
    assert (result["deleted"], result["restored"], result["kept_count"]) == (1, 1, 3)
    assert {item["name"] for item in result["kept"]} == {
        "滕州市第4机械有限公司",
        "滕州市第5机械有限公司",
        "滕州市第2机械有限公司",
    }
    first = Subject.objects.get(credit_code=code(1))
    assert {name: getattr(first, name) for name in before[first.pk] if name != "pk"} == {
        name: value for name, value in before[first.pk].items() if name != "pk"
    }
    assert (first.profile.address, first.version, first.division_code) == ("", 3, "370481001")
    assert first in Subject.objects.named_like("第1机械")
    assert not Subject.objects.filter(credit_code=code(6)).exists()
    assert Subject.objects.get(credit_code=code(2)).employee_count == 777
    with pytest.raises(IllegalTransition):
        undo_import(actor=clerk, batch=batch, now=NOW)


def test_undo_ends_after_a_day(city, clerk):
    batch = imported(clerk, city, register(firm(1)))
    with pytest.raises(DomainError, match="24 小时"):
        undo_import(actor=clerk, batch=batch, now=NOW + timedelta(hours=24))
    assert Subject.objects.count() == 1


def test_the_users_workbook_comes_back_marked(city, clerk):
    imported(clerk, city, register(firm(1)))
    data = register(firm(1), firm(2), firm(3, 职工人数="三百", 联系电话="1"), firm(1))
    batch = imported(clerk, city, data)
    sheet = load_workbook(BytesIO(make_marked_workbook(batch))).active
    marks = [row[8].value for row in sheet.iter_rows()]
    assert marks[0] == "导入结果"
    assert marks[1:3] == ["不变", "新增"]
    assert marks[3].startswith("未导入：第 4 行 F 列“职工人数”：‘三百’")
    assert "；第 4 行 H 列“联系电话”" in marks[3]
    assert "与第 2 行重复" in marks[4]
    assert sheet["F4"].fill.fgColor.rgb.endswith("FDECEC")
    few = load_workbook(BytesIO(make_marked_workbook(batch, errors_only=True))).active
    assert [row[0].value for row in few.iter_rows()] == ["企业名称", firm(3)[0], firm(1)[0]]
