"""Tracks as boxes with few keyframes, and what somebody changed on them. Pure: knows no server, no storage and no model."""
