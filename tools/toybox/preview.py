"""Sheets of pictures as PNG."""

import struct
import zlib

import numpy as np


def write_sheet(path, pictures, columns=8, enlarge=3):
    """@param pictures [count, 3, height, width] in -1 to 1"""
    pixels = ((pictures + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    pixels = pixels.repeat(enlarge, 1).repeat(enlarge, 2)
    rows = [np.concatenate(pixels[i : i + columns], 1) for i in range(0, len(pixels), columns)]
    write_png(path, np.concatenate(rows, 0))


def write_png(path, pixels):
    """@param pixels [height, width, 3], 0 to 255"""
    height, width, _ = pixels.shape
    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in parts:
            file.write(struct.pack(">I", len(data)) + kind + data)
            file.write(struct.pack(">I", zlib.crc32(kind + data)))
