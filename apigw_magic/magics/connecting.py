"""`%apigw connect`: its arguments as the options of `connect`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from apigw_magic import http, text
from apigw_magic.config import ConfiguredConnection, find_connection
from apigw_magic.connection import connect
from apigw_magic.errors import CommandError
from apigw_magic.magics.arguments import expand_arguments, parse_seconds, refuse_empty, split_header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_magic.connection import Connection
    from apigw_magic.magics.arguments import Arguments
    from apigw_magic.magics.connections import Connections
    from apigw_magic.magics.settings import Settings

_TYPED = frozenset({"api-key", "policy"})
_LONGEST_SHOWN = 100
_LARGEST_POLICY = 100_000  # bytes; STS takes 2,048 characters


def open_connection(
    connections: Connections, arguments: Arguments, evaluate: text.Evaluate, settings: Settings
) -> Connection:
    """Make the connection that `%apigw connect` asks for.

    Raises:
        ApigwError: as `connect`; an option that cannot be.
    """
    given = expand_arguments(arguments, evaluate, leave=_TYPED)
    refuse_empty(given)
    values, lists = given.values, given.lists
    url = next(iter(given.words), None)
    found = None if url is None or "/" in url else find_connection(url)
    if found is None and url in {connection.name for connection in connections}:
        raise CommandError(f"{url} is a connection already.", fix=f"Make it the current one: %apigw use {url}")
    # What the settings say comes last: after the line, the file, and the identity that is in use.
    is_named = (found is not None and found.profile is not None) or (url is None and connections.current is not None)
    duration = values.get("duration")
    timeout = values.get("timeout")
    return connect(
        url,
        name=values.get("name"),
        role=values.get("role"),
        via=lists.get("via", ()),
        profile=values.get("profile") or (None if is_named else settings.profile or None),
        region=values.get("region") or _choose_region(found or url, settings.region),
        service=values.get("service"),
        external_id=values.get("external-id"),
        mfa_serial=values.get("mfa-serial"),
        duration=None if duration is None else _parse_whole(duration, "--duration"),
        session_name=values.get("session-name"),
        source_identity=values.get("source-identity"),
        tags=_parse_tags(lists.get("tag", ())),
        policy=_read_policy(values.get("policy"), evaluate),
        policy_arns=lists.get("policy-arn", ()),
        api_key=_evaluate_secret(values.get("api-key"), evaluate),
        headers=_parse_headers(lists.get("header", ())),
        sts_endpoint=values.get("sts-endpoint"),
        timeout=None if timeout is None else parse_seconds(timeout, "--timeout"),
        connect_timeout=settings.connect_timeout,
        max_bytes=settings.max_bytes,
        protected="protected" in given.flags,
        # The credentials of one API are not taken to another unless asked.
        base=connections.current if url is None else None,
    )


def note_place(connection: Connection) -> tuple[str, ...]:
    """Return a line on a base URL that may lack its stage; none where that cannot be."""
    url = http.freeze(connection.url)
    scope = http.find_scope(url)
    if scope is None or scope.service != "execute-api" or url.path.strip("/"):
        return ()
    return ("The URL has no stage: right for an HTTP API's $default stage; a REST API's ends in /STAGE.",)


def _choose_region(where: ConfiguredConnection | str | None, usual: str) -> str | None:
    """Return the usual Region for a host that names none, and of which the file says nothing."""
    if isinstance(where, ConfiguredConnection):
        return where.region or _choose_region(where.url, usual)
    if not usual or where is None or "/" not in where:
        return None
    return None if http.find_scope(http.freeze(where)) else usual


def _parse_whole(given: str, option: str) -> int:
    seconds = parse_seconds(given, option)
    if not seconds.is_integer():
        raise CommandError(f"{option} {given} is not a whole number.", fix=f"Write seconds, such as {option} 900")
    return int(seconds)


def _parse_tags(tags: tuple[str, ...]) -> dict[str, str]:
    parsed: dict[str, str] = {}
    for tag in tags:
        key, equals, value = tag.partition("=")
        if not equals:
            raise CommandError(f"--tag {tag!r} has no value.", fix="Write --tag KEY=VALUE")
        if key in parsed:
            raise CommandError(f"--tag {key} stands twice.", fix="Keep one of them.")
        parsed[key] = value
    return parsed


def _parse_headers(headers: tuple[str, ...]) -> dict[str, str]:
    parsed: dict[str, str] = {}
    for header in headers:
        name, value = split_header(header, "--header")
        if name.lower() == "x-api-key":
            raise CommandError("--header takes no API key.", fix="Write --api-key '{{ key }}'")
        if name.lower() in map(str.lower, parsed):
            raise CommandError(f"--header {name} stands twice.", fix="Keep one of them.")
        parsed[name] = value
    return parsed


def _evaluate_secret(given: str | None, evaluate: text.Evaluate) -> str | None:
    """Return the value of an option that takes no plain text: a cell is kept in history, file and version control."""
    if given is None:
        return None
    is_expression = given.strip().startswith("{{") and given.strip().endswith("}}")
    value = text.expand_value(given, evaluate) if is_expression else None
    if not isinstance(value, str) or not value:
        raise CommandError(
            "--api-key takes the value of a Python expression that is text.",
            why="The key itself would stay in the notebook and in its history.",
            fix="Write --api-key '{{ key }}', and fill key with getpass or from the environment.",
        )
    return value


def _read_policy(given: str | None, evaluate: text.Evaluate) -> Mapping[str, object] | str | None:
    """Return a session policy: the value of an expression, JSON as it stands there, or the content of a file."""
    if given is None:
        return None
    value = text.expand_value(given, evaluate)
    if isinstance(value, dict):
        return value
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str):
        raise CommandError(
            "--policy takes a policy document or the path of its file.",
            why=f"The value of its expression is of the type {type(value).__name__}.",
            fix="Write --policy FILE, or '{{ expr }}' that is a dict or JSON.",
        )
    if value.lstrip().startswith("{"):
        return value
    try:
        # Some editors begin a file with a byte order mark, which is no JSON.
        with Path(value).expanduser().open(encoding="utf-8-sig") as file:
            return file.read(_LARGEST_POLICY)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    except UnicodeDecodeError:
        reason = "It is not text in UTF-8"
    except (RuntimeError, ValueError) as error:  # a home directory that is not there, a NUL
        reason = str(error).rstrip(".").capitalize()
    raise CommandError(
        f"Cannot read the policy {value[:_LONGEST_SHOWN]!r}.",
        why=f"{reason}; relative paths start at {Path.cwd()}",
        fix="Write the path of a file of JSON, or '{{ expr }}' that is a dict.",
    )
