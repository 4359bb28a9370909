"""Loading, publishing and discarding standards; published content never changes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from evaluation.models import IndicatorSet
from evaluation.models.indicator_sets import IndicatorSetState
from evaluation.rules.indicator_set_json import content_hash, from_json
from evaluation.rules.indicator_sets import parse_indicator_set
from evaluation.selectors.definitions import published_sets_for
from evaluation.selectors.indicator_sets import compare_with_previous, visible_indicator_sets
from evaluation.services.indicator_sets import discard_draft, load_indicator_set, publish_indicator_set
from tests.evaluation.indicator_set_samples import check, item, raw_set, shipped
from tests.factories import make_actor
from zaozhuang_portal.accounts.enums import Role
from zaozhuang_portal.accounts.models import AuditEntry
from zaozhuang_portal.kernel import clock
from zaozhuang_portal.kernel.errors import ConflictError, DomainError, IllegalTransition, NotAllowed

pytestmark = pytest.mark.django_db


def definition(
    version: str = "v1", name: str = "甲", effective_from: str | None = "2020-09-20", **meta: Any
) -> Any:
    raw = raw_set(item("A1", 1, check()))
    raw["dimensions"][0]["indicators"][0]["name"] = name
    raw["meta"] |= {"version": version, "effective_from": effective_from, **meta}
    return parse_indicator_set(raw)


def load(found: Any, actor: Any = None) -> Any:
    return load_indicator_set(actor=actor, definition=found, now=clock.now())


def publish(row: IndicatorSet, **more: Any) -> IndicatorSet:
    return publish_indicator_set(actor=None, indicator_set=row, now=clock.now(), **more)


def test_what_is_stored_is_what_was_loaded() -> None:
    loaded = load(shipped("4077"))
    row = IndicatorSet.objects.get()
    assert (loaded.outcome, row.state) == ("created", IndicatorSetState.DRAFT)
    assert from_json(row.definition) == shipped("4077")
    assert row.content_hash == content_hash(shipped("4077"))
    assert row.effective_from == date(2020, 9, 20)


def test_loading_twice_changes_nothing() -> None:
    load(definition())
    assert load(definition()).outcome == "unchanged"
    assert IndicatorSet.objects.count() == 1
    assert AuditEntry.objects.filter(kind="IndicatorSet").count() == 1


def test_a_draft_may_be_replaced_a_published_version_not() -> None:
    row = load(definition()).indicator_set
    assert load(definition(name="乙")).outcome == "updated"
    publish(row)
    assert load(definition(name="乙")).outcome == "unchanged"
    with pytest.raises(DomainError, match="新的版本号"):
        load(definition(name="丙"))
    assert from_json(IndicatorSet.objects.get().definition).indicators[0].name == "乙"
    assert load(definition(version="v2", name="丙")).outcome == "created"


def test_publishing_is_once_and_for_all() -> None:
    row = publish(load(definition()).indicator_set)
    assert (row.state, row.published_at is not None) == (IndicatorSetState.PUBLISHED, True)
    with pytest.raises(IllegalTransition):
        publish(row)
    with pytest.raises(IllegalTransition):
        discard_draft(actor=None, indicator_set=row, now=clock.now())
    assert list(
        AuditEntry.objects.filter(kind="IndicatorSet").order_by("pk").values_list("action", flat=True)
    ) == [
        "载入评价标准",
        "发布评价标准",
    ]


def test_only_what_was_shown_is_published() -> None:
    row = load(definition()).indicator_set
    shown = row.content_hash
    load(definition(name="乙"))
    with pytest.raises(ConflictError):
        publish(row, expected_hash=shown)
    assert IndicatorSet.objects.get().state == IndicatorSetState.DRAFT


def test_a_draft_changed_behind_our_back_is_not_published() -> None:
    row = load(definition()).indicator_set
    row.definition["dimensions"][0]["indicators"][0]["name"] = "偷换"
    IndicatorSet.objects.filter(pk=row.pk).update(definition=row.definition)
    with pytest.raises(DomainError, match="校验码"):
        publish(row)


def test_a_draft_may_be_discarded() -> None:
    discard_draft(actor=None, indicator_set=load(definition()).indicator_set, now=clock.now())
    assert not IndicatorSet.objects.exists()
    assert AuditEntry.objects.filter(action="删除评价标准草稿").count() == 1


def test_a_set_without_a_day_cannot_be_kept() -> None:
    with pytest.raises(DomainError, match="effective_from"):
        load(definition(effective_from=None))


@pytest.mark.parametrize("role", [Role.DISTRICT_OFFICE, Role.CITY_MEMBER, Role.SYSTEM_ADMIN, Role.LEADER])
def test_only_the_city_office_changes_standards(role: str) -> None:
    actor = make_actor(role)
    with pytest.raises(NotAllowed):
        load(definition(), actor)
    row = load(definition()).indicator_set
    with pytest.raises(NotAllowed):
        publish_indicator_set(actor=actor, indicator_set=row, now=clock.now())
    with pytest.raises(NotAllowed):
        discard_draft(actor=actor, indicator_set=row, now=clock.now())
    assert not visible_indicator_sets(actor).exists()
    assert visible_indicator_sets(make_actor(Role.CITY_OFFICE)).exists()


def test_the_version_in_effect_is_the_newest_published_of_its_day() -> None:
    publish(load(definition("v1")).indicator_set)
    publish(load(definition("v2", effective_from="2025-01-01")).indicator_set)
    load(definition("v3", effective_from="2025-06-01"))
    assert [row.version for row in published_sets_for("ENTERPRISE", date(2024, 12, 31))] == ["v1"]
    assert [row.version for row in published_sets_for("ENTERPRISE", date(2026, 1, 1))] == ["v2"]
    assert published_sets_for("TOWNSHIP", date(2026, 1, 1)) == []


def test_a_version_is_compared_with_the_one_before() -> None:
    first = publish(load(definition("v1")).indicator_set)
    assert compare_with_previous(definition("v1"), stored=first) == (None, ())
    draft = load(definition("v2", name="乙", title="新名")).indicator_set
    previous, changes = compare_with_previous(definition("v2", name="乙", title="新名"), stored=draft)
    assert previous == first
    assert [str(change) for change in changes] == [
        "调整 标准信息：名称：测试标准 → 新名",
        "调整 评价指标 A1 乙：名称：甲 → 乙",
    ]
    assert compare_with_previous(definition("v1"), stored=first)[0] is None
