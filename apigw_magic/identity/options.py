"""What AssumeRole may be asked for; what STS would refuse is refused here, as the SDK checks the least lengths only.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import getpass
import json
import re
import socket
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict, Unpack

from apigw_magic.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A path, `team/data/`, may stand before the name; IAM takes every visible sign in it, 512 with its slashes.
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_PATH = r"(?:[\x21-\x7e]{1,510}/)?"
_ROLE_ARN = re.compile(rf"arn:aws[\w-]*:iam::\d{{12}}:role/{_PATH}[\w+=,.@-]{{1,64}}", re.ASCII)
_ROLE_NAME = re.compile(r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}", re.ASCII)
_POLICY_ARN = re.compile(rf"arn:aws[\w-]*:iam::(?:\d{{12}}|aws):policy/{_PATH}[\w+=,.@-]{{1,128}}", re.ASCII)
_BEYOND_LATIN_1 = re.compile(r"[^\x00-\xff]")
_TAG_SIGNS = frozenset("_.:/=+-@")  # beside letters, digits and spaces of every script

LONGEST_CHAINED = 3600
"""Seconds that a role session lasts at most which a role session asked for."""

_SHORTEST, _LONGEST = 900, 43200
_POLICY_ARNS_MOST, _TAGS_MOST = 10, 50
_POLICY_LONGEST, _TAG_KEY_LONGEST, _TAG_VALUE_LONGEST = 2048, 128, 256

# What may be in each, and how it is said.
_SHAPES = {
    "session_name": (
        re.compile(r"[\w+=,.@-]{2,64}", re.ASCII),
        "a session name",
        "2 to 64 letters, digits and + = , . @ - _",
    ),
    "source_identity": (
        re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII),
        "a source identity",
        "2 to 64 letters, digits and + = , . @ - _",
    ),
    "external_id": (
        re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII),
        "an external ID",
        "2 to 1,224 letters, digits and + = , . @ : / - _",
    ),
    "mfa_serial": (
        re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII),
        "an MFA device",
        "its ARN (arn:aws:iam::123456789012:mfa/ana), or the serial number on a key fob",
    ),
}


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """What AssumeRole is asked for.

    MFA and source identity belong to the first role that is assumed, the session name to all, the rest to `role`.

    Attributes:
        role: an ARN, or the name of a role in the base identity's account.
        via: roles on the way, each assumed by the one before it.
        session_name: what an auditor reads in CloudTrail; 2 to 64 characters; None for user@host.
        external_id: what the role's trust policy may want; 2 to 1,224 characters.
        mfa_serial: the device whose code is asked for.
        source_identity: who is behind the session, for CloudTrail; it stays through all further roles.
        duration: seconds, 900 to 43,200; None for STS's own 3,600.
        tags: session tags, as (key, value).
        policy: a session policy, as JSON: the session may do what both it and the role allow.
        policy_arns: managed policies that narrow the session likewise.
    """

    role: str
    via: tuple[str, ...] = ()
    session_name: str | None = None
    external_id: str | None = None
    mfa_serial: str | None = None
    source_identity: str | None = None
    duration: int | None = None
    tags: tuple[tuple[str, str], ...] = ()
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The role's name without ARN and path."""
        return short_name(self.role)


class RoleParts(TypedDict, total=False):
    """What may be said of a role beside its name; as in `RoleOptions`."""

    via: tuple[str, ...]
    session_name: str | None
    external_id: str | None
    mfa_serial: str | None
    source_identity: str | None
    duration: int | None
    tags: tuple[tuple[str, str], ...]
    policy: str | None
    policy_arns: tuple[str, ...]


def choose_role(role: str | None, **parts: Unpack[RoleParts]) -> RoleOptions | None:
    """Return what AssumeRole is to be asked for; None where no role is named.

    Raises:
        CommandError: there is something to say of a role, but no role.
    """
    if role is not None:
        return RoleOptions(role, **parts)
    idle = next((name for name, value in parts.items() if value), None)
    if idle is not None:
        option = {"tags": "tag", "policy_arns": "policy-arn"}.get(idle, idle.replace("_", "-"))
        raise CommandError(f"--{option} belongs to a role, and none is named.", fix="Add --role NAME, or leave it out.")
    return None


def short_name(role: str) -> str:
    """Return a role's name without ARN and path."""
    return role.rpartition("/")[2]


def is_role_arn(role: str) -> bool:
    """Tell whether this is a role's ARN."""
    return _ROLE_ARN.fullmatch(role) is not None


