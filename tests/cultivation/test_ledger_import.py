"""Import into every ledger: what is new, changed, unchanged and refused; the same file twice; undo; 补录."""

from __future__ import annotations

from datetime import date

import pytest

from cultivation.ledgers.base import all_ledgers, find_ledger
from cultivation.models import PublicityItem
from cultivation.rules.record_numbers import record_number
from cultivation.services.imports import check_import, confirm_import, import_file, stage_import
from cultivation.services.imports_undo import undo_import
from tests import factories
from tests.cultivation.import_samples import NOW, City, make_city, workbook
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db
HEADER = ["发布日期", "标题", "媒体类别", "媒体名称", "形式", "链接", "阅读（播放）量", "报道对象", "备注"]


def piece(number: int, **changes) -> list:
    row = dict(
        zip(
            HEADER,
            [
                f"2026-03-{number:02d}",
                f"集体协商第{number}篇",
                "主流媒体",
                "枣庄日报",
                "消息",
                "",
                100 + number,
                "",
                "",
            ],
            strict=True,
        )
    )
    return list((row | changes).values())


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def clerk(city):
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def bring(city, data, *, slug="publicity", actor=None, organization=None, **options):
    return import_file(
        actor=actor,
        kind=slug,
        organization=organization or city.tengzhou,
        data=data,
        filename="宣传清单.xlsx",
        now=NOW,
        **options,
    )


def counts(outcome):
    return outcome.created, outcome.updated, outcome.unchanged, [error.message for error in outcome.errors]


def test_rows_go_in_and_the_same_file_twice_changes_nothing(city, clerk):
    data = workbook(["滕州市宣传报道清单"], HEADER, piece(1), piece(2), ["合计", "2篇"])
    assert counts(bring(city, data, actor=clerk)) == (2, 0, 0, [])
    first = PublicityItem.objects.get(title="集体协商第1篇")
    assert (first.happened_on, first.media_kind, first.reads) == (date(2026, 3, 1), "MAINSTREAM", 101)
    assert (first.organization, first.year_id, first.created_by) == (city.tengzhou, 2026, clerk.user)
    audits = AuditEntry.objects.count()
    assert counts(bring(city, data, actor=clerk)) == (0, 0, 2, [])
    assert AuditEntry.objects.count() == audits


def test_a_changed_cell_is_one_change(city):
    bring(city, workbook(HEADER, piece(1), piece(2)))
    outcome = bring(city, workbook(HEADER, piece(1), piece(2, **{"阅读（播放）量": 5000})))
    assert counts(outcome) == (0, 1, 1, [])
    assert PublicityItem.objects.get(reads=5000).version == 2


def test_a_number_names_the_row_whatever_else_changed(city):
    bring(city, workbook(HEADER, piece(1)))
    item = PublicityItem.objects.get()
    data = workbook(["编号", "标题"], [record_number("publicity", item.pk), "新标题"])
    assert counts(bring(city, data)) == (0, 1, 0, [])
    item.refresh_from_db()
    assert item.title == "新标题"
