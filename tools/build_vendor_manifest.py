"""Write static/vendor/VENDOR.json: every vendored file with its package, version, licence and SHA-384."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
PACKAGES = {
    "bootstrap": (
        "5.3.9",
        "MIT",
        "https://getbootstrap.com",
        ["bootstrap.min.css", "bootstrap.bundle.min.js", "LICENSE"],
    ),
    "htmx": ("2.0.11", "0BSD", "https://htmx.org", ["htmx.min.js", "LICENSE"]),
    "bootstrap-icons": ("1.13.2", "MIT", "https://icons.getbootstrap.com", ["LICENSE", "../../icons.svg"]),
}


def digest(path: Path) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode("ascii")


def manifest() -> dict[str, object]:
    packages = []
    for name, (version, licence, home, names) in PACKAGES.items():
        files = {}
        for file_name in names:
            path = (STATIC / "vendor" / f"{name}-{version}" / file_name).resolve()
            files[path.relative_to(STATIC).as_posix()] = digest(path)
        packages.append({"name": name, "version": version, "licence": licence, "home": home, "files": files})
    return {"note": "sourceMappingURL comments are stripped; nothing else is changed", "packages": packages}


if __name__ == "__main__":
    text = json.dumps(manifest(), ensure_ascii=False, indent=2) + "\n"
    (STATIC / "vendor" / "VENDOR.json").write_text(text, encoding="utf-8")
