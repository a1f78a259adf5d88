"""Pictures and videos as files: probing, decoding, encoding, stills. The only place that imports av and PIL."""

from engine.media.probing import VideoFacts, probe
from engine.media.reading import decode
from engine.media.writing import VideoWriter

__all__ = ["VideoFacts", "VideoWriter", "decode", "probe"]
