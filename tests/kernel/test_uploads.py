import contextlib
import hashlib
import random
import time
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image
from pypdf import PdfReader

from tests.kernel import hostile
from zaozhuang_portal.kernel.uploads import UploadError, UploadLimits, check_upload, safe_label

OFFICE = "application/vnd.openxmlformats-officedocument"


def refused(data, name, **limits):
    started = time.monotonic()
    with pytest.raises(UploadError) as caught:
        check_upload(data, name, limits=UploadLimits(**limits))
    assert time.monotonic() - started < 2
    assert caught.value.message.endswith("。")
    return caught.value.code


def heic(size=(64, 48)):
    stream = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", size, (10, 120, 10))).save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "extension", "content_type"),
    [
        (hostile.pdf(), "合同.PDF", "pdf", "application/pdf"),
        (hostile.image(), "照片.jpeg", "jpg", "image/jpeg"),
        (hostile.image("PNG"), "照片．ｐｎｇ", "png", "image/png"),
        (heic(), "IMG_1.HEIC", "jpg", "image/jpeg"),
        (heic(), "IMG_1.jpg", "jpg", "image/jpeg"),
        (hostile.docx(), "总结.docx", "docx", f"{OFFICE}.wordprocessingml.document"),
        (hostile.xlsx(), "名册.xlsx", "xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    ],
)
def test_honest_files_pass(data, name, extension, content_type):
    upload = check_upload(data, name)
    assert (upload.extension, upload.content_type) == (extension, content_type)
    assert upload.safe_label.endswith(f".{extension}")
    assert upload.sha256 == hashlib.sha256(upload.content).hexdigest()


def test_photos_are_turned_upright_and_lose_their_place():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (34.0, 48.0, 0.0)
    upload = check_upload(hostile.image(exif=exif, comment=b"<script>") + b"trailing <script>", "a.jpg")
    picture = Image.open(BytesIO(upload.content))
    assert picture.size == (30, 40)
    assert not picture.getexif()
    assert b"<script>" not in upload.content


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"<svg/>", "x.svg", "wrong_extension"),
        (b"<html>", "x.pdf.html", "wrong_extension"),
        (b"x", ".htaccess", "wrong_extension"),
        (hostile.docx(), "x.docm", "wrong_extension"),
        (hostile.xlsx(), "x.zip", "wrong_extension"),
        (b"", "x.pdf", "empty"),
        (b"<html>", "x.pdf", "wrong_content"),
        (b"MZ" + b"\0" * 100, "x.jpg", "wrong_content"),
        (hostile.pdf(), "x.jpg", "wrong_content"),
        (hostile.image("GIF"), "x.png", "wrong_content"),
        (hostile.image()[:300], "x.jpg", "corrupt"),
        (hostile.pdf()[:40], "x.pdf", "corrupt"),
        (b"%PDF-1.7\n", "x.pdf", "corrupt"),
        (hostile.pdf(hostile.with_javascript), "x.pdf", "active_content"),
        (hostile.pdf(hostile.with_nested_script), "x.pdf", "active_content"),
        (hostile.pdf(hostile.with_attachment), "x.pdf", "active_content"),
        (hostile.pdf(hostile.with_launch), "x.pdf", "active_content"),
        (hostile.pdf(hostile.encrypted), "x.pdf", "encrypted"),
        (hostile.pdf() + hostile.docx(), "x.pdf", "polyglot"),
        (hostile.docx(), "x.xlsx", "wrong_content"),
        (hostile.xlsx(), "x.docx", "wrong_content"),
        (hostile.docx(extra={"word/vbaProject.bin": b"x"}), "x.docx", "macros"),
        (hostile.docx(extra={"word/embeddings/oleObject1.bin": b"x"}), "x.docx", "embedded_object"),
        (hostile.docx(b"<w:document"), "x.docx", "corrupt"),
        (hostile.docx(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "x.docx", "dtd"),
        (
            hostile.docx(extra={"word/_rels/settings.xml.rels": hostile.relation("attachedTemplate")}),
            "x.docx",
            "external_link",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "x.docx", "encrypted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_files_are_refused_with_one_cause(data, name, code):
    assert refused(data, name) == code


def test_a_hyperlink_is_no_external_link():
    link = hostile.relation("hyperlink")
    assert (
        check_upload(hostile.docx(extra={"word/_rels/document.xml.rels": link}), "x.docx").extension == "docx"
    )


def test_caps():
    assert refused(hostile.image(size=(400, 300)), "x.jpg", pixels=1000) == "too_many_pixels"
    assert refused(heic(), "x.heic", pixels=1000) == "too_many_pixels"
    assert refused(hostile.pdf(pages=3), "x.pdf", pages=2) == "too_many_pages"
    assert refused(hostile.image(), "x.jpg", file_bytes=10) == "too_large"


def test_a_png_that_claims_a_huge_canvas_is_refused_undecoded():
    small = bytearray(hostile.image("PNG"))
    small[16:24] = (60_000).to_bytes(4, "big") * 2
    assert refused(bytes(small), "x.png") in {"too_many_pixels", "corrupt"}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\合同.pdf", "合同.pdf"),
        ("合同\u202efdp.exe.pdf", "合同fdp.exe.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("con.pdf", "附件_con.pdf"),
        (".pdf", "附件.pdf"),
        ("<b>:|?.pdf", "b.pdf"),
        ("x" * 300 + ".pdf", "x" * 99 + "….pdf"),
        ("两 个\r\n空格.pdf", "两_个空格.pdf"),
    ],
)
def test_labels_are_harmless(name, label):
    assert safe_label(name, "pdf") == label


def test_the_checked_pdf_is_the_same_file():
    data = hostile.pdf(pages=2)
    assert len(PdfReader(BytesIO(check_upload(data, "x.pdf").content)).pages) == 2


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (hostile.pdf(pages=2), "x.pdf"),
        (hostile.image(), "x.jpg"),
        (hostile.image("PNG"), "x.png"),
        (hostile.docx(), "x.docx"),
        (hostile.xlsx(), "x.xlsx"),
    ],
    ids=["pdf", "jpg", "png", "docx", "xlsx"],
)
def test_damaged_files_are_refused_or_clean_but_never_break_the_check(data, name):
    dice = random.Random(20261105)
    for _ in range(60):
        mutant = bytearray(data)
        for _ in range(dice.choice([1, 2, 8, 40])):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        with contextlib.suppress(UploadError):
            check_upload(
                bytes(mutant[: dice.randrange(1, len(mutant)) if dice.random() < 0.2 else None]), name
            )
