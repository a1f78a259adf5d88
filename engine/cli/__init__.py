"""The command line. Each command is a few lines that call a workflow and print what it returns."""

import signal
import sys


def main() -> None:
    """Run the command line as a process of its own: Ctrl-C ends it in order also while it is still being loaded, or ends."""
    try:
        from engine.cli.app import main as run  # noqa: PLC0415 - takes a second, in which Ctrl-C may come

        run()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is open is closed undisturbed
