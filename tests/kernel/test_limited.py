"""What a stranger's file costs is paid in the limited process: the web worker keeps its memory and its time."""

from __future__ import annotations

import ast
import resource
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from openpyxl import Workbook, load_workbook
from PIL import Image

from zaozhuang_portal.kernel import limited
from zaozhuang_portal.kernel.limited import OverLimit, Refused, open_limited
from zaozhuang_portal.kernel.spreadsheets import marked, read_workbook
from zaozhuang_portal.kernel.spreadsheets.marked import RowMark, mark_workbook
from zaozhuang_portal.kernel.uploads import UploadError, UploadLimits, check_upload

SMALL = 500 * 1024 * 1024


def merged_over_everything() -> bytes:
    """The 14 kB workbook: one merged range from A5 to the last cell of the sheet."""
    made = Workbook()
    sheet = made.active
    sheet.append(["企业名称", "统一社会信用代码"])
    sheet.append(["甲机械有限公司", "x"])
    plain = BytesIO()
    made.save(plain)
    out = BytesIO()
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                merge = b'</sheetData><mergeCells count="1"><mergeCell ref="A5:XFD1048576"/></mergeCells>'
                data = data.replace(b"</sheetData>", merge)
            target.writestr(name, data)
    return out.getvalue()


def peak() -> int:
    """The most memory this process ever held, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def test_the_marked_workbook_of_a_merge_bomb_costs_the_worker_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(marked, "MARK_MEMORY", SMALL)
    data = merged_over_everything()
    assert len(data) < 20_000
    sheets = read_workbook(data)
    before = peak()
    content = mark_workbook(
        data,
        sheets,
        {sheets[0].name: {2: RowMark("未导入：代码不对", True, (1,))}},
        header_rows={sheets[0].name: 1},
    )
    assert peak() - before < 60_000
    rows = [[cell.value for cell in row] for row in load_workbook(BytesIO(content)).active.iter_rows()]
    assert rows == [["企业名称", "统一社会信用代码", "导入结果"], ["甲机械有限公司", "x", "未导入：代码不对"]]


def test_a_large_picture_is_decoded_elsewhere() -> None:
    stream = BytesIO()
    Image.new("L", (6000, 6000)).save(stream, "PNG")
    data = stream.getvalue()
    assert len(data) < 200_000
    before = peak()
    assert check_upload(data, "照片.png").content_type == "image/png"
    assert peak() - before < 30_000


def test_what_goes_over_its_limit_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = BytesIO()
    Image.new("RGB", (6000, 6000)).save(stream, "PNG")
    with pytest.raises(OverLimit):
        open_limited("clean_image", stream.getvalue(), {"extension": "png"}, memory=SMALL // 4)
    monkeypatch.setattr(
        "zaozhuang_portal.kernel.uploads.checking.open_limited",
        lambda *order, **more: open_limited(*order, **more, memory=SMALL // 4),
    )
    with pytest.raises(UploadError, match="打不开") as refused:
        check_upload(stream.getvalue(), "照片.png")
    assert refused.value.code == "too_heavy"


def test_a_refusal_keeps_its_code_and_words() -> None:
    with pytest.raises(Refused, match="已损坏") as refused:
        open_limited("check_pdf", b"%PDF-1.7 nothing", {})
    assert refused.value.code == "corrupt"
    with pytest.raises(UploadError, match="像素过大"):
        stream = BytesIO()
        Image.new("1", (300, 300)).save(stream, "PNG")
        check_upload(stream.getvalue(), "照片.png", limits=UploadLimits(pixels=10_000))


def test_only_the_limited_process_opens_files() -> None:
    """A lint: the libraries that open a stranger's file are imported where the child loads them, nowhere else."""
    root = Path(settings.BASE_DIR)
    child = (root / "zaozhuang_portal/kernel/limited_child.py").read_text(encoding="utf-8")
    openers = {"PIL", "pillow_heif", "pypdf", "python_calamine"}
    found = []
    for app in ("zaozhuang_portal", "cultivation", "evaluation", "reporting"):
        for path in (root / app).rglob("*.py"):
            if "demo" in path.parts:
                continue  # draws its own pictures
            module = ".".join(path.relative_to(root).with_suffix("").parts)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                    names += [alias.name for alias in node.names if alias.name == "load_workbook"]
                if any(name.split(".")[0] in openers or name == "load_workbook" for name in names):
                    found.append((module, f'"{module}:' in child))
    assert found and [module for module, by_the_child in found if not by_the_child] == []
    assert limited.SECONDS <= 20
