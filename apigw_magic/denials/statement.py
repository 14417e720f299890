"""The smallest policy statement that would allow what was refused, as JSON that can be pasted into a policy."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from apigw_magic.denials.provenance import API_ID
from apigw_magic.models import parse_principal

if TYPE_CHECKING:
    from apigw_magic.models import Circumstances, Explanation, Json

INVOKE = "execute-api:Invoke"
"""What a call of an API takes."""

_ACCOUNT = 4  # the part of an ARN
_LAST = 5
_LOCAL = re.compile(r"/_aws/execute-api/(?P<api>[^/]+)/(?P<stage>[^/]+)(?P<path>/.*)?")  # MiniStack's, on this machine
_DEPLOYED = re.compile(r"/(?P<stage>[^/]+)(?P<path>/.*)?")

# In a policy * and ? match anything, and ${ begins a variable.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_SPECIAL = re.compile(r"[*?]|[$](?=[{])")


def write_statement(
    told: Explanation, around: Circumstances, principal: str | None = None, *, is_http: bool = False
) -> str:
    """Write the statement for what was refused.

    Args:
        told: the explanation, with action, resource and principal as far as the answer tells them.
        around: what is known beside the answer.
        principal: whom a policy of the other side has to name, `*` for all; None for a policy of the caller's own.
        is_http: whether it is an HTTP API, whose stage `$default` stands in no path: where the URL alone tells, the
            first segment may be a stage or not, and both are named.
    """
    resource: Json = complete_arn(told, around)
    if is_http and not told.resource and not around.is_local and "STAGE/METHOD" not in str(resource):
        api = str(resource).partition("/")[0]
        below = f"{around.method or 'METHOD'}{_SPECIAL.sub(_escape, around.path or '/')}"
        resource = [resource, f"{api}/$default/{below}"]
    return dump(told.action or INVOKE, resource, principal)


def dump(action: Json, resource: Json, principal: str | None = None) -> str:
    """Write a statement; in a trust policy it has no resource, and in an identity policy no principal."""
    statement: dict[str, Json] = {"Effect": "Allow"}
    if principal is not None:
        statement["Principal"] = principal if principal == "*" else {"AWS": principal}
    statement["Action"] = action
    if resource:
        statement["Resource"] = resource
    return json.dumps(statement)


def complete_arn(told: Explanation, around: Circumstances) -> str:
    """Return the ARN that a statement has to name: exact, its account filled in where it is known."""
    parts = told.resource.split(":", _LAST)
    if len(parts) <= _LAST or "…" in told.resource:
        return _guess_arn(told, around)
    account = parts[_ACCOUNT]
    if "*" in account:
        parts[_ACCOUNT] = _complete_account(account.lstrip("*"), told)
    return ":".join((*parts[:_LAST], _SPECIAL.sub(_escape, parts[_LAST])))


def _complete_account(digits: str, told: Explanation) -> str:
    """Return the caller's account, if it ends as the masked one does."""
    known = told.account
    return known if known.isdigit() and known.endswith(digits) else f"ACCOUNT-ENDING-{digits}"


def _guess_arn(told: Explanation, around: Circumstances) -> str:
    """Return the ARN of what was asked for, by the URL; what is not known is in capitals."""
    who = parse_principal(told.principal)
    local = _LOCAL.fullmatch(around.path) if around.is_local else None
    known = API_ID.match(around.host) if around.host_region else None
    place = local or (_DEPLOYED.fullmatch(around.path) if known else None)
    api = local["api"] if local else known["id"] if known else "API-ID"
    account = told.account if local and told.account else "ACCOUNT-ID"
    below = f"{place['stage']}/{around.method or 'METHOD'}{place['path'] or '/'}" if place else "STAGE/METHOD/PATH"
    partition = who.partition if who else "aws"
    region = around.host_region or around.region or "REGION"
    return f"arn:{partition}:execute-api:{region}:{account}:{api}/{_SPECIAL.sub(_escape, below)}"


def _escape(found: re.Match[str]) -> str:
    return f"${{{found[0]}}}"
