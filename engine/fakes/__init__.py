"""A tiny exact implementation of every port, for tests, for learning and for what a simulated person does; nothing that is to last goes through them."""
