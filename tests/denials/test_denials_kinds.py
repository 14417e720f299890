"""The page that lists the kinds of refusals."""

from __future__ import annotations

from importlib import resources

from apigw_magic.denials import load_catalogue
from apigw_magic.denials.kinds import write_kinds


def test_the_page_is_the_catalogues() -> None:
    """The page that is shipped lists every kind, as the catalogue has it."""
    page = resources.files("apigw_magic.denials").joinpath("KINDS.md").read_text("utf-8")
    assert page == write_kinds()
    assert [kind for kind in (known.kind for known in load_catalogue()) if f"| `{kind}` |" not in page] == []
