"""`--save`: what is refused before anything is sent, and files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pandas as pd
import pytest

from apigw_magic.errors import CommandError, FrameError
from apigw_magic.magics.saving import check_form, check_target, encode_value, save

REFUSED = [
    # name in a folder that holds f.csv, l.csv → f.csv, dead.csv → nothing, fifo, sub dir/; what, fix
    ("", "--save has no file", "Write --save orders.csv"),
    (" ", "--save has no file", "Write --save orders.csv"),
    ("l.csv", "l.csv is a symbolic link", "the path of the file itself"),
    ("dead.csv", "dead.csv is a symbolic link", "the path of the file itself"),
    ("fifo", "fifo is no regular file", "Write --save orders.csv"),
    ("/dev/null", "/dev/null is no regular file", "Write --save orders.csv"),
    ("sub dir", "sub dir is a folder", 'Write --save "sub dir/orders.csv"'),
    (".", ". is a folder", "Write --save orders.csv"),
    ("new/", "new is a folder", "Write --save new/orders.csv"),
    ("no/such/x.csv", "no folder no/such to save in", "Path('no/such').mkdir(parents=True)"),
    ("f.csv/x.csv", "no folder f.csv to save in", "mkdir"),
    ("~nobody-of-that-name/x.csv", "no home directory ~nobody-of-that-name", "Write --save ~/orders.csv"),
    ("a\nb.csv", r"control character stands in 'a\nb.csv'", "Write --save orders.csv"),
    ("a\0b.csv", r"control character stands in 'a\x00b.csv'", "Write --save orders.csv"),
    ("\ud83d.csv", r"cannot use '\ud83d.csv'", "Write --save orders.csv"),
    ("x" * 5000, "too long", "Write --save orders.csv"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in a folder with a file, two links, a pipe and a folder."""
    (tmp_path / "f.csv").write_bytes(b"old")
    (tmp_path / "l.csv").symlink_to("f.csv")
    (tmp_path / "dead.csv").symlink_to("nothing.csv")
    (tmp_path / "sub dir").mkdir()
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.chdir(tmp_path)  # relative names start from it
    return tmp_path


def names(folder: Path) -> set[str]:
    """Return the names of what is in a folder."""
    return {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(("name", "what", "fix"), REFUSED)
def test_what_cannot_be_written_to(name: str, what: str, fix: str, force: bool) -> None:  # noqa: FBT001 - a column of a table
    """The error says what to write instead, in at most three lines; `--force` is no way round it."""
    with pytest.raises(CommandError) as caught:
        check_target(name, force=force)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert len(str(caught.value).splitlines()) == len(caught.value.lines) <= 3
    assert len(str(caught.value)) < 400


def test_a_file_is_replaced_by_force_only(folder: Path) -> None:
    """A file that exists stays, unless the user says so."""
    with pytest.raises(CommandError) as caught:
        check_target("f.csv", force=False)
    assert str(caught.value) == (
        "f.csv exists, and stays as it is.\nWrite --save f.csv --force to replace it, or another name."
    )
    assert check_target("f.csv", force=True) == Path("f.csv")
    assert check_target("sub dir/x.csv", force=False) == Path("sub dir/x.csv")
    assert (folder / "f.csv").read_bytes() == b"old"
    (folder / "sub dir/x.csv").touch()
    with pytest.raises(CommandError, match=r'--save "sub dir/x\.csv" --force'):
        check_target("sub dir/x.csv", force=False)


def test_a_file_in_the_home_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))  # where the system says it is
    assert check_target("~/new.csv", force=False) == tmp_path / "new.csv"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_what_may_not_be_written_to(folder: Path) -> None:
    """A folder that is closed, and a file that is write-protected, are refused."""
    (folder / "f.csv").chmod(0o444)
    with pytest.raises(CommandError, match="write-protected"):
        check_target("f.csv", force=True)
    (folder / "sub dir").chmod(0o555)
    with pytest.raises(CommandError, match="cannot be written to"):
        check_target("sub dir/x.csv", force=False)


