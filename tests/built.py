"""What a wheel and an sdist hold: `python tests/built.py WHEEL SDIST` fails if something is missing or too much."""

from __future__ import annotations

import re
import sys
import tarfile
import zipfile
from pathlib import Path

_IN_BOTH = (
    "apigw_magic/__init__.py",
    "apigw_magic/py.typed",
    "apigw_magic/denials/rows/gateway.toml",
    "apigw_magic/identity/faults.toml",
)
_IN_WHEEL = (*_IN_BOTH, "apigw_magic/notebooks/quickstart.ipynb")
_IN_SDIST = (
    *_IN_BOTH,
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "noxfile.py",
    "notebooks/quickstart.ipynb",
    "notebooks/first_connection.ipynb",
    "notebooks/permissions.ipynb",
    "docs/index.md",
    "docs/pictures/quickstart-light.png",
    "tests/conftest.py",
    "benchmarks/RESULTS.md",
)
_NOWHERE = re.compile(r"__pycache__|\.pyc$|\.ipynb_checkpoints|\.venv|\.nox|\.hypothesis|\.pytest_cache|_cache/")


def check(wheel: Path, sdist: Path) -> list[str]:
    """Return what is wrong with them, a line each."""
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = archive.namelist()
    with tarfile.open(sdist) as source:
        in_sdist = [name.partition("/")[2] for name in source.getnames()]
    return [
        *(f"the wheel lacks {name}" for name in _IN_WHEEL if name not in in_wheel),
        *(f"the sdist lacks {name}" for name in _IN_SDIST if name not in in_sdist),
        *(f"{name} does not belong there" for name in (*in_wheel, *in_sdist) if _NOWHERE.search(name)),
        *(f"{name} does not belong into the wheel" for name in in_wheel if not name.startswith("apigw_magic")),
    ]


if __name__ == "__main__":
    sys.exit("\n".join(check(Path(sys.argv[1]), Path(sys.argv[2]))) or None)
