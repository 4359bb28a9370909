"""Photos: decoded and encoded anew, turned upright, without EXIF, GPS or anything appended."""

from __future__ import annotations

import warnings
from io import BytesIO

from PIL import Image, ImageOps

from zaozhuang_portal.kernel.uploads.refusals import UploadError, UploadLimits

_JPEG_QUALITY = 88
_FORMATS = {"jpg": ("JPEG",), "png": ("PNG",)}
_BROKEN = "图片已损坏或不完整，请重新拍照或另存后再上传。"


def clean_image(data: bytes, *, extension: str, **caps: int) -> tuple[dict[str, str], bytes]:
    """No facts, and the picture of a jpg or png encoded anew; a heic becomes a jpg. Raises UploadError.

    In the limited process only (kernel/limited.py); `caps` are UploadLimits.

    Only the first frame is kept. The pixel count is read from the header before anything is decoded.
    """
    limits = UploadLimits(**caps)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = _open_heic(data, limits) if extension == "heic" else _open(data, extension, limits)
            upright = ImageOps.exif_transpose(picture)
            return {}, _encode(upright, "png" if extension == "png" else "jpg")
    except (UploadError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_many_pixels(limits) from None
    except Exception:  # whatever a decoder stumbles over in a stranger's file, the file is damaged
        raise UploadError(_BROKEN, code="corrupt") from None


def _open(data: bytes, extension: str, limits: UploadLimits) -> Image.Image:
    picture = Image.open(BytesIO(data), formats=_FORMATS[extension])
    _check_size(picture.size, limits)
    picture.load()
    return picture


def _open_heic(data: bytes, limits: UploadLimits) -> Image.Image:
    import pillow_heif  # heavy, and only phones send these

    container = pillow_heif.open_heif(BytesIO(data))
    _check_size(container.size, limits)
    return container.to_pillow()


def _check_size(size: tuple[int, int], limits: UploadLimits) -> None:
    if size[0] * size[1] > limits.pixels:
        raise _too_many_pixels(limits)


def _too_many_pixels(limits: UploadLimits) -> UploadError:
    return UploadError(
        f"图片像素过大（上限 {limits.pixels // 10_000} 万像素），请缩小后再上传。", code="too_many_pixels"
    )


def _encode(picture: Image.Image, extension: str) -> bytes:
    stream = BytesIO()
    if extension == "png":
        mode = picture.mode if picture.mode in ("1", "L", "LA", "P", "RGB", "RGBA") else "RGB"
        bare = picture.convert("RGBA" if mode == "P" else mode)
        bare.info = {}
        bare.save(stream, "PNG", optimize=False)
    else:
        bare = picture.convert("RGB")
        bare.info = {}
        bare.save(stream, "JPEG", quality=_JPEG_QUALITY)
    return stream.getvalue()
