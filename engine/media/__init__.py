"""Pictures and videos as files: probing, decoding, encoding, stills. The only place that imports av and PIL."""
