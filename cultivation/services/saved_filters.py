"""Keeping, sharing and dropping one's filters. A convenience of the person: no audit entry."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction

from cultivation.models import SavedFilter
from cultivation.selectors.saved_filters import forget_default
from zaozhuang_portal.accounts.actors import Actor
from zaozhuang_portal.kernel.errors import DomainError, NotAllowed

MOST = 30


@transaction.atomic
def save_filter(
    *,
    actor: Actor,
    page: str,
    name: str,
    query: str,
    now: datetime,
    shared: bool = False,
    is_default: bool = False,
) -> SavedFilter:
    """Keep a list's filters under a name. Raises DomainError for no name, a name in use, no filter, too many."""
    name = name.strip()
    if actor.organization is None:
        raise NotAllowed("您当前的身份不能保存筛选。")
    if not name or len(name) > 30:
        raise DomainError("请给这个筛选起一个 30 字以内的名称，如“今年现场指导”。", code="name", field="name")
    if len(query) > 500:
        raise DomainError("这次的条件太长，存不下。请减少选项或缩短查找的文字，再保存筛选。", code="query")
    if not query:
        raise DomainError("请先在列表中选好条件，再保存筛选。", code="query")
    mine = SavedFilter.objects.filter(owner=actor.user, organization=actor.organization, page=page)
    if mine.count() >= MOST:
        raise DomainError(f"每个列表最多保存 {MOST} 个筛选，请先删除不用的。", code="too_many")
    if is_default:
        mine.filter(is_default=True).update(is_default=False)
    try:
        with transaction.atomic():
            saved = SavedFilter.objects.create(
                owner=actor.user,
                organization=actor.organization,
                member_unit=actor.capacity.member_unit,
                page=page,
                name=name,
                query=query,
                shared=shared,
                is_default=is_default,
                created_at=now,
            )
    except IntegrityError as error:
        raise DomainError(
            f"您已有名为“{name}”的筛选，请换一个名称。", code="duplicate", field="name"
        ) from error
    transaction.on_commit(partial(forget_default, saved))
    return saved


def _check_owner(actor: Actor, saved: SavedFilter) -> None:
    if saved.owner_id != actor.user.pk:
        raise NotAllowed("只能更改自己保存的筛选。")


@transaction.atomic
def choose_default(*, actor: Actor, saved: SavedFilter, chosen: bool) -> SavedFilter:
    """Open the list with this filter from now on, or with none."""
    _check_owner(actor, saved)
    same = SavedFilter.objects.filter(
        owner=actor.user, organization_id=saved.organization_id, page=saved.page
    )
    same.filter(is_default=True).update(is_default=False)
    if chosen:
        SavedFilter.objects.filter(pk=saved.pk).update(is_default=True)
    saved.is_default = chosen
    transaction.on_commit(partial(forget_default, saved))
    return saved


def share_filter(*, actor: Actor, saved: SavedFilter, shared: bool) -> SavedFilter:
    """Show it to the colleagues of one's unit, or to oneself only."""
    _check_owner(actor, saved)
    SavedFilter.objects.filter(pk=saved.pk).update(shared=shared)
    saved.shared = shared
    return saved


def delete_filter(*, actor: Actor, saved: SavedFilter) -> None:
    _check_owner(actor, saved)
    forget_default(saved)
    saved.delete()
