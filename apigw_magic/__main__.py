"""`python -m apigw_magic demo`: the quickstart, played in the terminal against a local account."""

from __future__ import annotations

import argparse
import io
import sys
from importlib import metadata

from apigw_magic.errors import ApigwError
from apigw_magic.magics.player import find_notebook, invite, play


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m apigw_magic", description="Signed requests from notebook cells.")
    parser.add_argument("--version", action="version", version=metadata.version("apigw_magic"))
    commands = parser.add_subparsers(title="commands", required=True)
    commands.add_parser(
        "demo",
        help="play the quickstart notebook against a local AWS account",
        description="Plays notebooks/quickstart.ipynb cell by cell against a local AWS account. "
        "Exits with 1 if a cell does not end as it says.",
    )
    parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a narrow terminal shows ? for what it does not have
    try:
        status = play(find_notebook("quickstart.ipynb"))
        if status == 0:
            invite()
    except ApigwError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command line speaks so
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
