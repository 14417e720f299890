"""The demo's IAM user and roles."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from apigw_magic.errors import DemoError

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from apigw_magic.demo.policies import Role
    from apigw_magic.models import Json

MARK: Final = "Made by the demo of apigw_magic"
"""How the demo tells its own from what somebody else made, in an account that it only attached to."""

_POLICY = "demo"
_TAG = "made-by"


def create_user(client: IAMClient, name: str) -> str:
    """Create a user without keys, or take the keys of the one that an earlier demo made.

    Returns:
        Its ARN.

    Raises:
        DemoError: a user of that name is somebody else's.
    """
    try:
        return client.create_user(UserName=name, Tags=[{"Key": _TAG, "Value": MARK}])["User"]["Arn"]
    except client.exceptions.EntityAlreadyExistsException:
        user = client.get_user(UserName=name)["User"]
    if {"Key": _TAG, "Value": MARK} not in user.get("Tags", []):
        raise refuse_name("user", name)
    for key in client.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        client.delete_access_key(UserName=name, AccessKeyId=key.get("AccessKeyId", ""))
    return user["Arn"]


def create_role(client: IAMClient, role: Role) -> str:
    """Create a role, or give the one that an earlier demo made its trust policy again.

    Returns:
        Its ARN.

    Raises:
        DemoError: a role of that name is somebody else's.
    """
    document = json.dumps(role.trust)
    try:
        made = client.create_role(RoleName=role.name, AssumeRolePolicyDocument=document, Description=MARK)
        return made["Role"]["Arn"]
    except client.exceptions.EntityAlreadyExistsException:
        known = client.get_role(RoleName=role.name)["Role"]
    if known.get("Description") != MARK:
        raise refuse_name("role", role.name)
    client.update_assume_role_policy(RoleName=role.name, PolicyDocument=document)
    return known["Arn"]


def permit_role(client: IAMClient, name: str, permissions: Json) -> None:
    """Say what a role's sessions may do, in place of what was said before."""
    client.put_role_policy(RoleName=name, PolicyName=_POLICY, PolicyDocument=json.dumps(permissions))


def permit_user(client: IAMClient, name: str, permissions: Json) -> None:
    """Say what the user may do, in place of what was said before."""
    document = json.dumps(permissions)
    client.put_user_policy(UserName=name, PolicyName=_POLICY, PolicyDocument=document)


def refuse_name(kind: str, name: str) -> DemoError:
    """Return the error for a name that is taken."""
    return DemoError(
        f"The account has a {kind} {name} that the demo did not make",
        why="The demo makes one of that name, and does not change what is somebody else's",
        fix=f"Remove that {kind}, or let `%apigw demo` start an account of its own",
    )
