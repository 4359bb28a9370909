"""The main menu. Each app registers its own entries in AppConfig.ready(); nobody lists another app's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class NavItem:
    """An entry of the menu.

    `roles` empty means every signed-in person. `bottom_bar` puts it into the phone bar (the first four).
    `badge_url_name` names a view that answers the number of things waiting as bare text.
    """

    key: str
    label: str
    url_name: str
    icon: str
    roles: frozenset[str] = field(default_factory=frozenset)
    order: int = 500
    bottom_bar: bool = False
    group: str = ""
    badge_url_name: str = ""


@dataclass(frozen=True)
class NavLink:
    item: NavItem
    url: str
    badge_url: str
    current: bool


@dataclass(frozen=True)
class NavGroup:
    label: str
    links: Sequence[NavLink]


_items: dict[str, NavItem] = {}


def register_nav(*items: NavItem) -> None:
    """Add entries; the same key again replaces the former one (ready() may run twice in tests)."""
    for item in items:
        _items[item.key] = item


def _resolve(url_name: str) -> str:
    try:
        return reverse(url_name) if url_name else ""
    except NoReverseMatch:
        return ""


def nav_links(role: str, path: str, items: Iterable[NavItem] | None = None) -> list[NavLink]:
    """What `role` sees, in order; the entry whose address is the longest prefix of `path` is the current one."""
    registered = _items.values() if items is None else items
    visible = [
        (item, url)
        for item in sorted(registered, key=lambda item: (item.order, item.key))
        if (not item.roles or role in item.roles) and (url := _resolve(item.url_name))
    ]
    prefixes = [
        url for _, url in visible if path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
    ]
    current = max(prefixes, key=len, default="")
    return [
        NavLink(item, url, _resolve(item.badge_url_name), bool(current) and url == current)
        for item, url in visible
    ]


def group_links(links: Iterable[NavLink]) -> list[NavGroup]:
    """Links under their group headings, in the order in which the groups first appear."""
    groups: dict[str, list[NavLink]] = {}
    for link in links:
        groups.setdefault(link.item.group, []).append(link)
    return [NavGroup(label, members) for label, members in groups.items()]
