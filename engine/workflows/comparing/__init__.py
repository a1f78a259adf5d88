"""Models against people, and against each other, clip by clip."""
