"""Entries of one section are one entry of the menu and tabs under the head of their pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from zaozhuang_portal.kernel import navigation
from zaozhuang_portal.kernel.navigation import NavItem, NavSection, menu_links, nav_links, section_tabs

OFFICE = frozenset({"OFFICE"})
ITEMS = [
    NavItem("first", "首页", "kernel:home", "house-door", order=10),
    NavItem("checks", "抽查", "kernel:privacy", "list", OFFICE, 30, section="both"),
    NavItem("mending", "整改", "kernel:accessibility", "list", order=31, section="both", bottom_bar=True),
    NavItem("lone", "单独", "kernel:help", "list", order=40, section="unknown"),
]


@pytest.fixture(autouse=True)
def _sections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    section = NavSection("both", "抽查整改", "shield-check", order=20, group="评价")
    monkeypatch.setattr(navigation, "_sections", {"both": section})
    names = {item.url_name: f"/{item.key}/" for item in ITEMS}
    monkeypatch.setattr(navigation, "_resolve", lambda name: names.get(name, ""))
    yield


def test_a_section_is_one_entry_with_the_first_tabs_address() -> None:
    menu = menu_links(nav_links("OFFICE", "/mending/7/", ITEMS))
    assert [(link.item.label, link.url, link.current) for link in menu] == [
        ("首页", "/first/", False),
        ("抽查整改", "/checks/", True),
        ("单独", "/lone/", False),
    ]
    (entry,) = [link for link in menu if link.current]
    assert (entry.item.icon, entry.item.group, entry.item.bottom_bar) == ("shield-check", "评价", True)


def test_who_sees_one_tab_gets_its_address_and_no_tabs() -> None:
    links = nav_links("CONTACT", "/mending/", ITEMS)
    assert [link.url for link in menu_links(links)] == ["/first/", "/mending/", "/lone/"]
    assert section_tabs(links) == ("", [])


def test_tabs_stand_on_the_pages_of_the_section_only() -> None:
    label, tabs = section_tabs(nav_links("OFFICE", "/mending/7/", ITEMS))
    assert (label, [(tab.item.label, tab.current) for tab in tabs]) == (
        "抽查整改",
        [("抽查", False), ("整改", True)],
    )
    for elsewhere in ("/first/", "/lone/", "/nowhere/"):
        assert section_tabs(nav_links("OFFICE", elsewhere, ITEMS)) == ("", [])


def test_entries_without_a_section_stay_as_they_are() -> None:
    plain = [replace(item, section="") for item in ITEMS]
    links = nav_links("OFFICE", "/checks/", plain)
    assert menu_links(links) == links


@pytest.mark.parametrize(("path", "word"), [("/mending/", "page"), ("/mending/7/", "true")])
def test_the_tab_at_hand_is_said(path: str, word: str) -> None:
    label, tabs = section_tabs(nav_links("OFFICE", path, ITEMS))
    context = {"nav_section": label, "nav_tabs": tabs, "request": RequestFactory().get(path)}
    drawn = render_to_string("components/section_tabs.html", context)
    assert drawn.count("aria-current") == 1 and f'href="/mending/" aria-current="{word}">整改' in drawn
    assert 'aria-label="抽查整改"' in drawn and 'href="/checks/">抽查' in drawn
