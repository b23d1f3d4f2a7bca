"""Photos from the field: opened and decoded whole, judged by content, written anew from their pixels."""

import hashlib
import struct
import unicodedata
from collections.abc import Mapping
from io import BytesIO
from threading import BoundedSemaphore
from types import MappingProxyType

from PIL import ExifTags, Image, UnidentifiedImageError

from dashboards.i18n import N_
from hazmat.store.handling import Photo

MOST_PHOTOS = 4
MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_PX, THUMBNAIL_PX = 2048, 320
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
_NAME_LETTERS = 80
_UNNAMED = "photo.jpg"
_TURNS: Mapping[object, Image.Transpose] = MappingProxyType(
    {  # what the Exif orientation asks for
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)
_DECODING = BoundedSemaphore(2)  # one of 50 megapixels takes 200 MB while it is decoded


class PhotoError(ValueError):
    """What is wrong with an upload, as a text of the catalogues."""


def clean_photo(name: str, data: bytes) -> Photo:
    """Return the photo in an upload without anything but its pixels; PhotoError: it is none or too large."""
    if not data:
        raise PhotoError(N_("The file is empty"))
    if len(data) > MOST_BYTES:
        raise PhotoError(N_("The photo is larger than 12 MB"))
    with _DECODING:
        image = _decoded(data)
        image.thumbnail((LONGEST_PX, LONGEST_PX))
        content = _jpeg(image)
        small = image.copy()
        small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    return Photo(
        name=clean_name(name),
        width=image.width,
        height=image.height,
        sha256=hashlib.sha256(content).digest(),
        content=content,
        thumbnail=_jpeg(small),
    )


def clean_name(name: str) -> str:
    """Return a file's name without folder, control characters and marks that turn the direction of text."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return " ".join(clean_text(bare).split())[:_NAME_LETTERS].strip(" .") or _UNNAMED


def clean_text(text: str) -> str:
    """Return a text as typed, without characters that are not seen; line ends are one kind."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(
        letter for letter in lines if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    ).strip()


def _decoded(data: bytes) -> Image.Image:
    """The picture, upright, red green blue. The size is known, and judged, before a pixel is decoded."""
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=_FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise PhotoError(N_("The photo has more than 50 million pixels"))
        image.draft("RGB", (LONGEST_PX, LONGEST_PX))
        image.load()
        upright = _upright(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(N_("The photo has more than 50 million pixels")) from error
    except UnidentifiedImageError as error:
        raise PhotoError(N_("The file is no JPEG, PNG or WebP photo, whatever its name says")) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        if isinstance(error, PhotoError):
            raise
        raise PhotoError(N_("The photo is damaged or was not sent to its end")) from error
    return _opaque(upright)


def _upright(image: Image.Image) -> Image.Image:
    """As the phone was held. Pillow's own function also rewrites the Exif data, and trips over wrong ones."""
    turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    return image if turn is None else image.transpose(turn)


def _opaque(image: Image.Image) -> Image.Image:
    """On white where it is transparent; nothing of the file's other data comes along."""
    if not image.has_transparency_data:
        bare = image.convert("RGB")
    else:
        seen = image.convert("RGBA")
        bare = Image.new("RGB", seen.size, "white")
        bare.paste(seen, mask=seen.getchannel("A"))
    bare.info.clear()
    return bare


def _jpeg(image: Image.Image) -> bytes:
    written = BytesIO()
    image.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return written.getvalue()
