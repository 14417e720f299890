"""No secret comes out of a shell, by whatever way: each way is first seen to lead secrets out that are spilt."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import IPython
import pytest
from IPython.core.magics.basic import BasicMagics

from tests.secrets.canaries import tell
from tests.secrets.scenes import PLANTED
from tests.secrets.shell import MODES

if TYPE_CHECKING:
    from tests.secrets.conftest import Run

_SHOWN = ("stdout", "stderr", "displays", "warnings", "logs", *(f"%tb, {mode}" for mode in MODES))
_OBJECTS = ("repr", "str", "format", "pprint", "pickle", "attributes", "rich displays")
_ERRORS = ("exception", "format_exc", "frames")
_MAGICS = {"%whos": "%whos", "%pinfo": "'pinfo'", "%history -o": "%history -o", "Out": "Out"}
_FILES = {"home/spilt": "a file", "work/spilt.txt": "%history -o -f", "work/spilt.ipynb": "%notebook"}


@pytest.mark.parametrize("channel", [*_SHOWN, *_OBJECTS, *_ERRORS])
def test_what_is_spilt_is_found(in_a_shell: Run, channel: str) -> None:
    """A secret of each kind, and one in each spelling, is found where it comes out this way."""
    found = {one.value for one in in_a_shell.world.planted.find(_text(in_a_shell, channel, planted=True))}
    assert found == {plant.value for plant in in_a_shell.world.plants}


@pytest.mark.parametrize("magic", _MAGICS)
def test_what_a_magic_spills_is_found(in_a_shell: Run, magic: str) -> None:
    """As above, for what IPython shows of variables and of the past."""
    shown = [trace.text for trace in in_a_shell.planted if _MAGICS[magic] in trace.scene and trace.channel == "stdout"]
    found = {one.value for one in in_a_shell.world.planted.find("\n".join(shown))}
    assert found == {plant.value for plant in in_a_shell.world.plants}


def test_verbose_shows_variables(in_a_shell: Run) -> None:
    """What stands in variables alone is found under Verbose, and under no other mode."""
    scene = next(scene.cell for scene in PLANTED if "in variables alone" in scene.cell)
    shown = {
        mode: "\n".join(t.text for t in in_a_shell.planted if t.scene == scene and t.channel == f"%tb, {mode}")
        for mode in MODES
    }
    found = {mode: len(in_a_shell.world.planted.find(text)) for mode, text in shown.items()}
    assert found == dict.fromkeys(MODES, 0) | {"Verbose": len(in_a_shell.world.plants)}


@pytest.mark.parametrize("name", _FILES)
def test_what_is_written_is_found(in_a_shell: Run, name: str) -> None:
    """What is spilt into a file is found."""
    if name.endswith(".ipynb") and "outputs" not in inspect.getsource(BasicMagics.notebook):
        pytest.skip(f"the %notebook of IPython {IPython.__version__} writes no outputs")
    found = {one.value for one in in_a_shell.world.planted.find(in_a_shell.files[name])}
    assert found == {plant.value for plant in in_a_shell.world.plants}


def test_every_scene_ends_as_it_should(in_a_shell: Run) -> None:
    """What is to go well goes well, what is to be refused is refused: or the proof would be of less than it says."""
    others = [
        f"{scene.cell}: {error or 'no error'}, not {scene.error or 'none'}"
        for scene, error in in_a_shell.ran
        if error != scene.error and not (scene.error == "ApigwError" and error.endswith("Error"))
    ]
    assert others == []


def test_every_secret_was_in_use(in_a_shell: Run) -> None:
    """Each secret key made a signature that was verified; all else was received by whom it was meant for."""
    world = in_a_shell.world
    keys = {kind for kind in world.canaries.kinds if kind.startswith("secret key")}
    assert set(world.aws.verified) == keys
    received = world.canaries.find("\n".join(world.aws.heads))
    sent = {"text of a fault", "password in a URL", *keys}
    assert {one.kind for one in received} == set(world.canaries.kinds) - sent
    assert len(world.canaries.of("session token of a role session")) > 25


@pytest.mark.parametrize(
    "channel", [*_SHOWN, *_OBJECTS, *_ERRORS, "vars", "slots", "copy", "deepcopy", "asdict", "attrs"]
)
def test_no_secret_comes_out(in_a_shell: Run, channel: str) -> None:
    """Whatever a user does, and whatever fails: no secret is to be found."""
    text = _text(in_a_shell, channel)
    assert text or channel == "stderr"
    assert tell(in_a_shell.world.canaries.find(text)) == ""


def test_no_secret_is_written(in_a_shell: Run) -> None:
    """No file has a secret that did not have it before: history, export, stored variables, tables."""
    written = {name: tell(in_a_shell.world.canaries.find(text)) for name, text in in_a_shell.files.items()}
    assert {"work/told.txt", "work/told.ipynb", "work/table.pickle"} <= set(written)
    assert any("/db/autorestore/" in name for name in written)
    assert {name: found for name, found in written.items() if found} == {}


def test_the_environment_is_kept(in_a_shell: Run) -> None:
    """Nothing of ours changes the environment."""
    assert in_a_shell.is_environment_kept


def _text(run: Run, channel: str, *, planted: bool = False) -> str:
    return "\n".join(trace.text for trace in (run.planted if planted else run.traces) if trace.channel == channel)
