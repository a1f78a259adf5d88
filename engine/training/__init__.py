"""Training of the models that ship with the product, from rendered or exported datasets."""
