"""Who may do what in the shop, as policy documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from apigw_magic.models import Json

STAGE: Final = "v1"
"""The stage that the shop is deployed to."""

EXTERNAL_ID: Final = "shop-partner"
"""What the trust policy of `partner` asks for."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the demo.

    Attributes:
        name: its name.
        trust: who may assume it.
        methods: the HTTP methods that it may call, as a pattern.
        denied: those of them that it must not.
    """

    name: str
    trust: Json
    methods: str
    denied: str = ""

    def permissions(self, api_arn: str) -> Json:
        """Return what its sessions may do with an API, `arn:aws:execute-api:REGION:ACCOUNT:API`."""
        allowed = [invoke("Allow", api_arn, self.methods)]
        return write_document(*allowed, *([invoke("Deny", api_arn, self.denied)] if self.denied else []))


def write_document(*statements: Json) -> Json:
    """Return a policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def write_statement(effect: str, action: str, *resources: str, **more: Json) -> Json:
    """Return a statement on resources; `more` are elements such as `Condition`."""
    return {"Effect": effect, "Action": action, "Resource": list(resources), **more}


def trust(principal: Json, **more: Json) -> Json:
    """Return a trust policy for one principal."""
    return write_document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def trust_service(service: str) -> Json:
    """Return a trust policy for an AWS service, and so for nobody who is a person."""
    return trust({"Service": f"{service}.amazonaws.com"})


def invoke(effect: str, api_arn: str, methods: str) -> Json:
    """Return a statement on calls of some methods, on every path of the stage."""
    return write_statement(effect, "execute-api:Invoke", f"{api_arn}/{STAGE}/{methods}/*")


def write_roles(user_arn: str) -> tuple[Role, ...]:
    """Return the demo's roles; they trust one user."""
    user: Json = {"AWS": user_arn}
    named: Json = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    return (
        Role("reader", trust(user), "GET"),
        Role("writer", trust(user), "*", denied="DELETE"),
        Role("partner", trust(user, Condition=named), "GET"),
        Role("locked", trust_service("ec2"), "GET"),
    )


def write_user_policy(role_arns: list[str], api_path_arn: str) -> Json:
    """Return what lets the user ask for every role, and ask what its policies say.

    Whether a role is given is for its trust policy to say.

    Args:
        role_arns: of the roles.
        api_path_arn: the API as those name it who manage it, `arn:aws:apigateway:REGION::/restapis/API`.
    """
    return write_document(
        write_statement("Allow", "sts:AssumeRole", *role_arns),
        write_statement("Allow", "iam:GetRole", *role_arns),
        write_statement("Allow", "iam:SimulatePrincipalPolicy", "*"),  # MiniStack knows no narrower way
        write_statement("Allow", "apigateway:GET", api_path_arn),
    )


def write_resource_policy(partner_arn: str) -> Json:
    """Return the API's own policy: `/health` is for everybody, and `/customers` not for the partner.

    It need not allow the roles anything: in one account an identity policy is enough.
    """
    customers, health = (f"execute-api:/{STAGE}/GET/{name}" for name in ("customers", "health"))
    return write_document(
        write_statement("Allow", "execute-api:Invoke", health, Principal="*"),
        write_statement("Deny", "execute-api:Invoke", customers, Principal={"AWS": partner_arn}),
    )
