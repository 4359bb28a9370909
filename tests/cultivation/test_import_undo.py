"""§4: one rule of undoing for register and ledgers: what holds files stays, and every value put back is told."""

from __future__ import annotations

import pytest

from cultivation.models import ImportReport, PublicityItem, Subject
from cultivation.services.imports_undo import undo_import
from tests import factories
from tests.cultivation.import_samples import HEADER, NOW, City, code, firm, make_city, register, workbook
from tests.cultivation.import_steps import bring, imported
from tests.cultivation.test_ledger_import import HEADER as LEDGER_HEADER
from tests.cultivation.test_ledger_import import imported as imported_ledger
from tests.cultivation.test_ledger_import import piece
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.operations.models import Attachment

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    factories.make_year()
    return make_city()


@pytest.fixture
def clerk(city: City) -> Actor:
    return factories.make_actor(Role.DISTRICT_OFFICE, city.tengzhou)


def attach(kind: str, owner_id: int, actor: Actor, city: City) -> None:
    Attachment.objects.create(
        owner_kind=kind,
        owner_id=owner_id,
        organization=city.tengzhou,
        label="营业执照.png",
        file="x/营业执照.png",
        content_type="image/png",
        size=1,
        sha256="0" * 64,
        uploaded_at=NOW,
        uploaded_by=actor.user,
    )


def test_a_firm_whose_dossier_holds_files_stays(city: City, clerk: Actor) -> None:
    batch = imported(clerk, city, register(firm(1), firm(2)))
    kept = Subject.objects.get(credit_code=code(1))
    attach("Subject", kept.pk, clerk, city)
    undo_import(actor=clerk, batch=batch, now=NOW)
    assert list(Subject.objects.all()) == [kept]
    result = ImportReport.objects.get(batch=batch).undo_result
    assert result["kept"] == [{"name": kept.name, "why": "已上传附件"}] and result["deleted"] == 1


def test_a_ledger_row_with_files_stays(city: City, clerk: Actor) -> None:
    batch = imported_ledger(clerk, city, workbook(LEDGER_HEADER, piece(1), piece(2)))
    kept = PublicityItem.objects.get(title="集体协商第1篇")
    attach("PublicityItem", kept.pk, clerk, city)
    undo_import(actor=clerk, batch=batch, now=NOW)
    assert list(PublicityItem.objects.all()) == [kept]


def test_the_values_put_back_stand_in_the_audit_log(city: City, clerk: Actor) -> None:
    bring(city, register(firm(1, 职工人数=100)))
    bring(city, workbook(LEDGER_HEADER, piece(1)), kind="publicity")
    batch = imported(clerk, city, workbook(HEADER, firm(1, 职工人数=7), firm(2)))
    ledger = imported_ledger(clerk, city, workbook(LEDGER_HEADER, piece(1, 形式="视频"), piece(2)))
    undo_import(actor=clerk, batch=batch, now=NOW)
    undo_import(actor=clerk, batch=ledger, now=NOW)
    entries = {
        entry.action: entry.changes for entry in AuditEntry.objects.filter(action__contains="撤销导入，")
    }
    assert entries["撤销导入，恢复培育对象"]["employee_count"] == [7, 100]
    assert entries["撤销导入，删除培育对象"] == {}
    ledger_changes = next(changes for action, changes in entries.items() if "恢复宣传" in action)
    assert ledger_changes == {"form": ["视频", "消息"]}
    gone = AuditEntry.objects.get(action="撤销导入，删除培育对象")
    assert gone.label == "滕州市第2机械有限公司" and gone.user_id == clerk.user.pk
