"""MFA codes over a real kernel's stdin: asked for where somebody can type, shown and kept nowhere."""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_client.manager import KernelManager

from tests.identity.local_sts import ACCOUNT, Answer, LocalSts, Server, keys_of, read_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/ana"
PROMPT = f"MFA code for {DEVICE}: "
AGAIN = f"A code has six digits. {PROMPT}"
CONFIG = f"""
[profile guarded]
role_arn = arn:aws:iam::{ACCOUNT}:role/guarded
source_profile = keys
mfa_serial = {DEVICE}

[profile keys]
aws_access_key_id = AKIAKEYS
aws_secret_access_key = {keys_of("AKIAKEYS").secret_access_key}
"""

# Whatever is logged is shown, and so would be heard here.
SETUP = "%load_ext apigw_magic\nimport logging; logging.basicConfig(level='DEBUG')"


@dataclass(frozen=True)
class Cell:
    """What became of a cell.

    Attributes:
        prompts: what was asked.
        shown: all that was shown, log and errors included.
        error: the name of the exception; empty for none.
        seconds: how long it took.
    """

    prompts: tuple[str, ...]
    shown: str
    error: str
    seconds: float


@dataclass
class Desk:
    """A kernel, somebody who runs cells in it and types when asked, and who is at the other end.

    Attributes:
        manager: of the kernel's process.
        folder: IPython's, with the history.
        sts: gives role sessions.
        api: what the kernel connects to.
        typed: all that was typed, ever.
        heard: all that was shown, ever.
    """

    manager: KernelManager
    folder: Path
    sts: LocalSts
    api: Server
    typed: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    @property
    def connect(self) -> str:
        """The command that connects to the API."""
        return f"%apigw connect {self.api.url}/prod --region eu-west-1"

    @property
    def codes(self) -> list[str]:
        """The codes that reached STS."""
        return [asked.params["TokenCode"] for asked in self.sts.asked if "TokenCode" in asked.params]

    def tell_signer(self) -> str:
        """Send a request over the current connection, and tell who signed it, by key id."""
        sent = len(self.api.got)
        assert self.run("%apigw GET /who").error == ""
        (got,) = self.api.got[sent:]
        return read_signer(got.method, got.target, got.fields, got.content)[0]

    def run(self, code: str, *answers: str | Callable[[], object], can_ask: bool = True) -> Cell:
        """Run a cell.

        Args:
            code: of the cell.
            answers: what is typed at each prompt, or done instead.
            can_ask: whether the frontend shows prompts.
        """
        prompts, shown, left = [], [], list(answers)

        def show(message: dict[str, Any]) -> None:
            content = message["content"]
            shown.append(str(content.get("text") or content.get("data") or "\n".join(content.get("traceback", ()))))

        def ask(message: dict[str, Any]) -> None:
            assert message["content"].pop("password") is True
            prompts.append(message["content"].pop("prompt"))
            assert message["content"] == {}
            answer = left.pop(0) if left else self.manager.interrupt_kernel
            if not isinstance(answer, str):
                answer()
                return
            self.typed.append(answer)
            self.client.input(answer)

        started = time.perf_counter()
        reply = self.client.execute_interactive(
            code, allow_stdin=can_ask, stdin_hook=ask, output_hook=show, timeout=60
        )["content"]
        self.heard += [*shown, *prompts, str(reply)]
        assert not left, "it was asked for less"
        return Cell(tuple(prompts), "\n".join(shown), reply.get("ename", ""), time.perf_counter() - started)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A kernel with keys in its environment and the extension loaded, beside an STS and an API."""
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "config").write_text(CONFIG)
    with LocalSts() as sts, Server(lambda _: Answer('{"items": []}')) as api:
        environ = os.environ | {
            "AWS_ACCESS_KEY_ID": "AKIAENV",
            "AWS_CONFIG_FILE": str(folder / "config"),
            "AWS_ENDPOINT_URL_STS": sts.url,
            "AWS_SECRET_ACCESS_KEY": keys_of("AKIAENV").secret_access_key,
            "IPYTHONDIR": str(folder / "ipython"),
        }
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel(env=environ)
        try:
            desk = Desk(manager, folder / "ipython", sts, api)
            desk.run(SETUP)
            yield desk
            desk.client.stop_channels()
        finally:
            manager.shutdown_kernel(now=True)


@pytest.fixture
def desk(started: Desk) -> Desk:
    """The kernel and its surroundings; STS has forgotten what it was asked."""
    started.sts.asked.clear()
    started.sts.lifetime = None
    return started


@pytest.fixture
def former(desk: Desk) -> str:
    """The key id that signs over the connection that there is."""
    assert desk.run(f"{desk.connect} --name former --role former").error == ""
    return desk.tell_signer()


# A device that the command names, and one that a profile does.
OPTION, PROFILE = f"--role reader --mfa-serial {DEVICE}", "--profile guarded"
EITHER = pytest.mark.parametrize("who", [OPTION, PROFILE], ids=["option", "profile"])


def test_connect(desk: Desk) -> None:
    """The device is named, the input is hidden, the code reaches STS."""
    cell = desk.run(f"{desk.connect} {OPTION}", "730001")
    assert (cell.prompts, cell.error) == ((PROMPT,), "")
    assert "assumed-role/reader/" in cell.shown
    assert desk.codes == ["730001"]
    assert desk.tell_signer().startswith("ASIAREADER")


def test_a_profile_with_a_device(desk: Desk) -> None:
    """The prompt for a profile's device is the same, not the SDK's."""
    cell = desk.run(f"{desk.connect} {PROFILE} --role reader", "730002")
    assert (cell.prompts, cell.error) == ((PROMPT,), "")
    assert desk.sts.hops[0] == ("guarded", "AKIAKEYS")
    assert desk.codes == ["730002"]
    assert "%apigw renew, with an MFA code" in desk.run("%apigw whoami").shown


@EITHER
def test_renew(desk: Desk, who: str) -> None:
    """Logging in again asks again, and the new session signs."""
    desk.run(f"{desk.connect} {who}", "730003")
    before = desk.tell_signer()
    cell = desk.run("%apigw renew", "730004")
    assert (cell.prompts, cell.error) == ((PROMPT,), "")
    assert desk.codes == ["730003", "730004"]
    assert desk.tell_signer() != before


def test_what_is_no_code(desk: Desk) -> None:
    """What has another shape is asked for again, and is not sent."""
    cell = desk.run(f"{desk.connect} {OPTION}", "86420", " 730005 ")
    assert (cell.prompts, cell.error) == ((PROMPT, AGAIN), "")
    assert desk.codes == ["730005"]


WITHOUT = [
    (OPTION, ("",), "No MFA code was given"),
    (OPTION, ("s3cret", "  "), "No MFA code was given"),
    (OPTION, ("86420",) * 3, "That is no MFA code"),
    (PROFILE, ("",), "No MFA code was given"),
]


@pytest.mark.parametrize(("who", "answers", "words"), WITHOUT)
def test_without_a_code(desk: Desk, former: str, who: str, answers: tuple[str, ...], words: str) -> None:
    """Without a code it ends with an error, nothing was sent, and the connection is as it was."""
    cell = desk.run(f"{desk.connect} {who}", *answers)
    assert cell.error == "CommandError"
    assert words in cell.shown
    assert desk.codes == []
    assert desk.tell_signer() == former


@EITHER
def test_a_frontend_that_cannot_ask(desk: Desk, former: str, who: str) -> None:
    """Where nobody can type there is a hint at once, and no hang."""
    cell = desk.run(f"{desk.connect} {who}", can_ask=False)
    assert cell.error == "SessionExpiredError"
    assert "An MFA code is needed, and nobody can be asked for it here." in cell.shown
    assert cell.seconds < 10
    assert desk.codes == []
    assert desk.tell_signer() == former


@EITHER
def test_an_interrupt_at_the_prompt(desk: Desk, former: str, who: str) -> None:
    """An interrupt while the prompt waits is answered at once; all is as it was, and the next try asks again."""
    cell = desk.run(f"{desk.connect} {who}", desk.manager.interrupt_kernel)
    assert (cell.prompts, cell.error) == ((PROMPT,), "Interrupted")
    assert cell.seconds < 10
    assert desk.codes == []
    assert desk.tell_signer() == former
    assert desk.run(f"{desk.connect} {who}", "730006").error == ""


def test_an_interrupt_of_a_renewal(desk: Desk) -> None:
    """After an interrupt the session that there was still signs, and no lock is held."""
    desk.run(f"{desk.connect} {OPTION}", "730007")
    before = desk.tell_signer()
    assert desk.run("%apigw renew", desk.manager.interrupt_kernel).error == "Interrupted"
    assert desk.tell_signer() == before
    assert desk.run("%apigw renew", "730008").error == ""


THREAD = """
import threading, time
import apigw_magic
connection = apigw_magic.connect({url!r}, region="eu-west-1", role={role!r}, mfa_serial={device!r})
time.sleep(max(0, connection.seconds_left) + 0.05)
def call():
    try:
        connection.get("/who")
    except apigw_magic.ApigwError as error:
        print(type(error).__name__, error)
