"""A small corpus of hostile and honest files, built in memory."""

from __future__ import annotations

import zipfile
from io import BytesIO

from openpyxl import Workbook
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject


def xlsx(rows=(("企业名称", "职工人数"), ("滕州机械", 312)), title="名册"):
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def repack(data, *, add=None, replace=None, drop=()):
    source = zipfile.ZipFile(BytesIO(data))
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in drop:
                target.writestr(name, (replace or {}).get(name, source.read(name)))
        for name, content in (add or {}).items():
            target.writestr(name, content)
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(data):
    return zipfile.ZipFile(BytesIO(data)).read(SHEET)


def far_cell():
    workbook = Workbook()
    workbook.active["A1"] = "x"
    workbook.active["XFD1048576"] = "y"
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def lying_sizes(data):
    """The declared sizes of the first sheet are patched to be tiny."""
    bomb = bytearray(repack(data, add={"xl/media/big.bin": b"\0" * 60_000_000}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = bomb.rfind(
            signature, 0, bomb.rfind(b"xl/media/big.bin") if offset == 24 else bomb.find(b"xl/media/big.bin")
        )
        bomb[start + offset : start + offset + 4] = (100).to_bytes(4, "little")
    return bytes(bomb)


def docx(body=b"<w:document xmlns:w='x'><w:body/></w:document>", extra=None):
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", "<Types/>")
        target.writestr("word/document.xml", body)
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return stream.getvalue()


def relation(kind):
    return (
        f'<Relationships><Relationship Id="1" Type="http://x/relationships/{kind}"'
        ' Target="http://e/x" TargetMode="External"/></Relationships>'
    ).encode()


def image(form="JPEG", size=(40, 30), **options):
    stream = BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(stream, form, **options)
    return stream.getvalue()


def pdf(change=None, pages=1):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if change:
        change(writer)
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def with_javascript(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    )
    names = DictionaryObject(
        {NameObject("/Names"): ArrayObject([TextStringObject("a"), writer._add_object(action)])}
    )
    writer.root_object[NameObject("/Names")] = DictionaryObject(
        {NameObject("/JavaScript"): writer._add_object(names)}
    )


def with_attachment(writer):
    writer.add_attachment("x.exe", b"MZ")


def with_launch(writer):
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)


def with_nested_script(writer):
    action = DictionaryObject({NameObject("/S"): NameObject("/JavaScript")})
    annotation = DictionaryObject({NameObject("/Type"): NameObject("/Annot"), NameObject("/A"): action})
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])


def encrypted(writer):
    writer.encrypt("secret")
