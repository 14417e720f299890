"""The shop's function and its REST API, as AWS takes them."""

from __future__ import annotations

import contextlib
import io
import json
import secrets
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from apigw_magic.demo import policies, shop_function, shop_orders

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_lambda import LambdaClient

    from apigw_magic.models import Json

API: Final = "shop"
FUNCTION: Final = "apigw-magic-shop"
"""A name that nothing else has: what is called so is replaced."""

METHODS: Final = {
    "/orders": ("GET", "POST"),
    "/orders/{id}": ("GET", "PUT", "DELETE"),
    "/customers": ("GET",),
    "/health": ("GET",),
}
"""The API's paths, each after the one above it, and their methods; all but `/health` want a signature."""

_HERE = Path(__file__).parent
_OPEN = "/health"
_HANDLER = f"{shop_function.__name__}.answer"


def zip_function() -> bytes:
    """Return the function's code, under the names it has here.

    The packages have no `__init__` there: they are namespace packages, and nothing else of this one is imported.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for module in (shop_function.__name__, shop_orders.__name__):
            archive.write(_HERE / f"{module.rpartition('.')[2]}.py", f"{module.replace('.', '/')}.py")
    return packed.getvalue()


def deploy_function(client: LambdaClient, role_arn: str) -> str:
    """Create the function, in the place of an earlier one, and let API Gateway call it.

    Returns:
        Its ARN.
    """
    with contextlib.suppress(client.exceptions.ResourceNotFoundException):
        client.delete_function(FunctionName=FUNCTION)
    function_arn = client.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.12",
        Handler=_HANDLER,
        Role=role_arn,
        Code={"ZipFile": zip_function()},
        Environment={"Variables": {shop_orders.SHOP_VARIABLE: secrets.token_hex(8)}},
        Timeout=10,
    )["FunctionArn"]
    client.add_permission(
        FunctionName=FUNCTION,
        StatementId="apigateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    return function_arn


def warm_up(client: LambdaClient) -> None:
    """Have a worker of the function started now, so that the first call does not wait for it."""
    event = json.dumps({"httpMethod": "GET", "path": _OPEN}).encode()
    client.invoke(FunctionName=FUNCTION, InvocationType="Event", Payload=event)


def deploy_api(client: APIGatewayClient, function_arn: str, resource_policy: Json, *, mark: str) -> str:
    """Create the REST API with its stage, in the place of an earlier one.

    Args:
        client: of the account and Region.
        function_arn: what answers every method.
        resource_policy: the API's own policy.
        mark: the description by which an earlier API is known to be ours.

    Returns:
        The API's id.
    """
    for api in client.get_rest_apis(limit=500)["items"]:
        if api.get("name") == API and api.get("description") == mark:
            client.delete_rest_api(restApiId=api["id"])
    made = client.create_rest_api(name=API, description=mark, policy=json.dumps(resource_policy))
    api_id, resource_ids = made["id"], {"": made["rootResourceId"]}
    for path, methods in METHODS.items():
        parent, _, part = path.rpartition("/")
        resource = client.create_resource(restApiId=api_id, parentId=resource_ids[parent], pathPart=part)
        resource_ids[path] = resource["id"]
        for method in methods:
            create_method(client, api_id, resource["id"], method, function_arn, is_open=path == _OPEN)
    client.create_deployment(restApiId=api_id, stageName=policies.STAGE)
    return api_id


def create_method(  # noqa: PLR0913 - these are what a method consists of
    client: APIGatewayClient, api_id: str, resource_id: str, method: str, function_arn: str, *, is_open: bool
) -> None:
    """Create one method, which the function answers."""
    client.put_method(
        restApiId=api_id,
        resourceId=resource_id,
        httpMethod=method,
        authorizationType="NONE" if is_open else "AWS_IAM",
    )
    client.put_integration(
        restApiId=api_id,
        resourceId=resource_id,
        httpMethod=method,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=f"arn:aws:apigateway:{client.meta.region_name}:lambda:path/2015-03-31/functions/{function_arn}/invocations",
    )
