"""The main menu. Each app registers its own entries in AppConfig.ready(); nobody lists another app's pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.core.cache import caches
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
    caches["local"].clear()


def _resolve(url_name: str) -> str:
    try:
        return reverse(url_name) if url_name else ""
    except NoReverseMatch:
        return ""


def _visible(role: str, items: Iterable[NavItem]) -> list[tuple[NavItem, str, str]]:
    """(entry, address, badge address) in order; an entry whose address does not exist is left out."""
    return [
        (item, url, _resolve(item.badge_url_name))
        for item in sorted(items, key=lambda item: (item.order, item.key))
        if (not item.roles or role in item.roles) and (url := _resolve(item.url_name))
    ]


def _registered(role: str) -> list[tuple[NavItem, str, str]]:
    """What the registry holds for a role: a table of this process, since addresses do not change while it runs."""
    key = f"kernel.nav.{role}"
    found: list[tuple[NavItem, str, str]] | None = caches["local"].get(key)
    if found is None:
        found = _visible(role, _items.values())
        caches["local"].set(key, found)
    return found


def nav_links(role: str, path: str, items: Iterable[NavItem] | None = None) -> list[NavLink]:
    """What `role` sees, in order; the entry whose address is the longest prefix of `path` is the current one."""
    visible = _registered(role) if items is None else _visible(role, items)
    prefixes = [
        url for _, url, _ in visible if path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))
    ]
    current = max(prefixes, key=len, default="")
    return [NavLink(item, url, badge, bool(current) and url == current) for item, url, badge in visible]


def nav_state(role: str, path: str, links: Iterable[NavLink]) -> str:
    """Everything the drawn menu depends on: its key in the fragment cache."""
    current = next((link.url for link in links if link.current), "")
    return f"{role} {current} {current == path}"


def group_links(links: Iterable[NavLink]) -> list[NavGroup]:
    """Links under their group headings, in the order in which the groups first appear."""
    groups: dict[str, list[NavLink]] = {}
    for link in links:
        groups.setdefault(link.item.group, []).append(link)
    return [NavGroup(label, members) for label, members in groups.items()]
