"""An account that answers from what was laid down, and connections of its roles over a transport that is a function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError, EndpointConnectionError

from apigw_magic.access import Finding, Verdict
from apigw_magic.connection import Connection
from apigw_magic.connection.defaults import Defaults
from apigw_magic.http import Pace, freeze, scope_of
from apigw_magic.identity import Base, Caller, Grant
from apigw_magic.identity.sts import Sts
from apigw_magic.models import Credentials, Headers, Identity, Reply, Request
from tests.identity.fakes import make_caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3

    from apigw_magic.http import Transport
    from apigw_magic.models import SignedRequest

ACCOUNT = "123456789012"
URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
KEYS = Credentials("AKIDEXAMPLE", "invented/secret+key")
WHERE = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:a1b2c3d4e5"
DENIED = "AccessDenied"


def refuse(code: str) -> ClientError:
    """Return what the SDK raises where AWS says no."""
    return ClientError({"Error": {"Code": code, "Message": "User: … is not authorized"}}, "Anything")


UNREACHABLE = EndpointConnectionError(endpoint_url="https://iam.amazonaws.com")


@dataclass
class FakeAccount:
    """Answers as IAM and API Gateway do, and is the boto3 session by which they are asked.

    Attributes:
        decisions: of the simulator, by the end of a resource's ARN; `implicitDeny` for all others.
        roles: the ARN of each by its name.
        policy: the API's resource policy; empty for none.
        stages: of the API, if it is an HTTP API.
        errors: raised by what is called so.
        most: resources that one answer of the simulator has.
        missing: context keys that the simulator misses.
        organization: whether the organization allows it.
        boundary: whether the permissions boundary does.
        decide: gives the decision by principal and resource, in the place of `decisions`.
        asked: what was asked, in order.
        clients: what was made, with its options.
    """

    decisions: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    stages: tuple[str, ...] | None = None
    errors: dict[str, Exception] = field(default_factory=dict)
    most: int = 100
    missing: tuple[str, ...] = ()
    organization: bool = True
    boundary: bool = True
    decide: Callable[[str, str], str] | None = None
    asked: list[tuple[str, Any]] = field(default_factory=list)
    clients: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def client(self, service: str, **options: object) -> FakeAccount:
        """Return the client of a service."""
        self.clients.append((service, options))
        return self

    def get_role(self, **given: str) -> dict[str, Any]:
        """Answer GetRole."""
        self._note("get_role", given["RoleName"])
        return {"Role": {"Arn": self.roles[given["RoleName"]]}}

    def get_rest_api(self, **given: str) -> dict[str, Any]:
        """Answer GetRestApi."""
        self._note("get_rest_api", given["restApiId"])
        if self.stages is not None:
            raise refuse("NotFoundException")
        return {"id": given["restApiId"]} | ({"policy": self.policy} if self.policy else {})

    def get_paginator(self, name: str) -> Pages:
        """Return what answers page by page."""
        return Pages(self, name)

    def page(self, name: str, given: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answer, a page at a time."""
        if name == "get_stages":
            self._note(name, given["ApiId"])
            for stage in self.stages or ():
                yield {"Items": [{"StageName": stage}]}
            return
        resources = list(given["ResourceArns"])
        self._note(name, (given["PolicySourceArn"], resources))
        assert given["ActionNames"] == ["execute-api:Invoke"]
        for arn in resources[: self.most]:
            yield {
                "EvaluationResults": [
                    {
                        "EvalActionName": "execute-api:Invoke",
                        "EvalDecision": "implicitDeny",
                        "EvalResourceName": "*",
                        "OrganizationsDecisionDetail": {"AllowedByOrganizations": self.organization},
                        "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": self.boundary},
                        "ResourceSpecificResults": [
                            {
                                "EvalResourceName": arn,
                                "EvalResourceDecision": self._decide(given["PolicySourceArn"], arn),
                                "MissingContextValues": list(self.missing),
                            }
                        ],
                    }
                ]
            }

    def _decide(self, principal: str, arn: str) -> str:
        if self.decide is not None:
            return self.decide(principal, arn)
        return next((what for end, what in self.decisions.items() if arn.endswith(end)), "implicitDeny")

    def _note(self, name: str, what: object) -> None:
        self.asked.append((name, what))
        if name in self.errors:
            raise self.errors[name]


@dataclass
class Pages:
    """botocore's paginator."""

    account: FakeAccount
    name: str

    def paginate(self, **given: object) -> Iterator[dict[str, Any]]:
        """Yield the pages."""
        return self.account.page(self.name, given)


def make_base(account: FakeAccount, *, endpoint: str | None = None, arn: str | None = None) -> Base:
    """Return a base identity whose account this is."""
    sts = Sts(cast("boto3.Session", account), "eu-west-1", endpoint)
    who = Identity(ACCOUNT, arn or f"arn:aws:iam::{ACCOUNT}:user/ana")
    caller = Caller(lambda _: Grant(KEYS, None, who, ("given keys",)), lambda _: who)
    caller.credentials()
    return Base(caller, sts)


class Api:
    """Answers 200, or what was laid down for a method and path."""

    def __init__(self, **answers: Reply | Exception) -> None:
        self.answers = answers
        self.sent: list[tuple[str, str]] = []

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Answer."""
        assert timeout
        name = request.url.path.rpartition("/")[2]
        self.sent.append((request.method, request.url.path))
        answer = self.answers.get(name, answer_with(200))
        if isinstance(answer, BaseException):
            raise answer
        return answer


def answer_with(status: int, content: bytes = b"{}", *fields: tuple[str, str]) -> Reply:
    """Return an answer."""
    headers = Headers([("Content-Type", "application/json"), *fields])
    return Reply(status, {200: "OK", 404: "Not Found"}.get(status, ""), headers, content, 0.0123)


def open_as(  # noqa: PLR0913 - all but the name and what answers by keyword
    name: str,
    transport: Transport,
    base: Base,
    *,
    url: str = URL,
    arn: str = f"arn:aws:sts::{ACCOUNT}:assumed-role/{{}}/ana",
    session_policies: tuple[str, ...] = (),
    caller: Caller | None = None,
    protected: bool = False,
    sleep: Callable[[float], None] = lambda _: None,
) -> Connection:
    """Return a connection as a role of that name."""
    frozen = freeze(url)
    return Connection(
        name=name,
        url=frozen,
        scope=scope_of(frozen, None if "amazonaws" in url or "on.aws" in url else "eu-west-1"),
        base=base,
        caller=caller or make_caller(KEYS, arn.format(name)),
        transport=transport,
        pace=Pace(sleep=sleep),
        session_policies=session_policies,
        defaults=Defaults(protected=protected),
    )


def blank(connection: Connection, method: str, target: str) -> Finding:
    """Return what is not found yet."""
    return Finding(Request(method, target), connection, Verdict.NOT_SENT)
