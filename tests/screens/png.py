"""Pictures made small: a screen has few colours, so each pixel is a place in a palette of 256. Standard library alone."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 256


def small(png: bytes) -> bytes:
    """The same picture with at most 256 colours: the most frequent ones, any other as the nearest of them. Takes what browsers write, eight
    bits a channel and not interlaced."""
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if (depth, interlaced) != (8, 0) or kind not in (2, 6):
        raise ValueError("only eight bits a channel in colour, not interlaced")
    channels = 3 if kind == 2 else 4
    rows = _rows(zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT")), width * channels, channels)
    pixels = [[bytes(row[at : at + 3]) for at in range(0, len(row), channels)] for row in rows]
    places, palette = _palette(Counter(pixel for row in pixels for pixel in row))
    body = b"".join(b"\0" + bytes(places[pixel] for pixel in row) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in parts)


def _palette(counted: Counter[bytes]) -> tuple[dict[bytes, int], list[bytes]]:
    """Where each colour is found, and the colours."""
    palette = [colour for colour, _ in counted.most_common(MOST_COLOURS)]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counted.keys() - places.keys():
        places[colour] = min(range(len(palette)), key=lambda place: _distance(colour, palette[place]))
    return places, palette


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not png.startswith(SIGNATURE):
        raise ValueError("not a PNG")
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _rows(raw: bytes, width: int, channels: int) -> Iterator[bytearray]:
    """Without the filters of the format: each byte was written as what it differs by from those to its left and above."""
    above = bytearray(width)
    for start in range(0, len(raw), width + 1):
        row = bytearray(raw[start + 1 : start + 1 + width])
        _unfilter(raw[start], row, above, channels)
        yield row
        above = row


def _unfilter(kind: int, row: bytearray, above: bytearray, channels: int) -> None:
    for at in range(len(row)) if kind else ():
        left = row[at - channels] if at >= channels else 0
        up, corner = above[at], above[at - channels] if at >= channels else 0
        row[at] = (row[at] + (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    """Whichever of the three is nearest to left + up − corner."""
    wanted = left + up - corner
    return min((left, up, corner), key=lambda each: abs(each - wanted))
