"""What becomes of a photo: judged by its content, upright, without anything but its pixels."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from dashboards.alerts.photos import PhotoError, clean_name, clean_photo, clean_text

_MAKE, _ORIENTATION, _SERIAL = 0x010F, 0x0112, 0xA431


def picture(
    width: int = 640, height: int = 480, kind: str = "JPEG", mode: str = "RGB", **options: object
) -> bytes:
    """A picture, its left half red and its right half blue."""
    image = Image.new(mode, (width, height), "blue")
    image.paste(Image.new(mode, (width // 2, height), "red"), (0, 0))
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def _png_of_size(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    packed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_jpeg_of_bounded_size(kind: str) -> None:
    photo = clean_photo("现场.png", picture(3000, 1500, kind))
    whole, small = Image.open(BytesIO(photo.content)), Image.open(BytesIO(photo.thumbnail))
    assert (whole.format, whole.size, small.format, small.size) == ("JPEG", (2048, 1024), "JPEG", (320, 160))
    assert (photo.width, photo.height, photo.name) == (2048, 1024, "现场.png")


def test_nothing_but_the_pixels_is_kept_and_they_stand_upright() -> None:
    exif = Image.Exif()
    exif[_MAKE] = "SECRETPHONE"
    exif[_ORIENTATION] = 6  # the camera was held on its side: turn it right
    exif.get_ifd(0x8769)[_SERIAL] = "SERIAL123"
    exif.get_ifd(0x8825)[2] = (29.0, 57.0, 1.0)
    data = picture(exif=exif, comment=b"BYHAND", icc_profile=b"PROFILE!")
    assert b"SECRETPHONE" in data
    assert b"SERIAL123" in data
    photo = clean_photo("a.jpg", data)
    for kept in (photo.content, photo.thumbnail):
        for trace in (b"SECRETPHONE", b"SERIAL123", b"BYHAND", b"PROFILE!", b"Exif"):
            assert trace not in kept
        assert not Image.open(BytesIO(kept)).getexif()
    upright = Image.open(BytesIO(photo.content))
    assert upright.size == (480, 640)
    top, bottom = upright.getpixel((240, 50)), upright.getpixel((240, 590))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert (top[0] > 200, top[2] < 50) == (True, True)
    assert (bottom[0] < 50, bottom[2] > 200) == (True, True)


def test_wrong_exif_data_spoils_no_photo() -> None:
    exif = Image.Exif()
    exif[_MAKE], exif[_ORIENTATION] = "abc", 6
    wrong = exif.tobytes().replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02")  # the width is a word
    photo = clean_photo("a.jpg", picture(exif=wrong))
    assert (photo.width, photo.height) == (480, 640)


def test_what_is_transparent_becomes_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(written, "PNG")
    photo = clean_photo("a.png", written.getvalue())
    assert Image.open(BytesIO(photo.content)).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no JPEG"),
        (b"<html><body onload=alert(1)>", "no JPEG"),
        (picture(kind="GIF"), "no JPEG"),
        (picture(kind="TIFF"), "no JPEG"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "no JPEG"),
        (picture()[:-600], "damaged"),
        (picture(kind="PNG")[:-300], "damaged"),
        (b"x" * (12 * 1024 * 1024 + 1), "12 MB"),
        (_png_of_size(10_000, 5_001), "50 million"),
        (_png_of_size(20_000, 20_000), "50 million"),
        (_png_of_size(4000, 4000), "damaged"),
    ],
)
def test_what_is_no_whole_photo_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(PhotoError, match=says):
        clean_photo("photo.jpg", data)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fotos\\truck.jpg", "truck.jpg"),
        ("a\x00b\r\nSet-Cookie: x.jpg", "ab Set-Cookie: x.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("", "photo.jpg"),
        ("...", "photo.jpg"),
        ("长" * 200 + ".jpg", "长" * 80),
    ],
)
def test_a_file_s_name_is_cleaned(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_a_text_keeps_its_lines_and_loses_what_is_not_seen() -> None:
    assert clean_text(" 罐体\r\n泄漏\x00\u202e\rok \ud800") == "罐体\n泄漏\nok"