@pytest.mark.parametrize("force", [False, True])
def test_a_file_is_written(folder: Path, force: bool) -> None:  # noqa: FBT001 - a column of a table
    """The content is in place, byte by byte, with the umask's permissions, and nothing else is left."""
    before = names(folder)
    content = bytes(range(256)) * 4096
    former = os.umask(0o027)
    try:
        save(folder / "new.csv", content, force=force)
    finally:
        os.umask(former)
    assert (folder / "new.csv").read_bytes() == content
    assert stat.S_IMODE((folder / "new.csv").stat().st_mode) == 0o640
    assert (folder / "new.csv").stat().st_nlink == 1
    assert names(folder) == before | {"new.csv"}


def test_a_file_is_replaced_whole(folder: Path) -> None:
    """Who has the old file open keeps it; a private file stays private."""
    before = names(folder)
    (folder / "f.csv").chmod(0o600)
    with (folder / "f.csv").open("rb") as reader:
        save(folder / "f.csv", b"new", force=True)
        assert reader.read() == b"old"
    assert (folder / "f.csv").read_bytes() == b"new"
    assert stat.S_IMODE((folder / "f.csv").stat().st_mode) == 0o600
    assert names(folder) == before


@pytest.mark.parametrize(
    ("name", "force"), [("f.csv", False), ("l.csv", False), ("l.csv", True), ("dead.csv", True), ("sub dir", True)]
)
def test_what_has_come_meanwhile_stays(folder: Path, name: str, force: bool) -> None:  # noqa: FBT001 - a column of a table
    """What was checked before the request is checked once more; no link is followed."""
    before = names(folder)
    with pytest.raises(CommandError):
        save(folder / name, b"new", force=force)
    assert (folder / "f.csv").read_bytes() == b"old"
    assert names(folder) == before
    assert (folder / "l.csv").is_symlink()


