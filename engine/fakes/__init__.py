"""A tiny exact implementation of every port, for tests and for learning; no production path uses them."""
