"""A real IPython shell with the extension loaded, and connections that answer from a function."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

import boto3
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from apigw_magic.connection import Connection
from apigw_magic.identity import wrap_session
from apigw_magic.magics.extension import ApigwMagics
from apigw_magic.models import Credentials, SigningScope, Url
from tests.identity.fakes import make_caller
from tests.magics.fakes import Api

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apigw_magic.magics.state import State


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    """A shell of the test's own, with the extension loaded."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    made = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path))
    made.run_line_magic("load_ext", "apigw_magic")
    yield made
    InteractiveShell.clear_instance()
    # At the end of the process IPython would collect all garbage, once for every shell that there was.
    atexit.unregister(made.atexit_operations)


@pytest.fixture
def state(shell: InteractiveShell) -> State:
    """What the magics of the shell keep."""
    state: State = shell.magics_manager.registry[ApigwMagics.__name__]._state
    return state


@pytest.fixture
def api(state: State) -> Api:
    """An API that is connected to as `reader`, the current one, and as `writer`."""
    api = Api()
    base = wrap_session(boto3.Session("AKIAEXAMPLE", "secret-key-of-the-tests"), "eu-west-1")
    for name in ("writer", "reader"):
        keys = Credentials(name.upper(), "secret-key-of-the-tests")
        caller = make_caller(keys, f"arn:aws:sts::111122223333:assumed-role/{name}/ana")
        state.connections.add(
            Connection(
                name=name,
                url=Url("https", "abc.execute-api.eu-west-1.amazonaws.com", "/prod"),
                scope=SigningScope("execute-api", "eu-west-1"),
                base=base,
                caller=caller,
                transport=api,
            )
        )
    return api
