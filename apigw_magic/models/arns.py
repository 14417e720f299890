"""The parts of an ARN that a refusal is about: who was refused, and which method of which API was asked for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# AWS may mask an account all but for its last four digits: ********3333.
_PRINCIPAL = re.compile(
    r"arn:(?P<partition>aws[\w-]*):(?:iam|sts)::(?P<account>[\d*]{12}):"
    r"(?P<type>root|[a-z-]+)(?:/(?P<rest>.*))?",
    re.ASCII | re.DOTALL,
)
_METHOD = re.compile(
    r"arn:(?P<partition>aws[\w-]*):execute-api:(?P<region>[\w-]*):(?P<account>[\d*]*):"
    r"(?P<api>[^/]*)(?:/(?P<stage>[^/]*)(?:/(?P<rest>.*))?)?",
    re.ASCII | re.DOTALL,
)
_SSO_ROLE = re.compile(r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signs, taken apart.

    Attributes:
        partition: such as `aws`.
        account: 12 digits.
        type: `role` for a role session, else as in the ARN: `user`, `federated-user`, `root`.
        name: of the role or user, without path.
        session: the role session's name; empty for a user.
    """

    partition: str
    account: str
    type: str
    name: str
    session: str = ""

    @property
    def noun(self) -> str:
        """What to call it: role, user, permission set (of IAM Identity Center)."""
        if self.type == "role":
            return "permission set" if _SSO_ROLE.fullmatch(self.name) else "role"
        return {"root": "root user", "federated-user": "federated user"}.get(self.type, self.type)

    @property
    def label(self) -> str:
        """What a person calls it: the role's, user's or permission set's name."""
        sso = _SSO_ROLE.fullmatch(self.name)
        return sso["set"] if sso and self.type == "role" else self.name

    @property
    def arn(self) -> str:
        """The IAM ARN that policies name; a role's path is not known from its session, and so left out."""
        kind = self.type if self.type == "root" else f"{self.type}/{self.name}"
        service = "sts" if self.type == "federated-user" else "iam"
        return f"arn:{self.partition}:{service}::{self.account}:{kind}"


@dataclass(frozen=True, slots=True)
class MethodArn:
    """A method of an API, taken apart.

    Attributes:
        partition: such as `aws`.
        region: where the API is.
        account: whose API it is: 12 digits, perhaps all but the last four masked, or none.
        api: the API's id.
        stage: the stage's name.
        method: the HTTP method; empty for a WebSocket route.
        path: below the stage, with a slash before it; a WebSocket's route key has none.
    """

    partition: str
    region: str
    account: str
    api: str
    stage: str
    method: str
    path: str


def parse_principal(arn: str) -> Principal | None:
    """Take apart the ARN of a user, a role or a role session; None for anything else."""
    match = _PRINCIPAL.fullmatch(arn)
    if match is None:
        return None
    kind, rest = match["type"], match["rest"] or ""
    if kind == "assumed-role":
        name, _, session = rest.partition("/")
        return Principal(match["partition"], match["account"], "role", name, session)
    return Principal(match["partition"], match["account"], kind, rest.rpartition("/")[2])


def parse_method_arn(arn: str) -> MethodArn | None:
    """Take apart the ARN of an API's method or of a WebSocket's route; None for anything else."""
    match = _METHOD.fullmatch(arn)
    if match is None:
        return None
    stage, rest = match["stage"] or "", match["rest"] or ""
    head, slash, path = rest.partition("/")
    is_method = bool(slash) or head.isupper() or head == "*"
    method = head if is_method else ""
    return MethodArn(
        match["partition"],
        match["region"],
        match["account"],
        match["api"],
        stage,
        method,
        (f"/{path}" if is_method else head),
    )
