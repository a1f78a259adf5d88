"""One file per outside library; adapters know the core, never each other."""
