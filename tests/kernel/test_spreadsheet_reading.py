import time
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from tests.kernel import hostile
from zaozhuang_portal.kernel.spreadsheets import Limits, SpreadsheetError, read_pasted, read_workbook


def refused(data, **limits):
    started = time.monotonic()
    with pytest.raises(SpreadsheetError) as caught:
        read_workbook(data, limits=Limits(**limits) if limits else None)
    assert time.monotonic() - started < 2
    assert "。" in caught.value.message
    return caught.value.code


def test_rows_start_at_row_one_with_their_types(tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = "滕州", 312, date(2026, 11, 5), 913704000000000196
    workbook.create_sheet("字典").sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    first, second = read_workbook(tmp_path / "a.xlsx")
    assert first.rows[2][1:4] == ["滕州", 312, date(2026, 11, 5)]
    assert isinstance(first.rows[2][4], float)
    assert (first.visible, second.visible) == (True, False)


def test_a_moment_keeps_its_time(tmp_path):
    workbook = Workbook()
    workbook.active["A1"] = datetime(2026, 11, 5, 8, 30)  # noqa: DTZ001 -- a spreadsheet cell has no zone
    workbook.save(tmp_path / "a.xlsx")
    assert read_workbook(tmp_path / "a.xlsx")[0].rows == [[datetime(2026, 11, 5, 8, 30)]]  # noqa: DTZ001 -- a spreadsheet cell has no zone


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_encodings_offices_use(encoding, delimiter):
    text = f'企业名称{delimiter}职工人数\r\n"峄城{delimiter}石榴"{delimiter}12\r\n'
    assert read_workbook(text.encode(encoding))[0].rows == [
        ["企业名称", "职工人数"],
        [f"峄城{delimiter}石榴", "12"],
    ]


def test_pasted_cells():
    assert read_pasted('企业名称\t人数\r\n"两\n行"\t3\n').rows == [["企业名称", "人数"], ["两\n行", "3"]]
    with pytest.raises(SpreadsheetError, match="没有粘贴到内容"):
        read_pasted(" \n\t")


def test_a_cell_at_the_far_corner_is_refused_before_the_parser_sees_it():
    assert refused(hostile.far_cell()) == "too_many_cells"


def test_a_far_row_without_cell_references_is_refused():
    data = hostile.xlsx()
    xml = hostile.sheet_xml(data).replace(
        b"</sheetData>", b'<row r="9999999"><c t="n"><v>1</v></c></row></sheetData>'
    )
    assert refused(hostile.repack(data, replace={hostile.SHEET: xml})) == "too_many_cells"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (hostile.repack(hostile.xlsx(), add={"xl/vbaProject.bin": b"x"}), "macros"),
        (
            hostile.repack(hostile.xlsx(), add={"xl/externalLinks/externalLink1.xml": b"<a/>"}),
            "external_link",
        ),
        (hostile.repack(hostile.xlsx(), add={"xl/x.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "dtd"),
        (hostile.repack(hostile.xlsx(), add={"../../etc/x.xml": b"<a/>"}), "corrupt"),
        (hostile.repack(hostile.xlsx(), add={f"x{n}.xml": b"<a/>" for n in range(2100)}), "bomb"),
        (hostile.repack(hostile.xlsx(), add={"xl/media/big.bin": b"\0" * 60_000_000}), "bomb"),
        (hostile.lying_sizes(hostile.xlsx()), "corrupt"),
        (hostile.xlsx()[:-200], "corrupt"),
        (hostile.docx(), "not_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4000, "corrupt"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_spreadsheet"),
        (b"\x00\x01\x02\x03", "not_spreadsheet"),
        (hostile.pdf(), "not_spreadsheet"),
        (b"   \n , \n", "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_and_broken_files_are_refused_with_one_cause(data, code):
    assert refused(data) == code


def test_caps_can_be_lowered():
    assert refused(hostile.xlsx([["x"]] * 50), rows=10) == "too_many_cells"
    assert refused(b"a,b\n" * 50, rows=10) == "too_many_cells"
    assert refused(hostile.xlsx(), file_bytes=100) == "too_large"


def test_a_parser_that_needs_too_much_is_stopped_and_named():
    assert refused(hostile.xlsx([["x"] * 50] * 2000), parse_memory=24 * 1024 * 1024) == "corrupt"
