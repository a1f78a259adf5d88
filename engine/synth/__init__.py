"""Rendered billiards footage with exact masks: the footage the shipped weights are trained on."""
