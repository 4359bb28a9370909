"""常用语: ticks beside a reason box reach the server without script, each once, after what was typed."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from zaozhuang_portal.kernel.phrases import PhrasedTextarea

PHRASES = ("请补齐材料。", "请核对数字。")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("reason=", ""),
        ("reason=写明", "写明"),
        ("reason=&reason_phrase=请补齐材料。", "请补齐材料。"),
        (
            "reason=写明&reason_phrase=请核对数字。&reason_phrase=请补齐材料。",
            "写明\n请补齐材料。\n请核对数字。",
        ),
        ("reason=请补齐材料。&reason_phrase=请补齐材料。", "请补齐材料。"),
        ("reason=写明&reason_phrase=别的话", "写明"),
        ("", None),
    ],
)
def test_ticked_phrases_are_joined_to_the_text(query, expected):
    assert PhrasedTextarea(PHRASES).value_from_datadict(QueryDict(query), {}, "reason") == expected


def test_the_box_is_followed_by_its_phrases_escaped():
    html = PhrasedTextarea(("<b>“甲”</b>",)).render("reason", "已写", {"id": "id_reason"})
    assert 'data-phrases-for="id_reason"' in html and 'name="reason_phrase"' in html
    assert "已写" in html and "<b>" not in html
