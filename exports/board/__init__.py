"""Parts of the board that FiftyOne shows; ``exports.fiftyone`` puts them together."""