@pytest.mark.parametrize("has_links", [True, False])
def test_of_many_only_one_wins(folder: Path, has_links: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a column of a table
    """Whoever comes second finds the file and fails; the file is one of the contents, whole."""
    if not has_links:
        _take_links_away(monkeypatch, errno.EPERM)
    before, contents, problems = names(folder), [bytes([n]) * 100_000 for n in range(8)], []
    start = threading.Barrier(len(contents))

    def write(content: bytes) -> None:
        start.wait()
        try:
            save(folder / "new.csv", content, force=False)
        except CommandError as error:
            problems.append(error)

    threads = [threading.Thread(target=write, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(problems) == len(contents) - 1
    assert {problem.what for problem in problems} == {f"{folder / 'new.csv'} exists, and stays as it is."}
    assert (folder / "new.csv").read_bytes() in contents
    assert names(folder) == before | {"new.csv"}


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV])
def test_file_systems_without_hard_links(folder: Path, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is put in place all the same, and one that came in the last moment stays."""
    _take_links_away(monkeypatch, code)
    save(folder / "new.csv", b"new", force=False)
    assert (folder / "new.csv").read_bytes() == b"new"
    before = names(folder)
    _interfere(monkeypatch, lambda: (folder / "late.csv").write_bytes(b"theirs"))
    with pytest.raises(CommandError, match=r"late\.csv exists"):
        save(folder / "late.csv", b"ours", force=False)
    assert (folder / "late.csv").read_bytes() == b"theirs"
    assert names(folder) == before | {"late.csv"}


def test_a_file_that_comes_in_the_last_moment_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the check and the placing somebody writes a file or a link: theirs stays."""
    _interfere(monkeypatch, lambda: (folder / "new.csv").symlink_to("f.csv"))
    with pytest.raises(CommandError, match=r"new\.csv exists"):
        save(folder / "new.csv", b"ours", force=False)
    assert (folder / "new.csv").is_symlink()
    assert (folder / "f.csv").read_bytes() == b"old"


def test_a_link_that_comes_in_the_last_moment_is_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By force the link itself is replaced, not what it leads to."""
    _interfere(monkeypatch, lambda: (folder / "new.csv").symlink_to("f.csv"))
    save(folder / "new.csv", b"ours", force=True)
    assert not (folder / "new.csv").is_symlink()
    assert (folder / "f.csv").read_bytes() == b"old"


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("place", ["fsync", "replace", "hardlink_to"])
@pytest.mark.parametrize("problem", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_nothing_is_left_of_a_failure(
    folder: Path,
    place: str,
    problem: BaseException,
    force: bool,  # noqa: FBT001 - a column of a table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No temporary file stays behind a full disk or an interrupt, and the old file is what it was."""
    before = names(folder)

    def fail(*_: object) -> None:
        raise problem

    # Disks do not fill on demand.
    if place == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, place, fail)
        monkeypatch.setattr(Path, "replace", fail)
    target = folder / ("f.csv" if force else "new.csv")
    if place == "replace" and not force:
        _take_links_away(monkeypatch, errno.EPERM)
    expected = CommandError if isinstance(problem, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        save(target, b"new", force=force)
    assert names(folder) == before
    assert (folder / "f.csv").read_bytes() == b"old"
    if isinstance(caught.value, CommandError):
        assert "No space left on device" in caught.value.what
        assert "%apigw last" in caught.value.fix


def test_a_folder_that_has_gone(folder: Path) -> None:
    """What was there before the request may not be there after it."""
    target = check_target("sub dir/x.csv", force=False)
    (folder / "sub dir").rmdir()
    with pytest.raises(CommandError, match="could not be written: No such file or directory"):
        save(target, b"x", force=False)


def test_rows_or_content() -> None:
    """A frame under a suffix of rows is its rows; anything else is the content as received."""
    frame, content = pd.DataFrame({"a": [1]}), b'[{"a": 1.0}]'
    assert encode_value(frame, content, ".csv") == (b"a\n1\n", "1 rows")
    assert encode_value(frame, content, ".NDJSON")[0] == b'{"a": 1}\n'
    assert encode_value(frame, content, ".json")[0] == b'[\n{"a": 1}\n]\n'
    for suffix in ("", ".txt", ".csv.gz"):
        assert encode_value(frame, content, suffix) == (content, "the content as received")
    assert encode_value("a,b", b"a,b", ".csv") == (b"a,b", "the content as received")
    assert encode_value({"a": [None, "é"]}, content, ".json") == ('{"a": [null, "é"]}'.encode(), "JSON")
    assert encode_value(41, content, ".json")[0] == b"41"


@pytest.mark.parametrize("value", [5, None, {"a": 1}, object()])
@pytest.mark.parametrize("suffix", [".csv", ".ndjson", ".parquet"])
def test_no_rows_for_a_file_of_rows(value: object, suffix: str) -> None:
    """What has no rows is not written under a suffix that promises some."""
    with pytest.raises(FrameError, match="has no rows to save"):
        encode_value(value, b"[1]", suffix)


@pytest.mark.parametrize(
    ("name", "form", "several", "words"),
    [
        ("a.csv", "raw", False, "--raw gives no rows to save as .csv."),
        ("a.Parquet", "tree", False, "--json gives no rows to save as .parquet."),
        ("a.txt", "frame", True, "Several answers do not go into one file"),
        ("a.json", "raw", True, "Several answers do not go into one file"),
        ("a.json", "tree", True, "Several answers do not go into one file"),
    ],
)
def test_forms_that_a_file_does_not_hold(name: str, form: str, words: str, *, several: bool) -> None:
    """What cannot be kept in the file is refused before anything is sent."""
    with pytest.raises(CommandError, match=words):
        check_form(name, form, several=several)


@pytest.mark.parametrize(
    ("name", "form", "several"),
    [("a.csv", "frame", True), ("a.json", "tree", False), ("a.bin", "raw", False), ("a.json", "raw", False)],
)
def test_forms_that_a_file_holds(name: str, form: str, *, several: bool) -> None:
    """Rows of several, a document, and content as it came."""
    check_form(name, form, several=several)


def _take_links_away(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Be on a file system without hard links, which this machine has none of."""

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "hardlink_to", refuse)


def _interfere(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Let something happen after the content is written and before the file is put in place."""
    sync = os.fsync

    def sync_and_act(descriptor: int) -> None:
        sync(descriptor)
        assert callable(act)
        act()

    monkeypatch.setattr(os, "fsync", sync_and_act)


@pytest.mark.parametrize("suffix", [".xlsx", ".XLS", ".pkl", ".feather"])
def test_other_tables(suffix: str) -> None:
    """What pandas would write and this does not is refused, before anything is sent, with the ways there are."""
    with pytest.raises(CommandError, match=r"put them into a variable"):
        check_form(f"orders{suffix}", "frame", several=False)
    check_form(f"orders{suffix}", "raw", several=False)  # the content may be that
