"""Where a person should look next: places at which masks contradict physics, each other, or other witnesses.

Knows masks, boxes and the laws of balls on a table; refuses to know pictures, models and storage.
"""

from engine.doubts.finding import doubts
from engine.doubts.order import Looked, Visit, worst
from engine.doubts.signs import PICTURE, Doubt, Sign

__all__ = ["PICTURE", "Doubt", "Looked", "Sign", "Visit", "doubts", "worst"]