thread = threading.Thread(target=call)
thread.start()
thread.join(20)
print("alive" if thread.is_alive() else "back")
"""


def test_a_session_that_ends_under_a_thread(desk: Desk) -> None:
    """A thread does not ask: it says what to run; the cell itself asks, and goes on."""
    desk.sts.lifetime = 2
    role = f"arn:aws:iam::{ACCOUNT}:role/reader"
    cell = desk.run(THREAD.format(url=f"{desk.api.url}/prod", role=role, device=DEVICE), "730009")
    assert (cell.prompts, cell.error) == ((PROMPT,), "")
    assert "SessionExpiredError An MFA code is needed." in cell.shown
    assert "%apigw renew" in cell.shown
    assert "back" in cell.shown
    desk.sts.lifetime = None
    again = desk.run("print(connection.get('/who').status_code, 'is the status')", "730010")
    assert (again.prompts, again.error) == ((PROMPT,), "")
    assert "200 is the status" in again.shown
    assert desk.codes == ["730009", "730010"]


def test_no_code_is_kept(desk: Desk) -> None:
    """What was typed is in no output, no history and no variable."""
    desk.run(f"{desk.connect} {OPTION}", "86420", "730011")
    for code in ("%history -g", "print(In, Out, dir())", "get_ipython().history_manager.writeout_cache()"):
        assert desk.run(code).error == ""
    (path,) = desk.folder.glob("profile_default/history.sqlite")
    history = sqlite3.connect(path)
    kept = "\n".join(history.iterdump())
    history.close()
    heard = "\n".join(desk.heard)
    assert DEVICE in kept  # the search does find what is there
    assert DEVICE in heard
    assert "DEBUG" in heard
    typed = {code.strip() for code in desk.typed} - {""}
    assert {"86420", "730011"} <= typed
    assert [code for code in typed if code in heard or code in kept] == []
