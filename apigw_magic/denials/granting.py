"""Whose policy would have to allow a call, and the smallest statement that would.

With IAM, in one account an Allow in the caller's policy or in the API's resource policy is enough; across accounts both
have to. HTTP and WebSocket APIs have no resource policy.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_magic.denials.statement import INVOKE, dump, write_statement
from apigw_magic.models import parse_method_arn, parse_principal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apigw_magic.models import Circumstances, Explanation, Json


_ENOUGH = "in one account either is enough"
_NARROWED = frozenset({"denied_identity_implicit", "denied_implicit_untyped"})
_PATH = "If the role has a path, put it into the ARN that the statement names: role/PATH/NAME"
_SSO = "arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/REGION/{name}"


def grant(told: Explanation, around: Circumstances, whose: str, api: str = "") -> Explanation:
    """Add the statement that would allow the call, and the remedy by whose account the API is in.

    Args:
        told: the explanation so far.
        around: what is known beside the answer.
        whose: the kind of policy that could allow it: `identity`, `resource`, `either`, `boundary`, `session`,
            `vpce`, `public`, `function`, `appsync`, `lattice`, `connect`, `trust`, `caller`; empty for none.
        api: who refused, as in `Refusal`.
    """
    write = _WRITERS.get(whose)
    if write is None:
        return told
    is_route = bool(told.path and not told.method)
    if (api == "http" or is_route) and whose in {"identity", "either"}:
        write = _grant_by_route_api
    elif told.kind in _NARROWED and around.session_policies and (around.is_local or not told.policy):
        write = _grant_undecided
    return _tell_path(write(told, around))


def _grant_by_route_api(told: Explanation, around: Circumstances) -> Explanation:
    """Allow it to the caller: HTTP and WebSocket APIs have no resource policy, and so no callers of other accounts."""
    api = "a WebSocket API" if told.path and not told.method else "an HTTP API"
    told = replace(told, statement=write_statement(told, around, is_http=True))
    if told.kind == "forbidden_http_api":
        return replace(told, remedy=_name_narrowing(told.remedy, around))
    remedy = f"Allow it in the {_name(told)}'s policy: {api} has no resource policy."
    if _is_same_account(told, around) is False:
        remedy = f"Assume a role of the API's account: {api} has no resource policy to let other accounts in."
    return replace(told, remedy=_name_narrowing(remedy, around))


def _grant_undecided(told: Explanation, around: Circumstances) -> Explanation:
    """Say that the session policy may be the one: the answer does not tell it from the caller's own."""
    options, noun = " and ".join(around.session_policies), _name(told)
    cause = f"The {noun}'s policy or the session policy ({options}) does not allow it; the answer does not say which."
    remedy = f"Connect again without {options}, or allow it there; else allow it in the {noun}'s policy."
    return replace(told, cause=cause, remedy=remedy, statement=write_statement(told, around))


def _grant_identity(told: Explanation, around: Circumstances) -> Explanation:
    """Allow it to the caller; or, by a REST API of the same account, in its resource policy."""
    if told.kind == "forbidden_http_api":
        statement = write_statement(told, around, is_http=True)
        return replace(told, statement=statement, remedy=_name_narrowing(told.remedy, around))
    statement = write_statement(told, around)
    noun = _name(told)
    if told.action and told.action != INVOKE:
        remedy = f"Allow {told.action} in the {noun}'s policy."
        return replace(told, remedy=_name_narrowing(remedy, around), statement=statement)
    match _is_same_account(told, around):
        case True:
            remedy = f"Allow it in the {noun}'s policy, or in the API's resource policy and redeploy: {_ENOUGH}."
        case False:
            remedy = f"The API is of another account: allow it in the {noun}'s policy and in the API's resource policy."
            return replace(
                told,
                remedy=_name_narrowing(remedy, around),
                statement=statement,
                counterpart=write_statement(told, around, principal=_name_principal(told)),
            )
        case _:
            remedy = told.remedy
    return replace(told, remedy=_name_narrowing(remedy, around), statement=statement)


def _grant_resource(told: Explanation, around: Circumstances) -> Explanation:
    """Allow it in the API's resource policy; across accounts in the caller's as well."""
    noun, principal = _name(told), _name_principal(told)
    theirs, ours = write_statement(told, around, principal=principal), write_statement(told, around)
    if _is_same_account(told, around):
        remedy = f"Allow it in the API's resource policy and redeploy, or in the {noun}'s policy: {_ENOUGH}."
        return replace(told, remedy=remedy, statement=theirs)
    remedy = (
        f"The API's owner adds {principal} to the resource policy and redeploys; the {noun}'s own has to allow it, too."
    )
    return replace(told, remedy=remedy, statement=theirs, counterpart=ours)


def _grant_session(told: Explanation, around: Circumstances) -> Explanation:
    """Allow it in the session policy that was given, by the options that gave it."""
    statement = write_statement(told, around)
    if not around.session_policies:
        return replace(told, statement=statement)
    options = " and ".join(around.session_policies)
    cause = told.cause.replace("The session policy that", f"The session policy ({options}) that", 1)
    remedy = f"Connect again without {options}, or with a policy there that allows it."
    return replace(told, cause=cause, remedy=remedy, statement=statement)


