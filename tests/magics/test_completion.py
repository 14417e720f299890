"""Completion in a real shell and in a real kernel."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import IPython.core.completer
import pytest
from jupyter_client.manager import start_new_kernel

from apigw_magic.magics.completion import attach, detach
from apigw_magic.magics.history import Entry, now
from apigw_magic.magics.suggestions import suggest
from apigw_magic.text import METHODS
from tests.magics.fakes import run
from tests.magics.test_suggestions import Known, Sent
from tests.text.steps import count_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell
    from jupyter_client.blocking.client import BlockingKernelClient

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api

if not hasattr(IPython.core.completer, "CompletionContext"):
    pytest.skip(f"IPython {IPython.__version__} has no context matchers", allow_module_level=True)

from IPython.core.completer import CompletionContext, provisionalcompleter

_NAMES = "class Order:\n    total = 1\n    @property\n    def boom(self): print('RAN')\norder_id = 7; order = Order()"


@pytest.fixture
def completing(shell: InteractiveShell, state: State, api: Api) -> InteractiveShell:
    """A shell that proposes, with two connections and a history."""
    assert api.sent == []
    state.history.add(Entry(now(), "reader", "GET", "/orders?status=open", 200), most=9)
    state.history.add(Entry(now(), "writer", "POST", "/orders", 403, "AccessDeniedException"), most=9)
    return shell


def complete(shell: InteractiveShell, text: str) -> dict[str, str]:
    """Return the proposals at the end of a text, and what each makes of it."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, len(text)))
    return {one.text: text[: one.start] + one.text + text[one.end :] for one in found}


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    ("text", "words", "made"),
    [
        ("%apigw con", ["connect"], "%apigw connect"),
        ("x = 1\ndf = %apigw GET /or", ["/orders"], "x = 1\ndf = %apigw GET /orders"),
        ("%apigw use ", ["writer", "reader"], "%apigw use writer"),
        ("%apigw --as writer,r", ["reader"], "%apigw --as writer,reader"),
        ("%apigw --expect 403/", ["403/AccessDeniedException"], "%apigw --expect 403/AccessDeniedException"),
        ("%apigw connect h", ["https://abc.execute-api.eu-west-1.amazonaws.com/prod"], None),
        ("%apigw GET /x -H 'Content-Type: text/c", ["text/csv"], "%apigw GET /x -H 'Content-Type: text/csv"),
        ("%%apigw -o x --no", ["--no-vars"], "%%apigw -o x --no-vars"),
        ("%%apigw --as writer\nGET /or", ["/orders"], "%%apigw --as writer\nGET /orders"),
        ("%%apigw\nGET /orders\ncont", ["Content-Type: "], "%%apigw\nGET /orders\nContent-Type: "),
    ],
)
def test_shell(completing: InteractiveShell, text: str, words: list[str], made: str | None, *, jedi: bool) -> None:
    """What is proposed is ours alone, in our order, with Jedi and without."""
    completing.Completer.use_jedi = jedi
    found = complete(completing, text)
    assert list(found) == words
    assert made is None or found[words[0]] == made


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_completer_of_one_line(completing: InteractiveShell) -> None:
    """`shell.complete`, which knows the line alone, proposes on a line as well."""
    assert completing.complete("", "%apigw whoa", 11) == ("whoa", ["whoami"])
    assert completing.complete("", "%apigw GET /x --expect 40 more", 25)[1][0] == "400"


@pytest.mark.parametrize("jedi", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "%apigw GET /orders/{{ order_",
        "%apigw POST /orders -d '{{ order_",
        "%%apigw GET /orders/{{ order_",
        "%%apigw\nGET /orders/{{ order_",
        "%%apigw\nGET /it's/{{ order_",
        '%%apigw\nPOST /orders\n\n{"id": {{ order_',
        '%%apigw\nPOST /orders\n\n{"id": "{{ order_',
    ],
)
def test_names_in_an_expression(completing: InteractiveShell, text: str, *, jedi: bool) -> None:
    """Names are proposed in every expression, once, also where an open quote blinds Jedi."""
    run(completing, _NAMES)
    completing.Completer.use_jedi = jedi
    assert complete(completing, text) == {"order_id": f"{text}id"}


