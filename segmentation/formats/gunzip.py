"""Strict gunzip: checksum, length and end of file are all checked, and the output is bounded.

The usual libraries load files with a missing or wrong trailer, with bytes after the end, or with a second
member, and so can return fewer or other voxels than were saved. Here each of these is a refusal.

References
----------
RFC 1952, GZIP file format specification 4.3.
"""

import struct
import zlib
from dataclasses import dataclass

from segmentation.errors import FileRefused

MAGIC = b"\x1f\x8b"
_CRC, _EXTRA, _NAME, _COMMENT, _RESERVED = 0x02, 0x04, 0x08, 0x10, 0xE0
_LONGEST_HEADER = 70_000  # 10 bytes, an extra field of at most 65,535, two short texts
_AGAIN = "copy or export the file again"


@dataclass(frozen=True)
class GzipHeader:
    """Where the packed data begin, and which text fields the header holds."""

    body: int
    text_fields: tuple[str, ...]


def gunzip(data: bytes, *, limit: int) -> bytes:
    """Return the unpacked content of a gzip file that is whole.

    Parameters
    ----------
    data : bytes
        The whole file.
    limit : int
        Largest accepted output, bytes; unpacking stops one byte after it.

    Raises
    ------
    FileRefused
        ``gzip.header``, ``gzip.corrupt``, ``gzip.truncated``, ``gzip.too_long``, ``gzip.crc``, ``gzip.size``,
        ``gzip.multi`` or ``gzip.trailing``.
    """
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = _unpack(unpacker, memoryview(data)[gzip_header(data).body :], limit + 1)
    if len(plain) > limit:
        raise FileRefused(
            "gzip.too_long",
            f"The file unpacks to more than the {limit:,} bytes that its header declares; reading stopped there.",
        )
    if not unpacker.eof:
        raise _truncated()
    _check_trailer(plain, unpacker.unused_data)
    return plain


def gunzip_head(data: bytes, *, size: int) -> bytes:
    """Return the first ``size`` unpacked bytes, or all if there are fewer; the rest stays packed."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    start = gzip_header(data).body
    head = _unpack(unpacker, memoryview(data)[start : start + 64 * 1024], size)
    if len(head) < size and not unpacker.eof:
        raise _truncated()
    return head


def gzip_header(data: bytes) -> GzipHeader:
    """Return the parsed header of a gzip file."""
    if len(data) < 10:
        raise _truncated()
    if data[:2] != MAGIC or data[2] != 8 or data[3] & _RESERVED:
        raise FileRefused("gzip.header", f"The gzip header is not one that the standard allows; {_AGAIN}.")
    flags, at, found = data[3], 10, []
    if flags & _EXTRA:
        at = _after_extra(data, at)
    for flag, name in ((_NAME, "gzip name"), (_COMMENT, "gzip comment")):
        if flags & flag:
            at = _after_text(data, at)
            found.append(name)
    if flags & _CRC:
        at = _after_header_crc(data, at)
    return GzipHeader(at, tuple(found))


def _unpack(unpacker: "zlib._Decompress", packed: memoryview, most: int) -> bytes:
    try:
        return unpacker.decompress(packed, most)
    except zlib.error as error:
        raise FileRefused("gzip.corrupt", f"The packed data are damaged and cannot be unpacked; {_AGAIN}.") from error


def _check_trailer(plain: bytes, rest: bytes) -> None:
    if len(rest) < 8:
        raise _truncated()
    checksum, length = struct.unpack("<II", rest[:8])
    if checksum != zlib.crc32(plain):
        raise FileRefused(
            "gzip.crc",
            f"The checksum in the file ({checksum:08x}) is not that of its content "
            f"({zlib.crc32(plain):08x}), "
            f"so the content has changed since it was packed; {_AGAIN}.",
        )
    if length != len(plain) & 0xFFFFFFFF:
        raise FileRefused(
            "gzip.size",
            f"The file says that it unpacks to {length:,} bytes but gives {len(plain):,}; {_AGAIN}.",
        )
    _check_end(rest[8:])


def _check_end(rest: bytes) -> None:
    if not rest:
        return
    if rest[:2] == MAGIC:
        raise FileRefused(
            "gzip.multi",
            "The file is two gzip files joined together; unpack it and pack it again as one.",
        )
    raise FileRefused("gzip.trailing", f"The file goes on for {len(rest):,} bytes after its end; {_AGAIN}.")


def _after_extra(data: bytes, at: int) -> int:
    if len(data) < at + 2:
        raise _truncated()
    end = at + 2 + int.from_bytes(data[at : at + 2], "little")
    if len(data) < end:
        raise _truncated()
    return end


def _after_text(data: bytes, at: int) -> int:
    end = data.find(b"\0", at, _LONGEST_HEADER)
    if end < 0:
        raise _truncated()
    return end + 1


def _after_header_crc(data: bytes, at: int) -> int:
    if len(data) < at + 2:
        raise _truncated()
    if int.from_bytes(data[at : at + 2], "little") != zlib.crc32(data[:at]) & 0xFFFF:
        raise FileRefused("gzip.crc", f"The checksum of the gzip header is wrong; {_AGAIN}.")
    return at + 2


def _truncated() -> FileRefused:
    return FileRefused(
        "gzip.truncated",
        f"The file ends before its packed data do: a part was lost in copying or saving; {_AGAIN}.",
    )
