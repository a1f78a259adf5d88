"""The PASCAL VOC colour map, which DAVIS annotations carry; arithmetic only."""

from functools import cache


@cache
def voc_palette() -> bytes:
    """Return 256 colours of 3 bytes: bit k of an index goes to high bit 7 - k // 3 of channel k % 3."""
    colours = bytearray()
    for index in range(256):
        channels = [0, 0, 0]
        for bit in range(8):
            channels[bit % 3] |= (index >> bit & 1) << (7 - bit // 3)
        colours += bytes(channels)
    return bytes(colours)
