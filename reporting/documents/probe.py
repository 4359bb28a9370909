"""Are the libraries that WeasyPrint loads there? Asked with ctypes: a failing import prints a banner."""

from __future__ import annotations

import ctypes

from zaozhuang_portal.kernel.errors import DomainError

REQUIRED_LIBRARIES = (
    "libgobject-2.0.so.0",
    "libpango-1.0.so.0",
    "libpangoft2-1.0.so.0",
    "libharfbuzz.so.0",
    "libfontconfig.so.1",
)
# Without it subsetting takes seven times as long; the PDF is the same.
OPTIONAL_LIBRARIES = ("libharfbuzz-subset.so.0",)

INSTALL_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
MISSING_MESSAGE = (
    f"本机缺少 PDF 排版组件 Pango，无法生成 PDF。请管理员执行：{INSTALL_LINE}；Word 和 Excel 报表不受影响。"
)


def _is_loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def probe_pdf_libraries() -> list[str]:
    """Names of the libraries that are missing, required ones first; empty when PDF works at full speed."""
    return [name for name in (*REQUIRED_LIBRARIES, *OPTIONAL_LIBRARIES) if not _is_loadable(name)]


def require_pdf_libraries() -> None:
    """Raise DomainError `pdf_libraries_missing`, with the line that mends it, unless PDF can be made."""
    if any(name in REQUIRED_LIBRARIES for name in probe_pdf_libraries()):
        raise DomainError(MISSING_MESSAGE, code="pdf_libraries_missing")
