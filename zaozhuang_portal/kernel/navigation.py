"""The main menu. Each app registers its own entries in AppConfig.ready(); nobody lists another app's pages.

Entries of one section are one entry of the menu, and tabs under the head of their pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.core.cache import caches
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class NavItem:
    """An entry of the menu.

    `roles` empty means every signed-in person. `bottom_bar` puts it into the phone bar (the first four).
    `badge_url_name` names a view that answers the number of things waiting as bare text.
    `section` names a registered section: the entry becomes one of its tabs; `icon`, `group` are then the section's.
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
    section: str = ""


@dataclass(frozen=True)
class NavSection:
    """One entry of the menu for several registered ones; its address is that of the first tab the role sees."""

    key: str
    label: str
    icon: str
    order: int = 500
    group: str = ""


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
_sections: dict[str, NavSection] = {}


def register_nav(*items: NavItem) -> None:
    """Add entries; the same key again replaces the former one (ready() may run twice in tests)."""
    for item in items:
        _items[item.key] = item
    caches["local"].clear()


def register_section(*sections: NavSection) -> None:
    """Add sections; the same key again replaces the former one. May be called before or after their entries."""
    for section in sections:
        _sections[section.key] = section
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


def menu_links(links: Iterable[NavLink]) -> list[NavLink]:
    """The entries of the menu in order: links of one section folded into one, current when one of its tabs is."""
    menu: dict[str, NavLink] = {}
    for link in links:
        section = _sections.get(link.item.section)
        if section is None:
            menu[link.item.key] = link
        elif (first := menu.get(f"section {section.key}")) is None:
            item = replace(
                link.item, label=section.label, icon=section.icon, order=section.order, group=section.group
            )
            menu[f"section {section.key}"] = replace(link, item=item)
        else:
            menu[f"section {section.key}"] = replace(
                first,
                current=first.current or link.current,
                badge_url=first.badge_url or link.badge_url,
                item=replace(first.item, bottom_bar=first.item.bottom_bar or link.item.bottom_bar),
            )
    return sorted(menu.values(), key=lambda link: (link.item.order, link.item.key))


def section_tabs(links: Sequence[NavLink]) -> tuple[str, list[NavLink]]:
    """The name of the current page's section and its tabs; no tabs outside a section and where there is but one."""
    here = next((link.item.section for link in links if link.current), "")
    tabs = [link for link in links if here in _sections and link.item.section == here]
    return (_sections[here].label, tabs) if len(tabs) > 1 else ("", [])


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
