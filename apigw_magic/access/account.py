"""What the base identity may ask of its account: what a role's policies allow, and what an API is."""

from __future__ import annotations

import re
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from apigw_magic.access.clients import Clients
from apigw_magic.access.decisions import read_decisions
from apigw_magic.access.method import Api
from apigw_magic.errors import CredentialsError
from apigw_magic.identity import hushed
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apigw_magic.access.decisions import Decision
    from apigw_magic.identity import Base

T = TypeVar("T")

INVOKE = "execute-api:Invoke"
"""What every call of a method is, to IAM."""

_CODE = re.compile(r"[A-Za-z.]{1,40}")
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_MISSING = frozenset({"NoSuchEntity", "NotFoundException"})


class UnreadableError(Exception):
    """Something that could not be asked.

    Attributes:
        reason: why, in words.
        is_missing: whether there is no such thing.
    """

    def __init__(self, reason: str, *, is_missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_missing = is_missing


class Account(Secret):
    """The account of a base identity, asked with its credentials. Threads may share it.

    Args:
        base: who asks.
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        self._clients = Clients(base)
        self._lock = Lock()
        self._apis: dict[str, Api | UnreadableError] = {}

    def __repr__(self) -> str:
        return f"Account({self._base!r})"

    @property
    def id(self) -> str:
        """The account's number: 12 digits.

        Raises:
            UnreadableError: it cannot be asked.
        """
        return self._ask("sts:GetCallerIdentity", lambda: self._base.identity().account)

    def find_role(self, name: str) -> str:
        """Return the ARN of a role with its path, which its sessions do not tell.

        Raises:
            UnreadableError: it cannot be asked, or there is none.
        """
        return self._ask("iam:GetRole", lambda: self._clients.iam().get_role(RoleName=name)["Role"]["Arn"])

    def find_api(self, api: str) -> Api:
        """Return what an API of the base identity's Region is, as it is configured; asked once.

        Raises:
            UnreadableError: it cannot be asked, or there is none in this account and Region.
        """
        with self._lock:  # whoever comes second waits for the answer to the first
            if api not in self._apis:
                try:
                    self._apis[api] = self._read_api(api)
                except UnreadableError as error:
                    self._apis[api] = error
            known = self._apis[api]
        if isinstance(known, UnreadableError):
            raise UnreadableError(known.reason, is_missing=known.is_missing)
        return known

    def simulate(self, principal: str, resources: Sequence[str]) -> dict[str, Decision]:
        """Ask what the policies of a role or user say to calls of methods.

        All are asked about at once, and those that the answer leaves out once more.

        Args:
            principal: the IAM ARN, with its path.
            resources: the ARNs of the methods.

        Returns:
            The decision by resource; none for one that no answer has.

        Raises:
            UnreadableError: it cannot be asked, or there is no such role.
        """
        decisions: dict[str, Decision] = {}
        left = list(dict.fromkeys(resources))
        while left:
            found = self._ask("iam:SimulatePrincipalPolicy", partial(self._simulate, principal, left))
            decisions |= {arn: found[arn] for arn in left if arn in found}
            rest = [arn for arn in left if arn not in decisions]
            if len(rest) == len(left):
                break
            left = rest
        return decisions

    def _simulate(self, principal: str, resources: Sequence[str]) -> dict[str, Decision]:
        pages = self._clients.iam().get_paginator("simulate_principal_policy")
        asked = pages.paginate(PolicySourceArn=principal, ActionNames=[INVOKE], ResourceArns=resources)
        return {arn: decision for page in asked for arn, decision in read_decisions(page["EvaluationResults"])}

    def _read_api(self, api: str) -> Api:
        try:
            found = self._ask("apigateway:GET", lambda: self._clients.rest().get_rest_api(restApiId=api))
        except UnreadableError as error:
            if not error.is_missing:
                raise
        else:
            is_private = "PRIVATE" in found.get("endpointConfiguration", {}).get("types", ())
            return Api(has_policy=bool(found.get("policy")) or is_private)
        stages = self._ask("apigateway:GET", lambda: self._read_stages(api))
        return Api(stages=frozenset(stages))

    def _read_stages(self, api: str) -> list[str]:
        pages = self._clients.http().get_paginator("get_stages").paginate(ApiId=api)
        return [stage["StageName"] for page in pages for stage in page["Items"]]

    def _ask(self, action: str, call: Callable[[], T]) -> T:
        """Make a call; botocore's DEBUG log, which prints credentials, is kept quiet.

        Raises:
            UnreadableError: it is refused, or nobody answers.
        """
        try:
            with hushed():
                return call()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code") or "")
        except (BotoCoreError, ResponseParserError) as error:
            raise UnreadableError(f"{action} could not be asked ({type(error).__name__})") from None
        except CredentialsError as error:
            raise UnreadableError(error.what.rstrip(".")) from None
        if code in _DENIED:
            raise UnreadableError(f"the base identity may not ask {action}")
        # What is no code may be anything that was sent, a secret too.
        told = f" ({code})" if _CODE.fullmatch(code) else ""
        raise UnreadableError(f"{action} was refused{told}", is_missing=code in _MISSING)
