"""The sentence in which IAM refuses: who may not do what on what, and by which kind of policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEAD = re.compile(
    r"(?:You are not authorized to perform this operation[.] ?)?"
    r"(?:(?:User|Role|Principal): ?(?P<principal>\S+) is not|Not) authorized to "
    r"(?:perform:? ?(?P<action>[\w-]+:[\w*]+)|access (?:this|the) resource)",
    re.ASCII,
)
_REASON = re.compile(
    r"\b(?:because (?:no|the) (?P<allows>[\w -]{1,60}?)(?: polic(?:y|ies))? allows?\b"
    r"|with an explicit deny(?: in (?:an?|the) (?P<denies>[\w -]{1,60}?(?: policy| boundary)))?)"
)
_LONGEST = 4_000  # characters: an ARN has 1,600 at most, and stands there once or twice
_THROUGH = re.compile(r" transitively through (?:an? |the )?(?P<named>[\w -]{1,60}?(?: policy| boundary))")
_RESOURCE = re.compile(r" on (?:the )?resources?:? ?(?P<arn>.+)")
_POLICY_ARN = re.compile(r"\barn:[^\s\"')]*[^\s\"').,]")
_AUTHORIZATION_ID = re.compile(r"authorization id: ?(?P<id>\w+)", re.IGNORECASE)
# What may stand below a sentence that gives no reason: a full stop, what an SDK adds, a link.
_TAIL = re.compile(
    r"[.]?(?: ?[(](?:Service|Status Code|Request ID)\b.*)?(?:[.]? ?(?:Go to \S+|Encoded authorization ).*)?"
)

_POLICIES = {
    "identity-based": "identity",
    "resource-based": "resource",
    "service control": "scp",
    "resource control": "rcp",
    "permissions boundary": "boundary",
    "permission boundary": "boundary",
    "session": "session",
    "sessions": "session",
    "vpc endpoint": "vpc-endpoint",
    "role trust": "trust",
    "trust": "trust",
    "network-based": "network",
    "service-based": "service",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What IAM's sentence says.

    Attributes:
        principal: an ARN, or `anonymous`; empty if it is not told.
        action: such as `execute-api:Invoke`; empty if it is not told.
        resource: an ARN; empty if it is not told.
        effect: `explicit` for a Deny, `implicit` where nothing allows it.
        policy: the kind of policy; empty if the sentence names none.
        unknown: the kind of policy as named, where it is none that is known here; empty else.
        through: the kind of policy by way of which it counts, where the sentence says so; empty else.
        policy_arn: the policy's; empty if it is not told.
        authorization_id: empty if it is not told.
    """

    principal: str
    action: str
    resource: str
    effect: str
    policy: str = ""
    unknown: str = ""
    through: str = ""
    policy_arn: str = ""
    authorization_id: str = ""

    @property
    def service(self) -> str:
        """The prefix of the action."""
        return self.action.partition(":")[0]


def parse_sentence(words: str, *, is_anywhere: bool = False) -> Sentence | None:
    """Parse IAM's sentence out of one line; None if the line is not that and nothing else.

    Args:
        words: of the refusal, as one line.
        is_anywhere: whether other words may stand around it, as an API's owner has put them there.
    """
    head = (_HEAD.search if is_anywhere else _HEAD.match)(words[:_LONGEST])
    if head is None:
        return None
    if is_anywhere and head.start():
        words = words[head.start() :].partition('"')[0]
        return parse_sentence(words)
    rest = words[head.end() : _LONGEST]
    reason = next(reversed([*_REASON.finditer(rest)]), None)  # the last one: a path may have words like it
    if reason is None and len(words) > _LONGEST:
        return None
    asked = rest[: reason.start()].rstrip(" .,") if reason else rest
    below = rest[reason.end() :] if reason else ""
    resource, tail = _split_resource(asked, is_whole=reason is not None)
    if not _TAIL.fullmatch(tail):
        return None
    named = ((reason["allows"] or reason["denies"] or "") if reason else "").lower()
    policy = _name_policy(named)
    through = _THROUGH.match(below)
    authorization_id = _AUTHORIZATION_ID.search(below or asked)
    policy_arn = _POLICY_ARN.search(below)
    is_explicit = reason is not None and not reason["allows"]
    if is_explicit and not named and not _TAIL.fullmatch(below):
        return None
    return Sentence(
        principal=head["principal"] or "",
        action=head["action"] or "",
        resource=resource,
        effect="explicit" if is_explicit else "implicit",
        policy=policy,
        unknown="" if policy else named,
        through=_name_policy(through["named"]) if through else "",
        policy_arn=policy_arn[0] if policy_arn else "",
        authorization_id=authorization_id["id"] if authorization_id else "",
    )


def _name_policy(named: str) -> str:
    return _POLICIES.get(named.lower().removesuffix(" policy").strip(), "")


def _split_resource(asked: str, *, is_whole: bool) -> tuple[str, str]:
    """Return the resource, and what stands below it.

    Args:
        asked: what stands between the action and the reason.
        is_whole: whether a reason follows: then all of it is the resource, spaces and all.
    """
    match = _RESOURCE.match(asked)
    if match is None:
        return "", asked
    arn = match["arn"].strip()
    if is_whole:
        return arn.strip("\"'"), ""
    first, space, more = arn.partition(" ")
    return first.rstrip(".").strip("\"'"), f"{space}{more}"
