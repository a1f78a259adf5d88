"""The command line. Each command is a few lines that call a workflow and print what it returns."""

from engine.cli.app import main

__all__ = ["main"]
