"""Worlds full of secrets, and what came out of a shell that lived in one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.http.certificates import Authority
from tests.secrets import scenes
from tests.secrets.aws import REGION
from tests.secrets.shell import Player, moved_into, opened_shell, recorded
from tests.secrets.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.secrets.channels import Trace
    from tests.secrets.scenes import Scene

_HOSTS = (
    f"*.{REGION}.amazonaws.com",
    f"*.execute-api.{REGION}.amazonaws.com",
    f"*.sso.{REGION}.amazonaws.com",
    "iam.amazonaws.com",
)


class Build(Protocol):
    """Builds a world below a folder."""

    def __call__(self, root: Path) -> AbstractContextManager[World]:
        """Build it, and serve while the context lasts."""


@dataclass
class Run:
    """What came out of a run.

    Attributes:
        world: it was in.
        traces: of what users do.
        planted: of the cells that spill secrets.
        ran: the cells, with the exception that each ended with.
        files: what was written, by name.
        is_environment_kept: whether the environment is as it was before.
    """

    world: World
    traces: list[Trace]
    planted: list[Trace]
    ran: list[tuple[Scene, str]]
    files: dict[str, str]
    is_environment_kept: bool


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return what builds a world, with certificates for the hosts of AWS."""
    folders = [tmp_path_factory.mktemp(name) for name in ("trusted", "untrusted")]
    trusted, untrusted = map(Authority, folders)
    names = ",".join(f"DNS:{host}" for host in _HOSTS)
    contexts = trusted.context(names), untrusted.context(f"{names},DNS:untrusted.example")
    return lambda root: build_world(root, contexts, trusted.ca_file)


@pytest.fixture(scope="module")
def world(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which the tests of a module live."""
    root = tmp_path_factory.mktemp("module") / "world"
    with pytest.MonkeyPatch.context() as patch, build(root) as built, moved_into(built, patch):
        yield built


@pytest.fixture(scope="session")
def in_a_shell(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """What came out of a shell in which all was done that users do, and then secrets were spilt."""
    with (
        pytest.MonkeyPatch.context() as patch,
        build(tmp_path_factory.mktemp("shell") / "world") as world,
        moved_into(world, patch),
        recorded() as recorder,
        opened_shell(world) as shell,
    ):
        before = dict(os.environ)
        player = Player(world, shell, recorder)
        player.play(scenes.ALL)
        traces, player.traces = player.traces, []
        is_kept = dict(os.environ) == before
        player.play(scenes.PLANTED)
        files = {str(path.relative_to(world.root)): text for path, text in world.read_files().items()}
        return Run(world, traces, player.traces, player.ran, files, is_kept)
