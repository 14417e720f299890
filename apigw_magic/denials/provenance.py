"""Who said no: the gateway, what stands behind it, or nobody knows. Decided once, before any row is asked.

A REST API's gateway tells the error type in the header whenever it answers by itself, whatever its owner made of the
words. An HTTP API's never does, and says no more than `{"message": …}`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from apigw_magic.models import parse_method_arn, parse_principal

if TYPE_CHECKING:
    from apigw_magic.denials.sentence import Sentence
    from apigw_magic.models import Circumstances, Refusal

API_ID = re.compile(r"(?P<id>[a-z0-9]+)(?:-vpce-[a-z0-9]+)?[.]")
"""The API's id, where a host of AWS begins with it."""

_SIGNED_FOR = frozenset({"execute-api", "lambda", "appsync", "vpc-lattice-svcs"})
_PASSED_ON = frozenset({"rest", "http", "aws"})


class Provenance(Enum):
    """Who said no."""

    GATEWAY = "gateway"
    """The gateway, or another service that was asked: it told the type, or speaks as it does."""
    BACKEND = "backend"
    """What stands behind the gateway, which passed it on."""
    UNKNOWN = "unknown"
    """The answer does not show it: only words count that nobody else uses."""


def tell_provenance(refusal: Refusal, sentence: Sentence | None, around: Circumstances, api: str) -> Provenance:
    """Tell who said no.

    Args:
        refusal: as read from the answer.
        sentence: IAM's, if that is what it says.
        around: what is known beside the answer.
        api: who answers, by the answer or by what was asked; empty if neither tells.
    """
    if refusal.form and not refusal.error_type:
        return Provenance.BACKEND
    if sentence is not None and is_foreign(sentence, around):
        return Provenance.BACKEND
    if (refusal.api == "rest" and not refusal.is_typed_by_header) or (
        refusal.api == "http" and refusal.is_typed_inside
    ):
        return Provenance.BACKEND
    if refusal.error_type or api or not refusal.is_other_form:
        return Provenance.GATEWAY
    return Provenance.UNKNOWN


def is_behind_gateway(refusal: Refusal, around: Circumstances) -> bool:
    """Tell whether what answered is known to stand behind the gateway: a proxy on the way has no header of AWS's.

    On this machine there is no proxy on the way.
    """
    return refusal.api in _PASSED_ON or refusal.is_typed_by_header or around.is_local


def is_foreign(sentence: Sentence, around: Circumstances) -> bool:
    """Tell whether IAM's sentence is about another call than ours: another caller, service or API."""
    if around.service not in _SIGNED_FOR:
        return False
    if sentence.service not in {"", around.service}:
        return True
    said, ours = parse_principal(sentence.principal), parse_principal(around.principal)
    if said and ours:
        account = said.account.lstrip("*")
        if (said.type, said.name) != (ours.type, ours.name) or not ours.account.endswith(account):
            return True
    asked = parse_method_arn(sentence.resource)
    host = API_ID.match(around.host) if around.host_region and around.service == "execute-api" else None
    return bool(asked and host and re.fullmatch(r"[a-z0-9]+", asked.api) and asked.api != host["id"])
