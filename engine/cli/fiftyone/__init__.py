"""The commands `engine fiftyone`."""
