"""Pictures and videos as files: probing, decoding, encoding, stills. The only place that imports av and PIL."""

from engine.media.reading import decode
from engine.media.writing import VideoWriter

__all__ = ["VideoWriter", "decode"]