def test_attributes_in_an_expression(completing: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Attributes are left to IPython, and nothing of the user's runs."""
    run(completing, _NAMES)
    completing.Completer.use_jedi = True
    text = '%%apigw\nPOST /orders\n\n{"total": {{ order.to'
    assert complete(completing, text) == {"total": f"{text}tal"}
    assert "boom" in complete(completing, text.removesuffix("to"))
    assert capsys.readouterr().out == ""


def test_files(completing: InteractiveShell, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file is asked for is left to IPython."""
    monkeypatch.chdir(str(tmp_path))
    run(completing, "open('some_rows.csv', 'w').close()")
    assert "some_rows.csv" in complete(completing, "%apigw GET /orders --save some_")
    assert "some_rows.csv" in complete(completing, "%%apigw --save some_")


def test_other_cells(completing: InteractiveShell) -> None:
    """Elsewhere IPython proposes as if we were not there."""
    run(completing, _NAMES)
    text = "# %apigw was here\norder_"
    assert complete(completing, text) == {"order_id": f"{text}id"}
    assert "%apigw" in complete(completing, "%apig")


def test_attach_once(completing: InteractiveShell, state: State) -> None:
    """Attaching again replaces, detaching leaves nothing, and what others added stays."""
    attached = list(completing.Completer.custom_matchers)

    def other(_text: str) -> list[str]:
        return []

    completing.Completer.custom_matchers.insert(0, other)
    attach(completing, state)
    assert len(completing.Completer.custom_matchers) == len(attached) + 1
    assert complete(completing, "%apigw whoa") == {"whoami": "%apigw whoami"}
    detach(completing)
    detach(completing)
    assert completing.Completer.custom_matchers == [other]
    assert "whoami" not in complete(completing, "%apigw whoa")


def test_load_twice_unload_once(completing: InteractiveShell) -> None:
    """The extension attaches once, however often it is loaded, and leaves nothing behind."""
    for line in ("%load_ext apigw_magic", "%reload_ext apigw_magic", "%reload_ext apigw_magic"):
        assert run(completing, line).success
        assert len(completing.Completer.custom_matchers) == 1
    assert complete(completing, "%apigw whoa") == {"whoami": "%apigw whoami"}
    run(completing, "%unload_ext apigw_magic")
    assert completing.Completer.custom_matchers == []


def test_attach_again_has_the_new_state(completing: InteractiveShell) -> None:
    """After a reload the connections of the new state are proposed."""
    attach(completing, Known())
    assert list(complete(completing, "%apigw use st")) == ["stranger"]


def test_older_ipython(shell: InteractiveShell, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """An IPython that has no such matchers goes without, in silence."""
    detach(shell)
    with monkeypatch.context() as older:  # one that is not installed
        older.delattr(IPython.core.completer, "context_matcher")
        attach(shell, state)
        assert shell.Completer.custom_matchers == []
        older.delattr(shell.Completer, "custom_matchers")
        detach(shell)


class Broken(Known):
    """A notebook whose history fails."""

    @property
    def history(self) -> list[Sent]:
        """Fail."""
        raise ZeroDivisionError

    @history.setter
    def history(self, value: list[Sent]) -> None:
        """Accept what the dataclass sets."""


def test_fault(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """A fault of ours is not seen by the user, and IPython's own proposals are not lost."""
    text = "%apigw GET /"
    with pytest.raises(ZeroDivisionError):
        suggest(text, Broken())
    detach(shell)
    before = complete(shell, text)
    attach(shell, Broken())
    assert complete(shell, text) == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.filterwarnings("error")
def test_compiler_is_quiet(completing: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """What Python warns of in an expression is not said at every key."""
    assert "--raw" in complete(completing, "%apigw GET /x/{{ 1 is 1 }} --ra")
    assert capsys.readouterr() == ("", "")


def test_work_is_bounded(completing: InteractiveShell) -> None:
    """A proposal is a few milliseconds' work, also in a kernel of many requests and names."""
    known = Known(history=[Sent("reader", "GET", f"/orders/{n}", 403, "AccessDeniedException") for n in range(1000)])
    known.shell.user_ns.update({f"name_{n}": n for n in range(1000)})
    attach(completing, known)
    (match,) = completing.Completer.custom_matchers
    for text in (
        "%apigw ",
        "%apigw GET /",
        "%apigw --expect 4",
        "%apigw /{{ n",
        "%%apigw\nGET /x\nA",
        "x = 1\n" * 1000,
    ):
        lines = text.split("\n")
        context = CompletionContext("", text, len(lines[-1]), len(lines) - 1, None)
        match(context)
        assert count_steps(match, context) < 100_000


def test_light() -> None:
    """Nothing of ours loads before the first of our lines, and then nothing that a request needs."""
    code = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from apigw_magic.magics.completion import attach

class Known:
    connections = history = ()

shell = InteractiveShell.instance()
before = set(sys.modules)
attach(shell, Known())
shell.complete("", "x.", 2)
assert not [name for name in set(sys.modules) - before if name.startswith("apigw_magic")]
assert shell.complete("", "%apigw whoa", 11)[1] == ["whoami"]
assert shell.complete("", "%apigw connect --region eu-west-", 32)[1][0] == "eu-west-1"
assert shell.complete("", "%apigw connect ", 15)[1]
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "apigw_magic.magics.suggestions" in loaded
    assert {"boto3", "botocore.session", "pandas", "urllib3", "ssl", "numpy"} & loaded == set()


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """A kernel with the extension loaded."""
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        for code in ("%load_ext apigw_magic", _NAMES):
            assert client.execute_interactive(code, timeout=60)["content"]["status"] == "ok"
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize(
    ("text", "after", "words"),
    [
        ("%apigw whoa", "", ["whoami"]),
        ("a = 1\n%apigw connect --regi", " eu", ["--region"]),
        ("%%apigw -o x --dr", "\nGET /orders", ["--dry-run"]),
        ("%%apigw P", "\n", ["POST", "PUT", "PATCH"]),
        ("%%apigw\n", "", list(METHODS)),
        ("%%apigw -o x\nPOST /orders\nContent-Type: text/c", "\n\n[]", ["text/csv"]),
        ('%%apigw\nPOST /orders\n\n{"id": "{{ order_', '"}', ["order_id"]),
    ],
)
def test_kernel(kernel: BlockingKernelClient, text: str, after: str, words: list[str]) -> None:
    """A frontend gets the words, and where they go: on a line, on a cell's first line and below it."""
    content = kernel.complete(text + after, len(text), reply=True, timeout=60)["content"]
    assert content["status"] == "ok"
    assert content["matches"] == words
    assert content["cursor_end"] == len(text)
    assert words[0].startswith(text[content["cursor_start"] :])
