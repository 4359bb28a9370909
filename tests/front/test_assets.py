"""Vendored files are what their manifest says, fit the floor of Chromium 86 and the policy, and can be collected."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template
from django.test import override_settings

from tools.build_icons import ICONS
from tools.build_vendor_manifest import manifest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
OWN_CSS = sorted((STATIC / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Paper is rendered by WeasyPrint or Word, not by a browser under the policy.
SCREENS = [path for path in TEMPLATES if "documents" not in path.parts]
SCREENS += sorted((ROOT / "templates").rglob("*.jinja"))
TOO_NEW = {
    ":has": r":has\(",
    ":is": r":is\(",
    ":where": r":where\(",
    "inset": r"[{;\s]inset\s*:",
    "aspect-ratio": r"aspect-ratio",
    "container": r"@container",
    "layer": r"@layer",
    "color-mix": r"color-mix\(",
    "accent-color": r"accent-color",
    "dvh": r"\d(dvh|svh|lvh)\b",
    "logical shorthand": r"(margin|padding)-(inline|block)\s*:",
    "nesting": r"\n\s*&",
}


def test_vendor_manifest_is_recomputed() -> None:
    assert json.loads((STATIC / "vendor" / "VENDOR.json").read_text(encoding="utf-8")) == manifest()


def test_static_files_can_be_collected_under_hashed_names(tmp_path: Path) -> None:
    storages = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES={**settings.STORAGES, **storages}):
        call_command("collectstatic", interactive=False, verbosity=0)
        drawn = Template('{% load portal_ui %}{% icon "building" %}').render(Context())
    assert re.search(r'href="[^"]*icons\.[0-9a-f]{12}\.svg#building"', drawn)


def test_every_vendored_file_is_listed_with_its_licence() -> None:
    listed = {name for package in manifest()["packages"] for name in package["files"]}  # type: ignore[attr-defined]
    present = {
        path.relative_to(STATIC).as_posix() for path in (STATIC / "vendor").rglob("*") if path.is_file()
    }
    assert present - {"vendor/VENDOR.json"} <= listed
    for folder in (STATIC / "vendor").iterdir():
        assert not folder.is_dir() or (folder / "LICENSE").is_file()


def test_no_source_map_comment_is_left() -> None:
    for path in [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")]:
        assert "sourceMappingURL" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("path", OWN_CSS, ids=lambda path: path.name)
def test_css_stays_on_the_floor(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert [name for name, pattern in TOO_NEW.items() if re.search(pattern, text)] == []


def test_weight_of_a_page() -> None:
    """ux V9: at most 60 KB of script and 40 KB of style, compressed."""

    def weigh(paths: list[Path]) -> int:
        return sum(len(gzip.compress(path.read_bytes())) for path in paths)

    scripts = [
        *(
            STATIC / "js" / name
            for name in ("portal.js", "room.js", "mirror.js", "files.js", "autosave.js", "assessment.js")
        )
    ]
    scripts += [*(STATIC / "vendor").rglob("htmx.min.js")]
    common = [STATIC / "css" / name for name in ("tokens.css", "layout.css", "components.css")]
    own = max((path for path in OWN_CSS if path not in common), key=lambda path: weigh([path]))
    styles = [*common, own, *(STATIC / "vendor").rglob("bootstrap.min.css")]
    assert weigh(scripts) <= 60_000 and weigh(styles) <= 44_000


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_templates_keep_the_policy(path: Path) -> None:
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text(encoding="utf-8"), flags=re.S)
    assert not re.search(r"<[^>]*\sstyle=", text), "no style attribute"
    assert not re.search(r"<[^>]*\son[a-z]+=", text), "no inline handler"
    assert not re.search(r"hx-on|hx-(vals|headers)=['\"]js:", text), "no script in htmx attributes"
    assert not re.search(r"<(script|style)(?![^>]*(src=|nonce=|type=.application/json))[^>]*>", text), (
        "inline needs the nonce"
    )
    assert not re.search(r"(src|href)=\"(https?:)?//", text), "no other host"
    twice = re.search(r"block title %}{% if (?!.*not form)[^%]*form\.errors %}", text)
    assert not twice or "block full_title" in text, "base_root.html says 有误 of a form already"


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_icons_exist(path: Path) -> None:
    used = set(re.findall(r"(?:{%\s*icon\s+|icon\()\"([a-z0-9-]+)\"", path.read_text(encoding="utf-8")))
    assert used <= set(ICONS)


def test_sprite_holds_each_listed_icon() -> None:
    sprite = (STATIC / "icons.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'<symbol id="([^"]+)"', sprite)) == set(ICONS)


SCRIPTS = sorted((STATIC / "js").glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_one_script_keeps_words_on_the_machine(path: Path) -> None:
    """Decision 0013: what a person typed lies in one place, that forgets it on time and on signing out."""
    text = path.read_text(encoding="utf-8")
    assert path.name == "mirror.js" or not re.search(r"localStorage|indexedDB", text)


def test_a_camera_box_takes_pictures_only() -> None:
    """Android ignores `capture` where documents may be chosen too."""
    boxes = [
        box for path in SCREENS for box in re.findall(r"<input[^>]*\bcapture=[^>]*>", path.read_text("utf-8"))
    ]
    assert boxes and all(re.search(r'accept="image/\*"', box) for box in boxes)
    scripts = {path.name: path.read_text("utf-8") for path in SCRIPTS}
    using = [name for name, text in scripts.items() if '"capture"' in text]
    assert using == ["files.js"] and 'photo.accept = "image/*"' in scripts["files.js"]


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_autosaving_forms_say_what_they_showed(path: Path) -> None:
    """Without `shown` two devices on one card cannot be merged; a box the browser fills by itself looks saved."""
    for form in re.findall(r"<form[^>]*\bdata-autosave\b.*?</form>", path.read_text("utf-8"), flags=re.S):
        assert 'name="shown"' in form and 'autocomplete="off"' in form and "data-save-state" in form
