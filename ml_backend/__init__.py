"""The bridge to Label Studio: clips as tasks there, pre-annotated, and corrections back. Below the commands, beside the page."""
