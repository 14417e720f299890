"""Asks IAM's policy simulator what would be let through, and tells what of its word is certain.

It judges the policies of the role, its boundary and its organization. A resource policy may let in whom they do not, or
shut out whom they let in; a session policy shuts out only; an explicit Deny stands whatever the others say.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from apigw_magic.access.account import INVOKE, UnreadableError
from apigw_magic.access.decisions import ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY, Decision
from apigw_magic.access.findings import SIMULATED, Finding, Verdict
from apigw_magic.access.method import find_place
from apigw_magic.models import parse_principal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.access.account import Account
    from apigw_magic.access.method import Api, Place
    from apigw_magic.connection import Connection
    from apigw_magic.models import Principal

_STRANGER = "999999999999"
"""An account that no policy names but by a wildcard."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What beside the simulator's word decides on a call.

    Attributes:
        resource_policy: why a resource policy cannot be ruled out; empty if there is none.
        session_policy: likewise a session policy.
    """

    resource_policy: str = ""
    session_policy: str = ""


def simulate(blanks: Sequence[Finding], connection: Connection, account: Account) -> list[Finding]:
    """Tell what a connection's requests would be answered by what the policies say; none is sent.

    Args:
        blanks: each has a request.
        connection: of all of them.
        account: the base identity's.
    """
    try:
        return _simulate(blanks, connection, account)
    except UnreadableError as error:
        reason = f"Not judged: {error.reason}."
    return [replace(blank, verdict=Verdict.UNDETERMINED, reason=reason) for blank in blanks]


def judge_decision(blank: Finding, decision: Decision | None, around: Surroundings, noun: str) -> Finding:
    """Tell what of the simulator's word on one request is certain.

    Args:
        blank: has request and connection.
        decision: the simulator's; None if it gave none.
        around: what else decides.
        noun: what the caller is: role, user, permission set.
    """
    if decision is None:
        return replace(blank, verdict=Verdict.UNDETERMINED, reason="Not judged: the simulator gave no answer.")
    doubt = _find_doubt(decision, around)
    if doubt:
        return replace(blank, verdict=Verdict.UNDETERMINED, reason=doubt)
    reason, policy = _find_denial(decision, noun)
    verdict = Verdict.DENIED if reason else Verdict.ALLOWED
    return replace(blank, verdict=verdict, how=SIMULATED, reason=reason, policy=policy)


def _find_doubt(decision: Decision, around: Surroundings) -> str:
    """Return why the simulator's word is not the last one; empty if it is."""
    if decision.missing:
        return f"The policies look at {', '.join(decision.missing)}, which the simulator is not told."
    if decision.outcome == EXPLICIT_DENY or decision.by_organization:
        return ""  # whatever the others say
    if around.resource_policy:
        return around.resource_policy
    return around.session_policy if decision.outcome == ALLOWED else ""


def _find_denial(decision: Decision, noun: str) -> tuple[str, str]:
    """Return why a call is denied, in the words of the catalogue, and by which kind of policy; empty if it is not."""
    if decision.outcome == EXPLICIT_DENY:
        return f"A Deny in the {noun}'s own policies matches {INVOKE}.", "identity"
    if decision.by_organization:
        return f"No service control policy (SCP) of the organization allows {INVOKE}.", "scp"
    if decision.outcome == ALLOWED:
        return "", ""
    if decision.by_boundary:
        return f"The permissions boundary of the {noun} does not allow {INVOKE}.", "boundary"
    return f"No policy of the {noun} allows {INVOKE}.", "identity"


def _simulate(blanks: Sequence[Finding], connection: Connection, account: Account) -> list[Finding]:
    principal = parse_principal(connection.identity.arn) if connection.identity else None
    if principal is None:
        raise UnreadableError("who signs is not known")
    places = [find_place(connection.resolve(blank.request)) for blank in blanks]
    found = next((place for place in places if place), None)
    if found is None:
        raise UnreadableError("the host does not say which API it leads to")
    source = _find_source(principal, connection, account)
    api, around = _look_around(found, principal, connection, account)
    # Whose API it is, is not known where it cannot be read; then what is said of it has to hold whoever has it.
    owners = (principal.account,) if api else (principal.account, _STRANGER)
    where = f"arn:{principal.partition}:{connection.service}:{connection.region}"
    asked = [
        [
            f"{where}:{owner}:{resource}"
            for owner in owners
            for resource in (place.list_resources(blank.request.method, api) if place else ())
        ]
        for blank, place in zip(blanks, places, strict=True)
    ]
    decisions = account.simulate(source, [arn for arns in asked for arn in arns])
    noun = principal.noun
    return [
        judge_decision(blank, _agree([decisions.get(arn) for arn in arns]), around, noun)
        for blank, arns in zip(blanks, asked, strict=True)
    ]


def _find_source(principal: Principal, connection: Connection, account: Account) -> str:
    """Return the ARN of the role or user whose policies are asked for."""
    if principal.account != account.id:
        raise UnreadableError(f"the {principal.noun} is of another account than the base identity")
    if principal.type == "user" and connection.identity:
        return connection.identity.arn  # which has the path
    if principal.type != "role":
        raise UnreadableError(f"the simulator knows no {principal.noun}")
    try:
        return account.find_role(principal.name)
    except UnreadableError:
        return principal.arn  # right for a role without a path; for others the simulator knows none of that name


def _look_around(
    place: Place, principal: Principal, connection: Connection, account: Account
) -> tuple[Api | None, Surroundings]:
    """Tell what is known of the API, and which policies the simulator does not judge."""
    session = ""
    if connection.session_policies:
        given = ", ".join(connection.session_policies)
        session = f"The session policy ({given}) is not judged by the simulator."
    elif connection.is_base and principal.noun == "role":  # that of a permission set has none
        session = "A session policy cannot be ruled out: the role session was not assumed here."
    try:
        api = account.find_api(place.api)
    except UnreadableError as error:
        problem = "it is not in the base identity's account" if error.is_missing else error.reason
        return None, Surroundings(f"Whether the API has a resource policy is not known: {problem}.", session)
    policy = "The API has a resource policy, which the simulator does not judge." if api.has_policy else ""
    return api, Surroundings(policy, session)


def _agree(decisions: Sequence[Decision | None]) -> Decision | None:
    """Return the decision that holds whichever way an API is named; none if one of them is not known."""
    known = [decision for decision in decisions if decision is not None]
    if not known or len(known) < len(decisions):
        return None
    first = known[0]
    missing = tuple(dict.fromkeys(key for decision in known for key in decision.missing))
    if any((one.outcome, one.by_organization) != (first.outcome, first.by_organization) for one in known):
        return Decision(IMPLICIT_DENY, missing)
    return replace(first, missing=missing)
