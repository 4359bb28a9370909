"""Whatever others made and we ship is named in THIRD_PARTY_NOTICES.md, with its licence beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTICES = (ROOT / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
PACKAGES = json.loads((ROOT / "static/vendor/VENDOR.json").read_text(encoding="utf-8"))["packages"]
FONTS = [
    entry
    for entry in json.loads((ROOT / "reporting/fonts/VENDOR.json").read_text(encoding="utf-8"))["files"]
    if "family" in entry
]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_scripts_are_named_with_version_and_licence(package):
    assert f"| {package['name']} | {package['version']} | {package['licence']} |" in NOTICES
    assert any(name.endswith("LICENSE") for name in package["files"])


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font["family"])
def test_fonts_are_named(font):
    assert Path(font["file"]).stem in NOTICES


def test_our_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "木兰宽松许可证， 第2版" in text
    assert "条款结束" in text
    assert "END OF THE TERMS AND CONDITIONS" in text
