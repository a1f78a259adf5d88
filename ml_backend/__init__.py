"""The bridge to Label Studio: clips arrive there pre-annotated, corrections come back. See docs/label-studio.md."""
