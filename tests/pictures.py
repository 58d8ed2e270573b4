"""Picture files made by hand, byte by byte, for tests: what no image library would agree to write."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

GRAY, RGB, PALETTE, GRAY_ALPHA = 0, 2, 3, 4


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, color_type: int, rows: bytes, *extra: bytes, interlace: int = 0) -> bytes:
    """A PNG whose header says what it is told to, with ``rows`` (filter bytes included) as its data."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, interlace)
    parts = (chunk(b"IHDR", header), *extra, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def saved(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()
