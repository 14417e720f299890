"""The demo's shop: an API, the function behind it, and roles that may do different things with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from apigw_magic.demo.deployment import FUNCTION, deploy_api, deploy_function, warm_up
from apigw_magic.demo.policies import (
    EXTERNAL_ID,
    STAGE,
    Role,
    trust_service,
    write_resource_policy,
    write_roles,
    write_user_policy,
)
from apigw_magic.demo.principals import MARK, create_role, create_user, permit_role, permit_user
from apigw_magic.demo.sessions import DIRECT, make_session
from apigw_magic.errors import DemoError
from apigw_magic.identity import hushed
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    import boto3

    from apigw_magic.demo.account import LocalAccount

REGION: Final = "eu-west-1"
"""Where the shop is; MiniStack has them all."""

USER: Final = "analyst"
"""The IAM user whose keys the demo works with."""


@dataclass(frozen=True, slots=True)
class Shop(Secret):
    """The demo's API and who may call it.

    Attributes:
        url: the base URL, with the stage.
        region: the Region that requests are signed for.
        account_id: 12 digits.
        api_id: the REST API's.
        session: has the keys of the user `analyst`, and knows nothing of the environment or of `~/.aws`.
        sts_endpoint: where roles are assumed.
        external_id: what the role `partner` wants to hear.
        roles: the ARN of each role by its name: `reader`, `writer`, `partner`, `locked`.
    """

    url: str
    region: str
    account_id: str
    api_id: str
    session: boto3.Session = field(repr=False)
    sts_endpoint: str
    external_id: str
    roles: Mapping[str, str]


def provision(account: LocalAccount) -> Shop:
    """Build the shop in an account; what an earlier call built there is replaced, its orders too.

    Raises:
        DemoError: the account refuses, or a user or role of one of the names is somebody else's.
    """
    try:
        with hushed():  # the new user's keys are among the answers
            return build(account)
    except (BotoCoreError, ClientError) as error:
        raise DemoError(
            f"The shop cannot be built at {account.endpoint}",
            why=str(error),
            fix="`%apigw demo stop`, then `%apigw demo`",
        ) from None


def build(account: LocalAccount) -> Shop:
    """Build the shop as the account's root user."""
    root = account.session(REGION)
    iam = root.client("iam", endpoint_url=account.endpoint, config=DIRECT)
    user_arn = create_user(iam, USER)
    account_id = user_arn.split(":")[4]
    roles = write_roles(user_arn)
    arns = {role.name: create_role(iam, role) for role in roles}
    function_role = create_role(iam, Role(FUNCTION, trust_service("lambda"), ""))

    functions = root.client("lambda", endpoint_url=account.endpoint, config=DIRECT)
    function_arn = deploy_function(functions, function_role)
    apis = root.client("apigateway", endpoint_url=account.endpoint, config=DIRECT)
    api_id = deploy_api(apis, function_arn, write_resource_policy(arns["partner"]), mark=MARK)

    managed = f"arn:aws:apigateway:{REGION}::/restapis/{api_id}"
    permit_user(iam, USER, write_user_policy(list(arns.values()), managed))
    for role in roles:
        permit_role(iam, role.name, role.permissions(f"arn:aws:execute-api:{REGION}:{account_id}:{api_id}"))
    warm_up(functions)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    return Shop(
        url=f"{account.endpoint}/_aws/execute-api/{api_id}/{STAGE}",
        region=REGION,
        account_id=account_id,
        api_id=api_id,
        session=make_session(key["AccessKeyId"], key["SecretAccessKey"], region=REGION),
        sts_endpoint=account.endpoint,
        external_id=EXTERNAL_ID,
        roles=MappingProxyType(arns),
    )
