"""Connections that a project's `pyproject.toml` names, so that a notebook need not.

    [tool.apigw_magic.connections.reader]
    url = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
    profile = "work"
    role = "reader"

The keys are the options of `%apigw connect`. Whatever else stands there is refused: a misspelt `external-id` would
otherwise connect without one, and a secret would be committed with the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from apigw_magic.config.tables import Table, find_file, read_file, show_key

if TYPE_CHECKING:
    from pathlib import Path

_OURS = "apigw_magic"
_NAME = re.compile(r"[\w.@-]+")  # as of every connection
_NEAR = 0.6
_LONGEST_KEY = 40  # a longer one is near to none

_WRITE_TABLE = 'Write [tool.apigw_magic.connections.NAME], and below it url = "https://…"'

# What a key is refused for, by the letters and digits of it in lower case.
_REFUSED = (
    (
        re.compile(r"(?:aws)?sts.*(?:endpoint|url).*|.*endpoint.*sts.*"),
        "The base credentials would be sent to where a file says.",
        "Take it out, and write it on the line: %apigw connect NAME --sts-endpoint URL",
    ),
    (
        re.compile(r"mfa(?:code|token|tokencode|otp|pin)?|t?otp(?:code)?|tokencode|pin(?:code)?"),
        "Secrets do not belong into this file, and an MFA code is good for one login.",
        'Take it out, and name the device: mfa-serial = "…"',
    ),
    (
        re.compile(
            r".*(?:secret|to?ke?n|passw|passphrase|pwd|credential|accesskey|apikey|cookie|header|authori[sz]ation"
            r"|bearer|signature).*|.*key|auth|jwt|pass"
        ),
        "Secrets do not belong into this file, which others read.",
        'Take it out: AWS credentials belong into a profile (profile = "…"), other secrets as {{ }} into the notebook.',
    ),
    (re.compile("name"), "A connection has the name of its table.", "Take it out, and name the table so."),
)


@dataclass(frozen=True, slots=True)
class ConfiguredConnection:
    """A connection as a file describes it: text as written there, its kind checked and nothing else.

    Attributes:
        name: of the connection.
        path: of the file, absolute.
        url: the invoke URL with its stage.
        profile: of the AWS configuration; None for what boto3's chain finds.
        role: an ARN, or the name of a role in the base identity's account; None for the base identity.
        region: where the host does not name it.
        service: what requests are signed for, where the host does not tell.
        via: ARNs of the roles on the way to `role`, in order.
        external_id: what the role's trust policy may want.
        mfa_serial: the serial number or ARN of the MFA device.
        duration: of the role session, in seconds.
        session_name: what an auditor reads in CloudTrail.
        source_identity: who is behind the role session.
    """

    name: str
    path: Path
    url: str
    profile: str | None = None
    role: str | None = None
    region: str | None = None
    service: str | None = None
    via: tuple[str, ...] = ()
    external_id: str | None = None
    mfa_serial: str | None = None
    duration: int | None = None
    session_name: str | None = None
    source_identity: str | None = None


_KEYS = tuple(field.name for field in fields(ConfiguredConnection) if field.name not in {"name", "path"})
_WORDS = tuple(key.replace("_", "-") for key in _KEYS)


def find_connection(name: str, folder: Path | None = None) -> ConfiguredConnection | None:
    """Return the connection of that name in the nearest `pyproject.toml`, None where there is none.

    Args:
        name: of the connection, exactly.
        folder: where the search begins, upwards; None for the working directory.

    Raises:
        CommandError: the file cannot be read, or something of ours in it cannot be, in whichever of our tables.
    """
    return _read_nearest(folder).get(name)


def list_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the connections in the nearest `pyproject.toml`, in the order they stand there.

    Args:
        folder: where the search begins, upwards; None for the working directory.

    Raises:
        CommandError: as for `find_connection`.
    """
    return tuple(_read_nearest(folder))


def _read_nearest(folder: Path | None) -> dict[str, ConfiguredConnection]:
    path = find_file(folder)
    if path is None:
        return {}
    tool = read_file(path).table("tool", _WRITE_TABLE)
    _check_spelling(tool)
    ours = tool.table(_OURS, _WRITE_TABLE)
    for key in ours.entries:
        if key != "connections":
            _refuse(ours, key)
            raise ours.fault(f"has the unknown key {show_key(key)}.", why="It takes connections.", fix=_WRITE_TABLE)
    connections = ours.table("connections", _WRITE_TABLE)
    return {name: _read_connection(connections, name) for name in connections.entries}


def _check_spelling(tool: Table) -> None:
    """Refuse our name spelt otherwise: package names with `-`, `_` and `.` are one, and so nobody else's.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    for key in tool.entries:
        if key != _OURS and re.sub(r"[-_.]+", "_", key).lower() == _OURS:
            raise tool.fault(f"has a table {show_key(key)}.", fix=f"Write it as [tool.{_OURS}]")


def _read_connection(connections: Table, name: str) -> ConfiguredConnection:
    if not isinstance(connections.entries[name], dict):
        _refuse(connections, name)
    table = connections.table(name, _WRITE_TABLE)
    if _NAME.fullmatch(name) is None:
        raise connections.fault(
            f"has a table {show_key(name)}, which cannot name a connection.",
            fix="Write letters, digits and - _ . @ without spaces.",
        )
    for key in table.entries:
        if key.replace("-", "_") not in _KEYS:
            _refuse(table, key)
            _refuse_unknown(table, key)
    url = table.text("url")
    if url is None:
        raise table.fault("has no url.", fix='Write url = "https://API.execute-api.REGION.amazonaws.com/STAGE"')
    return ConfiguredConnection(
        name=name,
        path=table.path,
        url=url,
        profile=table.text("profile"),
        role=table.text("role"),
        region=table.text("region"),
        service=table.text("service"),
        via=table.texts("via", "arn:aws:iam::123456789012:role/NAME"),
        external_id=table.text("external_id"),
        mfa_serial=table.text("mfa_serial"),
        duration=table.number("duration", 3600),
        session_name=table.text("session_name"),
        source_identity=table.text("source_identity"),
    )


def _refuse(table: Table, key: str) -> None:
    """Refuse a key that has no place in the file for a reason of its own."""
    letters = "".join(char for char in key.lower() if char.isalnum())
    for pattern, why, fix in _REFUSED:
        if pattern.fullmatch(letters):
            raise table.fault(f"has the key {show_key(key)}.", why=why, fix=fix)


def _refuse_unknown(table: Table, key: str) -> None:
    near = _near(key)
    if near is not None:
        fix = f"Did you mean {near}?"
    elif isinstance(table.entries[key], dict):  # [….connections.my.api] is a table within another
        quoted = replace(table, names=(*table.names[:-1], f"{table.names[-1]}.{key}"))
        fix = f"Put a name that has a dot in quotes: {quoted}"
    else:
        fix = "Take it out."
    raise table.fault(f"has the unknown key {show_key(key)}.", why=f"It takes {', '.join(_WORDS)}.", fix=fix)


def _near(key: str) -> str | None:
    if len(key) > _LONGEST_KEY:
        return None
    return next(iter(get_close_matches(key.lower().replace("_", "-"), _WORDS, n=1, cutoff=_NEAR)), None)
