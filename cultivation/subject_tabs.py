"""The tabs of a subject's page. Upper apps add theirs in AppConfig.ready(); a tab that needs two apps is the higher one's."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse


@dataclass(frozen=True)
class SubjectTab:
    """`url_name` takes the subject's pk. `roles` empty: everybody who may open the page."""

    key: str
    label: str
    url_name: str
    order: int
    roles: frozenset[str] = field(default_factory=frozenset)


_tabs: dict[str, SubjectTab] = {}


def register_subject_tab(*tabs: SubjectTab) -> None:
    """The same key again replaces the former one."""
    for tab in tabs:
        _tabs[tab.key] = tab


def tabs_for(role: str, subject_pk: int, current: str) -> list[tuple[str, str, bool]]:
    """(label, address, is it the current one) in order."""
    return [
        (tab.label, reverse(tab.url_name, args=[subject_pk]), tab.key == current)
        for tab in sorted(_tabs.values(), key=lambda tab: tab.order)
        if not tab.roles or role in tab.roles
    ]


register_subject_tab(
    SubjectTab("overview", "概况", "cultivation:subject_detail", 10),
    SubjectTab("pairings", "结对与联系", "cultivation:subject_pairings", 20),
    SubjectTab("services", "服务", "cultivation:subject_services", 30),
    SubjectTab("trainings", "培训", "cultivation:subject_trainings", 40),
    SubjectTab("files", "材料", "cultivation:subject_files", 60),
    SubjectTab("timeline", "动态", "cultivation:subject_timeline", 70),
)
