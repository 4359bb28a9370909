"""Bundled fonts, text cleaning, the probe for Pango and its system check."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.core.checks import Error, Warning

from reporting.checks import check_pdf_libraries
from reporting.documents import pdf, probe
from reporting.documents.assets import bundled_fetcher, bundled_url
from reporting.documents.fonts import FONTS_DIR, font_files
from reporting.documents.text import clean_text, places_without_glyph, uncovered_characters
from reporting.rules.annual_report import compose_report
from tests.reporting.sample_figures import RARE_NAMES, sample_figures, subject
from zaozhuang_portal.kernel.errors import DomainError

MANIFEST = json.loads((FONTS_DIR / "VENDOR.json").read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_vendored_file_is_the_recorded_one(entry: dict[str, str]) -> None:
    content = (FONTS_DIR / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert len(content) == entry["bytes"]


def test_fonts_are_all_recorded_small_and_carry_their_licences() -> None:
    recorded = {entry["file"] for entry in MANIFEST}
    assert {str(path.relative_to(FONTS_DIR)) for path in font_files().values()} <= recorded
    assert sum(entry["bytes"] for entry in MANIFEST) <= 40_000_000
    assert "As a special exception" in (FONTS_DIR / "fandol/COPYING").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in (FONTS_DIR / "fallback/OFL.txt").read_text(encoding="utf-8")


def test_fallback_carries_no_reserved_name_and_has_the_line_of_the_body() -> None:
    from fontTools.ttLib import TTFont

    fallback = TTFont(font_files()["GW-Fallback"], lazy=True)
    presented = [str(name) for name in fallback["name"].names if name.nameID in (1, 3, 4, 6, 16, 17)]
    assert presented
    assert not any("LXGW" in name or "霞鹜" in name for name in presented)
    body = TTFont(font_files()["GW-Fang"], lazy=True)
    for metric in ("ascent", "descent", "lineGap"):
        assert getattr(fallback["hhea"], metric) == getattr(body["hhea"], metric)


def test_every_gb2312_character_and_rare_names_are_covered() -> None:
    gb2312 = "".join(
        bytes([high, low]).decode("gb2312", "ignore")
        for high in range(0xA1, 0xF8)
        for low in range(0xA1, 0xFF)
    )
    assert uncovered_characters(gb2312) == []
    assert uncovered_characters(RARE_NAMES + "垎玥淏瑄祎犇骉䶮㛃𬭎【】—…％①②") == []
    assert uncovered_characters("滕州😀市😀\u0fd5") == ["😀", "\u0fd5"]


def test_characters_without_glyph_are_named_with_their_place() -> None:
    figures = sample_figures(subjects=[subject("滕州市😀科技有限公司")], signatory="滕州市\u0fd5三方机构")
    content = compose_report(figures, {"problems": "镕堃，𰻞𱁬。"}, date="2026-11-25")
    missing = set(uncovered_characters("𰻞𱁬"))
    found = dict(places_without_glyph(content))
    assert set(found) == {"😀", "\u0fd5", *missing}
    assert "滕州市😀科技有限公司" in found["😀"] or found["😀"].startswith("“")
    assert found["\u0fd5"]
    clean = compose_report(sample_figures(), {}, date="2026-11-25")
    assert places_without_glyph(clean) == []


def test_clean_text() -> None:
    assert clean_text("a\u2011b\u202e\u200b\x00\x07\ud800\ufffe一\n二") == "a-b一\n二"
    assert clean_text("e\u0301") == "é"
    assert clean_text("𬭎\U00031350") == "𬭎\U00031350"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:6379/",
        "https://example.org/x.otf",
        "data:text/css,x",
        "bundled:../settings.py",
        "bundled:GW-Fang/../../x",
        "ftp://127.0.0.1/",
        "/etc/passwd",
        "",
    ],
)
def test_fetcher_refuses_everything_but_the_fonts(url: str) -> None:
    with pytest.raises(ValueError, match="only bundled fonts"):
        bundled_fetcher().fetch(url)


def test_fetcher_hands_out_a_font() -> None:
    assert bundled_fetcher().fetch(bundled_url("GW-Hei")).read(4) == b"OTTO"


def test_without_pango_pdf_is_refused_with_the_line_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "REQUIRED_LIBRARIES", ("libnowhere-1.so.0",))
    content = compose_report(sample_figures(), {}, date="2026-11-25")
    with pytest.raises(DomainError, match="apt-get install -y libpango") as refusal:
        pdf.render_pdf(content, draft=False)
    assert refusal.value.code == "pdf_libraries_missing"


@pytest.mark.parametrize(
    ("missing", "required", "expected"),
    [
        ([], True, None),
        (["libpango-1.0.so.0"], False, (Warning, "reporting.W001")),
        (["libpango-1.0.so.0"], True, (Error, "reporting.E001")),
        (["libharfbuzz-subset.so.0"], True, (Warning, "reporting.W002")),
    ],
)
def test_system_check(
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    missing: list[str],
    required: bool,
    expected: tuple[type, str] | None,
) -> None:
    monkeypatch.setattr("reporting.checks.probe_pdf_libraries", lambda: missing)
    settings.REQUIRE_PDF = required
    messages = check_pdf_libraries(None)
    assert [(type(message), message.id) for message in messages] == ([expected] if expected else [])
