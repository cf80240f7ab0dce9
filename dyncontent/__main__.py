"""The way in: Ctrl-C is quiet from the first moment."""

import signal
import sys


def run() -> None:
    # Nothing is held yet, and an exception that is raised in the middle of an import is lost where
    # a library tries whether it can import another.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from dyncontent.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
