"""The console script: `blindread COMMAND …`, for people who have files and no server.

Exit codes: 0 done, 1 refused (one sentence on standard error says why and what to do), 2 not understood.
"""

import argparse
import sys
from collections.abc import Sequence

from blindread import measuring
from segmentation.errors import DomainError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    asked = parser().parse_args(argv)
    try:
        print(asked.run(asked))
    except DomainError as refusal:
        return _refuse(refusal.detail)
    except OSError as error:
        return _refuse(f"{error.filename or 'A file'} cannot be read: {error.strerror or error}.")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function from its arguments to the text to print."""
    top = argparse.ArgumentParser(
        prog="blindread", description="Blinded reader studies: tools for files. Research use only, not for diagnosis."
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    measuring.add_command(commands)
    return top


def _refuse(sentence: str) -> int:
    print(f"blindread: {sentence}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
