"""A pinhole camera over a table: projects points and planes. Knows nothing of balls or colours.

World: metres, x along the table, y across it, z up, origin at the centre of the playing surface.
Camera: x right, y down, z forward. Pictures: continuous pixels, the centre of pixel k lies at k + 0.5.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is taken from: ``rotation`` (3, 3) rows are right, down, forward in the world."""

    width: int
    height: int
    focal: float
    centre: Floats
    rotation: Floats

    def to_camera(self, points: Floats) -> Floats:
        """Return world ``points`` (..., 3) in camera coordinates, metres."""
        return (points - self.centre) @ self.rotation.T

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Return pixels (..., 2) and depth (...) in metres of world ``points`` (..., 3)."""
        seen = self.to_camera(np.asarray(points, dtype=float))
        depth = seen[..., 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)[..., None]
        middle = np.array([self.width / 2, self.height / 2])
        return seen[..., :2] / safe * self.focal + middle, depth

    def plane(self, origin: Floats, along: Floats, across: Floats) -> Floats:
        """Return the 3x3 matrix from (s, t, 1) on the plane to homogeneous pixels.

        The last row gives the depth; the last row of the inverse, applied to (u, v, 1), gives 1 / depth.
        """
        columns = np.stack([along, across, origin - self.centre], axis=1)
        lens = np.array(
            [[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2], [0.0, 0.0, 1.0]]
        )
        return np.asarray(lens @ self.rotation @ columns)


def look(
    target: Floats,
    *,
    distance: float,
    yaw: float,
    elevation: float,
    roll: float,
    focal: float,
    size: tuple[int, int],
) -> Camera:
    """Return a camera looking at ``target`` from ``distance`` metres; angles in radians, ``size`` (w, h).

    ``elevation`` is the angle above the horizon: pi / 2 looks straight down.
    """
    forward = np.array(
        [
            np.cos(elevation) * np.cos(yaw),
            np.cos(elevation) * np.sin(yaw),
            -np.sin(elevation),
        ]
    )
    right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    down = np.cross(forward, right)
    cos, sin = np.cos(roll), np.sin(roll)
    rows = np.stack([cos * right + sin * down, cos * down - sin * right, forward])
    return Camera(size[0], size[1], focal, target - forward * distance, rows)
