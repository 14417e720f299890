"""No secret leaves a kernel: not in a message on any channel, the notebook, a file, nor in what the process prints.

Each way is first seen to lead secrets out that are spilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.secrets import scenes
from tests.secrets.canaries import tell
from tests.secrets.kernel import opened_kernel, read_looked, read_notebook

if TYPE_CHECKING:
    from tests.secrets.channels import Trace
    from tests.secrets.conftest import Build
    from tests.secrets.scenes import Scene
    from tests.secrets.world import World

_SPILT = (
    *("stream", "display_data", "execute_result", "error"),
    *("execute_reply", "inspect_reply", "complete_reply", "history_reply", "input_request"),
)
_HEARD = (*_SPILT, "execute_input", "status", "comm_info_reply", "kernel_info_reply", "is_complete_reply")
_FILES = ("home/debug.log", "home/.ipython/profile_default/history.sqlite", "home/spilt", "kernel.out", "kernel.err")


@dataclass
class Session:
    """What came out of a kernel.

    Attributes:
        world: it was in.
        traces: the messages, up to where secrets were spilt.
        planted: the messages from there on.
        ran: the cells, with the exception that each ended with.
        notebook: as it would be saved, at the first and at the second moment.
        files: what was written, by name, at the first and at the second moment.
        looked: what was kept of exceptions.
        is_environment_kept: what a cell says of it.
    """

    world: World
    traces: list[Trace]
    planted: list[Trace]
    ran: list[tuple[Scene, str]]
    notebook: tuple[str, str]
    files: tuple[dict[str, str], dict[str, str]]
    looked: tuple[list[Trace], list[Trace]]
    is_environment_kept: str


@pytest.fixture(scope="module")
def session(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """What came out of a kernel in which was done what users do, and then secrets were spilt."""
    with build(tmp_path_factory.mktemp("kernel") / "world") as world, opened_kernel(world) as kernel:
        kernel.play(scenes.IN_A_KERNEL[:-1])
        kernel.ask("asked for")
        kernel.play(scenes.IN_A_KERNEL[-1:])
        kernel.run_in_notebook("environment == hash(frozenset(os.environ.items()))")
        is_kept = str(kernel.notebook.cells[-1].outputs[0].data["text/plain"])
        traces, kernel.traces = kernel.traces, []
        notebook, files, looked = read_notebook(kernel), _read_files(world), read_looked(world.home)
        kernel.play(scenes.PLANTED_IN_A_KERNEL)
        kernel.ask("spilt")
        both = read_looked(world.home)
        return Session(
            world=world,
            traces=traces,
            planted=kernel.traces,
            ran=kernel.ran,
            notebook=(notebook, read_notebook(kernel)),
            files=(files, _read_files(world)),
            looked=(looked, both[len(looked) :]),
            is_environment_kept=is_kept,
        )


@pytest.mark.parametrize("channel", _SPILT)
def test_what_is_spilt_is_found(session: Session, channel: str) -> None:
    """A secret of each kind, and one in each spelling, is found in the messages of this type."""
    assert _find_planted(session, _text(session.planted, channel)) == _planted(session)


@pytest.mark.parametrize("name", _FILES)
def test_what_is_written_is_found(session: Session, name: str) -> None:
    """A secret is found in the log, the database of IPython's history, what the process prints, any file."""
    assert _find_planted(session, session.files[1][name]) == _planted(session)


def test_what_is_kept_is_found(session: Session) -> None:
    """A secret is found in the executed notebook, and in the frames of an exception."""
    assert _find_planted(session, session.notebook[1]) == _planted(session)
    assert _find_planted(session, _text(session.looked[1], "frames")) == _planted(session)


def test_every_scene_ends_as_it_should(session: Session) -> None:
    """What is to go well goes well, what is to be refused is refused."""
    others = [
        f"{scene.cell}: {error or 'no error'}, not {scene.error or 'none'}"
        for scene, error in session.ran
        if error != scene.error and not (scene.error == "ApigwError" and error.endswith("Error"))
    ]
    assert others == []


def test_every_secret_was_in_use(session: Session) -> None:
    """The kernel signed by each secret key, and sent all else."""
    world = session.world
    keys = {kind for kind in world.canaries.kinds if kind.startswith("secret key")}
    assert set(world.aws.verified) == keys
    received = world.canaries.find("\n".join(world.aws.heads))
    assert {one.kind for one in received} == set(world.canaries.kinds) - keys - {"text of a fault", "password in a URL"}


@pytest.mark.parametrize("channel", _HEARD)
def test_no_secret_is_in_a_message(session: Session, channel: str) -> None:
    """Nothing that a kernel says to any frontend has a secret in it."""
    text = _text(session.traces, channel)
    assert text
    assert tell(session.world.canaries.find(text)) == ""


def test_all_messages_were_searched(session: Session) -> None:
    """There is no type of message beside those."""
    assert {trace.channel for trace in session.traces} <= {*_HEARD, "clear_output", "comm_open", "comm_msg"}


def test_no_secret_is_in_the_notebook(session: Session) -> None:
    """The executed notebook has no secret: it may be shared."""
    assert tell(session.world.canaries.find(session.notebook[0])) == ""


def test_no_secret_is_kept_of_an_exception(session: Session) -> None:
    """What a debugger finds after a failure has no secret, in any frame and in any cause."""
    assert len(session.looked[0]) > 100
    assert tell(session.world.canaries.find("\n".join(trace.text for trace in session.looked[0]))) == ""


def test_no_secret_is_written(session: Session) -> None:
    """No file has a secret that did not have it before: history, log, stored variables, caches, what is printed."""
    written = session.files[0]
    assert {name for name in _FILES if name != "home/spilt"} <= set(written)
    assert written["home/debug.log"]
    found = {name: tell(session.world.canaries.find(text)) for name, text in written.items()}
    assert {name: told for name, told in found.items() if told} == {}


def test_the_environment_is_kept(session: Session) -> None:
    """Nothing of ours changes the environment."""
    assert session.is_environment_kept == "True"


def _read_files(world: World) -> dict[str, str]:
    return {str(path.relative_to(world.root)): text for path, text in world.read_files().items()}


def _find_planted(session: Session, text: str) -> set[str]:
    return {one.value for one in session.world.planted.find(text)}


def _planted(session: Session) -> set[str]:
    return {plant.value for plant in session.world.plants}


def _text(traces: list[Trace], channel: str) -> str:
    return "\n".join(trace.text for trace in traces if trace.channel == channel)
