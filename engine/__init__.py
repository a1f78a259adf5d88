"""Turns billiards video into masklets; what belongs where is drawn in docs/architecture.md."""
