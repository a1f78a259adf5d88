"""Networks as torch modules with their weights: what a model is made of, apart from who uses it."""
