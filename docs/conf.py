"""How the documentation is built: `nox -s docs`."""

from __future__ import annotations

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "apigw_magic"
author = "The authors of apigw_magic"
project_copyright = author
version = release = version_of("apigw_magic")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "cells", "docstrings", "tables"]
exclude_patterns = ["_build"]

smartquotes_action = "D"  # dashes; quotes are to be typed

html_theme = "furo"
html_title = "apigw_magic"
html_static_path = ["_static"]
html_css_files = ["apigw.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"

myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

# Docstrings write code between single backticks.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

nitpicky = True
# Types of Python and pandas, and of what is not public: no page describes them, and no other site is asked for them.
_ELSEWHERE = (
    r"bool|bytes|dict|float|int|list|object|str|tuple|datetime|timedelta|DataFrame|InteractiveShell",
    r"Iterable|Mapping|Path|Sequence|Unpack|(collections|datetime|http|pandas|pathlib|pd|typing)\..*",
    r"Base|Caller|Defaults|Expectation|Headers|Identity|Json|Refusal|Reply|Request|RequestOptions|SigningScope",
    r"Transport|Url|Value|(frames|http)\..*|apigw_magic\.(connection|errors|frames|identity|models)\..*",
)
nitpick_ignore_regex = [("py:.*", names) for names in _ELSEWHERE]
