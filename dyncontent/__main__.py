"""The way in: Ctrl-C is quiet from the first moment."""

import sys


def run() -> None:
    try:
        from dyncontent.cli import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
