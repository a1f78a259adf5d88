"""A camera with a lens over a table: projects points and planes, and back. Knows nothing of balls or colours.

World: metres, x along the table, y across it, z up, origin at the centre of the playing surface.
Camera: x right, y down, z forward. Pictures: continuous pixels, the centre of pixel k lies at k + 0.5.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.synth.lens import STRAIGHT, Floats, Lens, distort, undistort

__all__ = ["Camera", "Floats", "look", "moved"]


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the picture is taken from: ``rotation`` (3, 3) rows are right, down, forward in the world."""

    width: int
    height: int
    focal: float
    centre: Floats
    rotation: Floats
    lens: Lens = STRAIGHT

    def to_camera(self, points: Floats) -> Floats:
        """Return world ``points`` (..., 3) in camera coordinates, metres."""
        return (points - self.centre) @ self.rotation.T

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Return pixels (..., 2) and depth (...) in metres of world ``points`` (..., 3)."""
        seen = self.to_camera(np.asarray(points, dtype=float))
        depth = seen[..., 2]
        safe = np.where(np.abs(depth) < 1e-6, 1e-6, depth)[..., None]
        middle = np.array([self.width / 2, self.height / 2])
        flat = seen[..., :2] / safe
        if not self.lens.straight:
            flat = distort(self.lens, flat)
        return flat * self.focal + middle, depth

    def rays(self, columns: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Return x and y at depth 1, in camera coordinates, of what pixels (``columns``, ``rows``) see.

        ``columns`` (w,) and ``rows`` (h,) span a grid; x and y broadcast to its shape (h, w).
        """
        x = ((columns - self.width / 2) / self.focal)[None]
        y = ((rows - self.height / 2) / self.focal)[:, None]
        if self.lens.straight:
            return x, y
        grid = undistort(self.lens, np.stack(np.broadcast_arrays(x, y), axis=-1))
        return grid[..., 0], grid[..., 1]

    def unproject(self, pixels: Floats, height: float = 0.0) -> Floats:
        """Return the world points (..., 3) at ``height`` above the cloth that are seen at ``pixels`` (..., 2)."""
        flat = (np.asarray(pixels, float) - (self.width / 2, self.height / 2)) / self.focal
        if not self.lens.straight:
            flat = undistort(self.lens, flat)
        ahead = np.concatenate([flat, np.ones((*flat.shape[:-1], 1))], axis=-1) @ self.rotation
        far = (height - self.centre[2]) / ahead[..., 2:]
        return np.asarray(self.centre + far * ahead)

    @property
    def reach(self) -> float:
        """Return how far from the axis the corners of the picture lie at focal length 1."""
        return float(np.hypot(self.width, self.height)) / 2 / self.focal

    def plane(self, origin: Floats, along: Floats, across: Floats) -> Floats:
        """Return the 3x3 matrix from (s, t, 1) on the plane to homogeneous pixels of a straight lens.

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


def moved(camera: Camera, *, turn: Floats, shift: Floats) -> Camera:
    """Return ``camera`` turned by small angles ``turn`` (3,) about its right, down and forward axes, rad.

    ``shift`` (3,) moves it along these axes, metres.
    """
    angle = float(np.linalg.norm(turn))
    x, y, z = turn / max(angle, 1e-12)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    centre = camera.centre + shift @ camera.rotation
    return replace(camera, centre=centre, rotation=rotation @ camera.rotation)