def default_session_name() -> str:
    """Return user@host, cleaned to what STS takes."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user without a name
        user = "notebook"
    return re.sub(r"[^\w+=,.@-]", "-", f"{user}@{socket.gethostname()}", flags=re.ASCII)[:64]


def check_options(options: RoleOptions) -> None:
    """Refuse what STS would refuse, before it is asked.

    Raises:
        CommandError: naming the option, and what to write.
    """
    for role in (*options.via, options.role):
        if not is_role_arn(role) and _ROLE_NAME.fullmatch(role) is None:
            raise CommandError(
                f"{role!r} is not a role.",
                fix="Write its ARN (arn:aws:iam::123456789012:role/reader) or its name (reader).",
            )
    for field, (pattern, noun, form) in _SHAPES.items():
        given: str | None = getattr(options, field)
        if given is not None and pattern.fullmatch(given) is None:
            shown = "That" if field == "external_id" else repr(given)
            raise CommandError(f"{shown} is not {noun}.", fix=f"Write {form}")
    _check_duration(options)
    for what, fix in (*_find_tag_faults(options.tags), *_find_policy_faults(options)):
        raise CommandError(what, fix=fix)


def _check_duration(options: RoleOptions) -> None:
    duration = options.duration
    if duration is not None and not _SHORTEST <= duration <= _LONGEST:
        raise CommandError(
            f"A role session cannot last {duration:,} seconds.", fix=f"Write --duration {_SHORTEST} to {_LONGEST}"
        )
    if options.via:
        check_chained(duration)


def check_chained(duration: int | None) -> None:
    """Refuse a duration that STS does not give to a role session that asks for another role.

    Raises:
        CommandError: it is longer than an hour.
    """
    if duration is not None and duration > LONGEST_CHAINED:
        raise CommandError(
            f"This role session cannot last {duration:,} seconds.",
            why="A role that is assumed by a role session, as on a chain of roles, lasts an hour at most.",
            fix=f"Write --duration {LONGEST_CHAINED} or less; it is renewed before it ends.",
        )


def _find_tag_faults(tags: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    if len(tags) > _TAGS_MOST:
        yield f"{len(tags)} session tags are too many.", f"Give {_TAGS_MOST} at most."
    known: set[str] = set()
    for key, value in tags:
        if not 1 <= len(key) <= _TAG_KEY_LONGEST or not _is_tag_text(key):
            yield (
                f"{key!r} is not the key of a session tag.",
                f"Write --tag KEY=VALUE, the key up to {_TAG_KEY_LONGEST} letters, digits, spaces and . : / = + - @ _",
            )
        if key.lower().startswith("aws:"):
            yield f"The session tag {key!r} is reserved for AWS.", "Choose a key that does not start with aws:"
        if len(value) > _TAG_VALUE_LONGEST or not _is_tag_text(value):
            yield (
                f"The value of the session tag {key!r} cannot be sent.",
                f"Write up to {_TAG_VALUE_LONGEST} letters, digits, spaces and . : / = + - @ _",
            )
        if key.lower() in known:
            yield f"The session tag {key!r} stands twice.", "Keep one of them; keys are alike in any case."
        known.add(key.lower())


def _is_tag_text(text: str) -> bool:
    return all(sign in _TAG_SIGNS or unicodedata.category(sign)[0] in "LNZ" for sign in text)


def _find_policy_faults(options: RoleOptions) -> Iterator[tuple[str, str]]:
    if len(options.policy_arns) > _POLICY_ARNS_MOST:
        yield f"{len(options.policy_arns)} policy ARNs are too many.", f"Give {_POLICY_ARNS_MOST} at most."
    for arn in options.policy_arns:
        if _POLICY_ARN.fullmatch(arn) is None:
            yield (
                f"{arn!r} is not the ARN of a managed policy.",
                "Write arn:aws:iam::aws:policy/ReadOnlyAccess or your own.",
            )
    if options.policy is None:
        return
    if len(write_policy(options.policy)) > _POLICY_LONGEST:
        yield (
            f"The session policy is {len(write_policy(options.policy)):,} characters long.",
            f"Shorten it to {_POLICY_LONGEST:,}, or name managed policies: --policy-arn ARN",
        )
    elif not _is_policy(options.policy):
        yield (
            "The session policy is not a policy document.",
            'Write JSON: {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": …, "Resource": …}]}',
        )


def write_policy(policy: str) -> str:
    """Return a session policy as STS takes it: of Latin-1, the rest in JSON's own escapes."""
    return _BEYOND_LATIN_1.sub(lambda sign: json.dumps(sign[0])[1:-1], policy)


def _is_policy(text: str) -> bool:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "Statement" in document
