"""Explains an answer that says no: finds the row of the catalogue that it is, and fills in who, what and where."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from apigw_magic.denials.catalogue import load_catalogue
from apigw_magic.denials.evidence import weigh
from apigw_magic.denials.granting import grant
from apigw_magic.denials.known import KnownRefusal, Said
from apigw_magic.denials.provenance import Provenance, is_behind_gateway, is_foreign, tell_provenance
from apigw_magic.denials.reading import to_line
from apigw_magic.denials.sentence import parse_sentence
from apigw_magic.models import Circumstances, Explanation, parse_principal

if TYPE_CHECKING:
    from apigw_magic.models import Refusal

NOTHING_KNOWN = Circumstances()
"""Of an answer from anywhere nothing is known beside itself."""

_SEARCHED = 2_000  # characters: what is known of refusals is short, and stands at the top of a page
_SENTENCE = "is not authorized to perform"  # in the words of one that is not known the type explains nothing
_FIRST_CLIENT_ERROR, _FIRST_SERVER_ERROR = 400, 500

# The gateway has no answer of its own with these: what stands behind it must have written them (RFC 9110 §15.5, RFC
# 6585, RFC 4918). Proxies have some of the others, 407 and 421 among them.
_BACKENDS_OWN = frozenset({402, 405, 406, 409, 410, 411, 412, 416, 417, 418, 422, 423, 424, 425, 428, 451, 501, 507})

_LOOK = "Look who answers: the backend, or a proxy on the way."

_APIS = {
    "appsync": "appsync",
    "execute-api": "gateway",
    "lambda": "lambda-url",
    "sts": "sts",
    "vpc-lattice-svcs": "vpc-lattice",
}


def explain(refusal: Refusal, around: Circumstances = NOTHING_KNOWN) -> Explanation:
    """Explain a refusal; one that is not known is shown, never guessed.

    Args:
        refusal: as read from the answer.
        around: what is known beside the answer.
    """
    words = refusal.words
    api = _tell_api(refusal, around)
    sentence = parse_sentence(words, is_anywhere=refusal.is_typed_by_header)
    provenance = tell_provenance(refusal, sentence, around, api)
    said = Said(refusal, words[:_SEARCHED], sentence, api, provenance, is_behind_gateway(refusal, around))
    known = _find(said, around)
    told = _tell_unknown(said, around) if known is None else _tell_known(known, said, around)
    told = weigh(told, refusal, around)
    return grant(told, around, known.grant, said.api) if known else told


def _tell_api(refusal: Refusal, around: Circumstances) -> str:
    """Tell who answers, by the answer or by what was asked; empty if it may be any service.

    A host of the user's own is signed for as `execute-api`, whatever it is.
    """
    if refusal.api not in {"", "aws"}:
        return refusal.api
    is_told = around.host_region or around.service != "execute-api"
    return _APIS.get(around.service, "") if is_told else ""


def _find(said: Said, around: Circumstances) -> KnownRefusal | None:
    """Find the first row that fits: by words and status, else by words and type, else by type, else by the form."""
    rows = load_catalogue()
    if said.provenance is not Provenance.BACKEND:
        for is_status_free in (False, True):
            for row in rows:
                if row.match(said, is_status_free=is_status_free):
                    return row
        for is_status_free in (False, True):
            for row in rows:
                if _SENTENCE not in said.words and row.match_type(said, is_status_free=is_status_free):
                    return row
    form = _tell_form(said, around)
    return next((row for row in rows if form and row.form == form), None)


def _tell_form(said: Said, around: Circumstances) -> str:
    """Tell whether an answer is the backend's own; an empty string where that is not sure."""
    refusal = said.refusal
    if refusal.form in {"lambda error", "graphql errors"}:
        return refusal.form
    if refusal.status_code < _FIRST_CLIENT_ERROR:
        return ""
    is_backend = said.provenance is Provenance.BACKEND
    if is_backend and said.sentence and (is_foreign(said.sentence, around) or said.sentence.service != "execute-api"):
        return "backend denied"
    is_passed_on = refusal.api in {"rest", "http", "aws"} and not refusal.error_type
    if not (is_backend or is_passed_on or (refusal.status_code in _BACKENDS_OWN and not refusal.error_type)):
        return ""
    return "backend 4xx" if refusal.status_code < _FIRST_SERVER_ERROR else "backend 5xx"


