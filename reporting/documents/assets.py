"""The only door through which a document may load anything: the bundled fonts, by name.

A report carries text typed by many people. It is escaped, and should an address slip through all the
same, nothing answers here: no file, no network, no redirect (WeasyPrint CVE-2025-68616, -49452, -55073).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from reporting.documents.fonts import font_files

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

SCHEME = "bundled"


def bundled_url(family: str) -> str:
    """The address of a bundled font in a stylesheet."""
    return f"{SCHEME}:{family}"


@lru_cache(maxsize=1)
def _fetcher_class() -> type[URLFetcher]:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class BundledAssetFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Answers `bundled:<family>` and refuses every other address, whatever its scheme."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=(SCHEME,), allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            fonts = {bundled_url(family): path for family, path in font_files().items()}
            if url not in fonts:
                raise ValueError(f"only bundled fonts may be loaded, not {url[:200]!r}")
            return URLFetcherResponse(url, fonts[url].read_bytes(), {"Content-Type": "font/otf"})

    return BundledAssetFetcher


def bundled_fetcher() -> URLFetcher:
    """A fetcher for one rendering. Importing WeasyPrint happens here, so call it inside the task only."""
    return _fetcher_class()()
