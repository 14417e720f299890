"""What is known of a refusal: a row of the catalogue, and whether it fits an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic.denials.provenance import Provenance

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from apigw_magic.denials.sentence import Sentence
    from apigw_magic.models import Refusal

# Actions whose refusals have rows of their own: for them no row of API Gateway counts.
_OWN_SERVICES = frozenset({"sts", "vpc-lattice-svcs"})
_ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Says:
    """What IAM's sentence has to say for a row to fit.

    Attributes:
        policies: kinds of policy, an empty string for none that is named; empty for any.
        effect: `explicit` or `implicit`; empty for both.
        service: the prefix of the action; empty for any that has no rows of its own.
        action: the action; empty for any.
        anonymous: whether the caller is anonymous.
    """

    policies: frozenset[str] = frozenset()
    effect: str = ""
    service: str = ""
    action: str = ""
    anonymous: bool = False

    def is_said(self, sentence: Sentence) -> bool:
        """Tell whether a sentence says this."""
        if self.anonymous != (sentence.principal == _ANONYMOUS) and not self.service:
            return False
        if self.service:
            if sentence.service != self.service:
                return False
        elif sentence.service in _OWN_SERVICES:
            return False
        policy = sentence.through if self.service and sentence.through else sentence.policy
        if self.policies and (policy not in self.policies or (not policy and sentence.unknown)):
            return False
        return self.effect in {"", sentence.effect} and self.action in {"", sentence.action}


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says, read in all ways that rows ask for.

    Attributes:
        refusal: as read from the answer.
        words: its text as one line, as much of it as rows are searched for.
        sentence: IAM's, as parsed from it; None if it has none.
        api: who wrote it, by the answer or by the host that was asked; empty if neither tells.
        provenance: who said no.
        is_sure: whether what answered is known to stand behind the gateway, if it is not the gateway.
    """

    refusal: Refusal
    words: str
    sentence: Sentence | None
    api: str
    provenance: Provenance
    is_sure: bool


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """One row of the catalogue.

    Attributes:
        kind: its id.
        meaning: what it is, in a line.
        status_codes: of the answers it is seen in; empty for any.
        error_types: the `x-amzn-ErrorType` values it is seen with; an empty string stands for none.
        pattern: searched in the text; its groups fill the words below.
        says: what IAM's sentence says; None for a row of other words.
        form: what is known by the answer's form, such as `backend 4xx`; empty for a row of words.
        apis: who writes it: as `Refusal.api`, or `gateway` for REST and HTTP APIs' host; empty for any.
        typed: whether its words are too common to be known without the error type.
        by_type: the types that are enough to know it, where no row has the words.
        common: whether others use the same words: without a type the answer has to be in the gateway's form, at least.
        strict: whether an answer without an error type has to show by something else that it is of one of `apis`.
        about: where the fault lies, as in `Explanation`.
        policy: the kind of policy, where the sentence does not name it.
        effect: likewise.
        allowed: whether the caller was let through, as in `Explanation`.
        ran: whether the backend has run, as in `Explanation`.
        grant: whose policy would allow it: `identity`, `resource`, …; empty for none.
        summary: what happened; `{who}` and `{request}` are filled in.
        unsure: what happened, as far as it is known, where what answered may not stand behind the gateway.
        cause: why; empty where the refusal's own words tell it best.
        remedy: the next step.
        causes: all causes, the likeliest first; empty for the one.
        sources: where this is known from.
        confidence: how well, as in `Explanation`.
        file: where the row stands.
    """

    kind: str
    meaning: str
    status_codes: tuple[int, ...]
    error_types: tuple[str, ...]
    pattern: re.Pattern[str]
    says: Says | None
    form: str
    apis: frozenset[str]
    typed: bool
    strict: bool
    by_type: frozenset[str]
    common: bool
    about: str
    policy: str
    effect: str
    allowed: bool | None
    ran: str
    grant: str
    summary: str
    unsure: str
    cause: str
    remedy: str
    causes: tuple[str, ...]
    sources: tuple[str, ...]
    confidence: str
    file: str

    def match(self, said: Said, *, is_status_free: bool = False) -> bool:
        """Tell whether the row fits by status, error type, who wrote it, and words.

        Args:
            said: what the answer says.
            is_status_free: whether the status counts by its class alone, but the type has to be told: authors of an
                API change the status of the gateway's answers, and not the type.
        """
        if not self._fits(said, is_status_free=is_status_free):
            return False
        if self.says is not None:
            return said.sentence is not None and self.says.is_said(said.sentence)
        match = self.pattern.search(said.words)
        if match is None or said.refusal.error_type:
            is_stss = said.api == "sts" or said.refusal.error_type in self.by_type
            return match is not None and (self.file != "sts" or is_stss)
        return bool(match.groupdict().get("sure")) or self._is_known_untyped(said)

    def _is_known_untyped(self, said: Said) -> bool:
        """Tell whether its words are known without a type: nobody else uses them, or it is known who does."""
        if self.typed or not said.words or (self.file == "sts" and said.api != "sts"):
            return False
        is_theirs = said.api in self.apis if self.strict else said.provenance is not Provenance.UNKNOWN
        return is_theirs or not (self.strict or self.common)

    def _fits(self, said: Said, *, is_status_free: bool) -> bool:
        """Tell whether the row fits but for its words."""
        error_type, status = said.refusal.error_type, said.refusal.status_code
        if is_status_free:
            is_status = bool(error_type) and status // 100 in {known // 100 for known in self.status_codes}
        else:
            is_status = not self.status_codes or status in self.status_codes
        is_type = not error_type or error_type in self.error_types
        is_api = not (self.apis and said.api) or said.api in self.apis
        return is_status and is_type and is_api

    def match_type(self, said: Said, *, is_status_free: bool = False) -> bool:
        """Tell whether the row fits by its type alone, whatever the words.

        Args:
            said: what the answer says.
            is_status_free: as for `match`.
        """
        error_type = said.refusal.error_type
        if not error_type or not self._fits(said, is_status_free=is_status_free):
            return False
        if said.api == "sts":
            return self.file == "sts" and error_type in self.error_types and self.pattern.search("") is not None
        is_gateways = self.file in {"gateway", "backend"}
        is_told = said.refusal.is_typed_by_header and (said.refusal.api != "aws" or said.api == "gateway")
        if self.file == "sts" and self.pattern.search("") is None:
            return False
        return error_type in self.by_type and (is_told or not is_gateways)

    def find_groups(self, words: str) -> Mapping[str, str]:
        """Return what the pattern's groups find in the words."""
        match = self.pattern.search(words)
        return {name: text or "" for name, text in match.groupdict().items()} if match else {}
