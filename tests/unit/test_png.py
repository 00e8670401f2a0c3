"""Pictures made small are the same pictures."""

import struct
import zlib

import pytest

from tests.screens.png import SIGNATURE, _chunk, _chunks, small

WIDTH, HEIGHT = 8, 5


def written(pixels: list[list[tuple[int, int, int]]], filters: list[int]) -> bytes:
    """As a browser writes it: each row by one of the five filters."""
    body, above = b"", bytes(3 * WIDTH)
    for row, kind in zip(pixels, filters, strict=True):
        plain = bytes(value for pixel in row for value in pixel)
        body += bytes([kind]) + bytes((plain[at] - predicted(kind, plain, above, at)) & 255 for at in range(len(plain)))
        above = plain
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return SIGNATURE + b"".join(_chunk(*each) for each in ((b"IHDR", header), (b"IDAT", zlib.compress(body)), (b"IEND", b"")))


def predicted(kind: int, plain: bytes, above: bytes, at: int) -> int:
    left, corner = (plain[at - 3], above[at - 3]) if at >= 3 else (0, 0)
    up = above[at]
    wanted = left + up - corner
    nearest = left if abs(wanted - left) <= min(abs(wanted - up), abs(wanted - corner)) else up
    nearest = corner if abs(wanted - corner) < min(abs(wanted - left), abs(wanted - up)) else nearest
    return (0, left, up, (left + up) // 2, nearest)[kind]


def read(png: bytes) -> list[list[tuple[int, ...]]]:
    chunks = dict(_chunks(png))
    palette, raw = chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])
    rows = [raw[start + 1 : start + 1 + WIDTH] for start in range(0, len(raw), WIDTH + 1)]
    return [[tuple(palette[3 * place : 3 * place + 3]) for place in row] for row in rows]


def test_every_pixel_keeps_its_colour() -> None:
    pixels = [[(7 * x * y % 256, 40 * x % 256, (251 * y + x) % 256) for x in range(WIDTH)] for y in range(HEIGHT)]
    assert read(small(written(pixels, [0, 1, 2, 3, 4]))) == pixels
    assert read(small(written(pixels, [4, 4, 3, 3, 1]))) == pixels


def test_what_is_no_such_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="not a PNG"):
        small(b"GIF89a")