def _grant_boundary(told: Explanation, around: Circumstances) -> Explanation:
    return replace(told, statement=write_statement(told, around))


def _grant_to_anyone(told: Explanation, around: Circumstances) -> Explanation:
    return replace(told, statement=write_statement(told, around, principal="*"))


def _grant_through_endpoint(told: Explanation, around: Circumstances) -> Explanation:
    return replace(told, statement=write_statement(told, around, principal=_name_principal(told)))


def _grant_function(told: Explanation, around: Circumstances) -> Explanation:
    """Allow the two actions that a function URL wants."""
    where = f"arn:aws:lambda:{around.region or 'REGION'}:ACCOUNT-ID:function:FUNCTION-NAME"
    statement = dump(["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], where)
    return replace(told, statement=statement, remedy=_name_narrowing(told.remedy, around))


def _grant_appsync(told: Explanation, around: Circumstances) -> Explanation:
    where = f"arn:aws:appsync:{around.region or 'REGION'}:ACCOUNT-ID:apis/API-ID/*"
    return replace(told, statement=dump("appsync:GraphQL", where))


def _grant_lattice(told: Explanation, around: Circumstances) -> Explanation:
    """Allow it where the answer says: in the caller's policy, or in an auth policy, which names the caller."""
    places = {
        "identity": f"the {_name(told)}'s policy",
        "network": "the service network's auth policy",
        "service": "the service's auth policy",
    }
    place = places.get(told.policy)
    if told.effect == "explicit":
        where = place or "the auth policies and the caller's own"
        cause = f"A Deny in {where} matches {told.action}."
        return replace(told, cause=cause, remedy="Find that Deny and narrow it; no Allow overrides it.")
    if place is None:
        return replace(told, statement=write_statement(told, around))
    principal = None if told.policy == "identity" else _name_principal(told)
    cause = f"{place[0].upper()}{place[1:]} does not allow {told.action}."
    statement = write_statement(told, around, principal=principal)
    return replace(told, cause=cause, remedy=f"Allow it in {place}.", statement=statement)


def _grant_connect(told: Explanation, around: Circumstances) -> Explanation:
    where = f"arn:aws:execute-api:{around.region or 'REGION'}:ACCOUNT-ID:API-ID/STAGE/$connect"
    return replace(told, statement=dump(INVOKE, where))


def _grant_trust(told: Explanation, _around: Circumstances) -> Explanation:
    """Let the caller in by the role's trust policy, which has no resource."""
    extra = told.action not in {"", "sts:AssumeRole"}
    actions: Json = ["sts:AssumeRole", told.action] if extra else "sts:AssumeRole"
    return replace(told, statement=dump(actions, "", _name_principal(told)))


def _grant_assuming(told: Explanation, _around: Circumstances) -> Explanation:
    return replace(told, statement=dump(told.action, told.resource or "arn:aws:iam::ACCOUNT-ID:role/ROLE-NAME"))


_WRITERS: Mapping[str, Callable[[Explanation, Circumstances], Explanation]] = {
    "appsync": _grant_appsync,
    "boundary": _grant_boundary,
    "caller": _grant_assuming,
    "connect": _grant_connect,
    "either": _grant_identity,
    "function": _grant_function,
    "identity": _grant_identity,
    "lattice": _grant_lattice,
    "public": _grant_to_anyone,
    "resource": _grant_resource,
    "session": _grant_session,
    "trust": _grant_trust,
    "vpce": _grant_through_endpoint,
}


def _is_same_account(told: Explanation, around: Circumstances) -> bool | None:
    """Tell whether the API is in the caller's account, of which the answer may show the last digits; None: unknown."""
    if around.is_local:
        return True
    asked, caller = parse_method_arn(told.resource), told.account
    theirs = asked.account.lstrip("*") if asked else ""
    return caller.endswith(theirs) if theirs and caller else None


def _name(told: Explanation) -> str:
    who = parse_principal(told.principal)
    return who.noun if who else "caller"


def _name_principal(told: Explanation) -> str:
    """Return the ARN that a policy names: the role's, not its session's."""
    who = parse_principal(told.principal)
    if who is None:
        return "arn:aws:iam::ACCOUNT-ID:role/ROLE-NAME"
    if who.noun == "permission set":  # us-east-1 alone is left out
        return _SSO.format(partition=who.partition, account=who.account, name=who.name)
    return who.arn


def _tell_path(told: Explanation) -> Explanation:
    """Say that a role's path is not known from its session, where a statement names the role."""
    who = parse_principal(told.principal)
    if who is None or who.noun != "role" or f'"{who.arn}"' not in told.statement + told.counterpart:
        return told
    return replace(told, evidence=(*told.evidence, _PATH))


def _name_narrowing(remedy: str, around: Circumstances) -> str:
    """Add the session policy that was given: what it leaves out no other policy allows."""
    if not around.session_policies:
        return remedy
    options = " and ".join(around.session_policies)
    return f"{remedy.removesuffix('.')}; the session policy ({options}) has to allow it, too."
