"""What IAM's policy simulator answers, read.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mypy_boto3_iam.type_defs import EvaluationResultTypeDef, ResourceSpecificResultTypeDef

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"
"""The simulator's decisions."""


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_KEY = re.compile(r"[a-z0-9-]+:[\w./-]{1,100}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a role's or user's own policies, boundary and organization say to one call.

    Attributes:
        outcome: `allowed`, `explicitDeny` or `implicitDeny`.
        missing: the condition keys that they look at, and that the simulator was not told.
        by_organization: whether an SCP forbids it.
        by_boundary: whether a permissions boundary does not allow it.
    """

    outcome: str
    missing: tuple[str, ...] = ()
    by_organization: bool = False
    by_boundary: bool = False


def read_decisions(results: list[EvaluationResultTypeDef]) -> Iterator[tuple[str, Decision]]:
    """Yield the decision on each resource; those on one of several stand within the result for all."""
    for result in results:
        organizations = result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True)
        boundary = result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True)
        whole = Decision(
            result["EvalDecision"], _read_keys(result.get("MissingContextValues", ())), not organizations, not boundary
        )
        yield result.get("EvalResourceName", ""), whole
        for one in result.get("ResourceSpecificResults", ()):
            yield one["EvalResourceName"], _read_one(one, whole)


def _read_one(one: ResourceSpecificResultTypeDef, whole: Decision) -> Decision:
    boundary = one.get("PermissionsBoundaryDecisionDetail", {}).get(
        "AllowedByPermissionsBoundary", not whole.by_boundary
    )
    return Decision(
        one["EvalResourceDecision"],
        _read_keys(one.get("MissingContextValues", ())),
        whole.by_organization,
        not boundary,
    )


def _read_keys(given: Sequence[str]) -> tuple[str, ...]:
    """Return condition keys; what is none is not shown, as it may be anything."""
    return tuple(dict.fromkeys(key if _KEY.fullmatch(key) else "a condition key" for key in given))