def _tell_known(known: KnownRefusal, said: Said, around: Circumstances) -> Explanation:
    refusal, sentence = said.refusal, said.sentence
    if known.form.startswith("backend"):
        sentence = None  # who may not do what there is nobody that we know
    blank = _tell_unknown(replace(said, sentence=sentence), around)
    is_unsure = bool(known.unsure) and not said.is_sure
    found = dict(known.find_groups(said.words))
    words = defaultdict(str, {name: to_line(text) for name, text in found.items()})
    kind = _name_kind(blank.principal) or _name_kind(around.principal) or "caller"
    who = _name_role(blank, around) if known.file == "sts" else _name_who(blank, around)
    words |= {"who": who, "request": _name_request(blank, around), "kind": kind}
    words |= {"principal": blank.principal or "the caller", "action": blank.action or "it", "resource": blank.resource}
    # A method's ARN is long, and as good as the request's own line: it stands in the details. A role's is short.
    words |= {"on": f" on {blank.resource}" if blank.resource and known.file == "sts" else ""}
    words |= _name_other(said)
    words |= {"policy": f": {blank.policy_arn}" if blank.policy_arn else ""}
    return replace(
        blank,
        kind=known.kind,
        summary=_say(f"{_head(refusal)}: {(known.unsure if is_unsure else known.summary).format_map(words)}"),
        cause=known.cause.format_map(words) or to_line(refusal.message),
        remedy=_LOOK if is_unsure and known.about == "backend" else known.remedy.format_map(words),
        about="" if is_unsure else known.about,
        policy=known.policy or blank.policy,
        effect=known.effect or (blank.effect if known.says else ""),
        allowed=None if is_unsure else known.allowed if sentence is None or known.allowed is not None else False,
        ran="maybe" if is_unsure and known.ran == "yes" else known.ran,
        causes=tuple(cause.format_map(words) for cause in known.causes),
        sources=known.sources,
        confidence=known.confidence,
    )


def _tell_unknown(said: Said, around: Circumstances) -> Explanation:
    """Tell what stands in the answer, and nothing else."""
    refusal, sentence = said.refusal, said.sentence
    told = Explanation(
        kind="unknown",
        summary=f"{_head(refusal)}: this answer{_of(around)} is not known.",
        cause=refusal.message,
        remedy="",
        error_type=refusal.error_type,
        message=refusal.message,
        principal=around.principal,
        status_code=refusal.status_code,
    )
    if sentence is None:
        return told
    return replace(
        told,
        principal=to_line(sentence.principal) or around.principal,
        action=to_line(sentence.action),
        resource=to_line(sentence.resource),
        policy=(sentence.through if sentence.service == "sts" else "") or sentence.policy,
        effect=sentence.effect,
        policy_arn=to_line(sentence.policy_arn),
        authorization_id=sentence.authorization_id,
        allowed=False,
    )


def _say(line: str) -> str:
    return line.replace("may not this", "may not make this")


def _name_other(said: Said) -> dict[str, str]:
    """Name who was refused what behind the gateway."""
    if said.sentence is None:
        return {}
    who = parse_principal(said.sentence.principal)
    other = f"{who.noun} {to_line(who.label)}".strip() if who else "role"
    return {"other": other, "others_action": to_line(said.sentence.action) or "do that"}


def _of(around: Circumstances) -> str:
    return f" to {around.request} as {around.who}" if around.request and around.who else ""


def _name_kind(principal: str) -> str:
    """Name what was refused: role, user, permission set; an empty string where it is not known."""
    who = parse_principal(principal)
    return who.noun if who else ""


def _name_who(told: Explanation, around: Circumstances) -> str:
    """Name who was refused: the connection, else what the answer says."""
    who = parse_principal(told.principal)
    return around.who or (f"{who.noun} {to_line(who.label)}".strip() if who else "the caller")


def _name_role(told: Explanation, around: Circumstances) -> str:
    """Name the role that STS was asked for: the connection's, else the answer's."""
    asked = parse_principal(told.resource)
    return around.who or (f"role {to_line(asked.name)}" if asked else "the role")


def _name_request(told: Explanation, around: Circumstances) -> str:
    """Name what was refused: the request, else the method and path of the ARN that the answer names."""
    return around.request or (f"{told.method} {told.path}" if told.method else "this request")


def _head(refusal: Refusal) -> str:
    if refusal.error_type:
        return f"{refusal.status_code} {refusal.error_type}" if refusal.status_code else refusal.error_type
    try:
        return f"{refusal.status_code} {HTTPStatus(refusal.status_code).phrase}"
    except ValueError:
        return str(refusal.status_code)
