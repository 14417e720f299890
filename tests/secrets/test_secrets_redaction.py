"""What takes secrets out of the texts of others: in every spelling that the search knows, and nothing beside them."""

from __future__ import annotations

import pytest

from apigw_magic.identity import redact
from apigw_magic.identity.redaction import redact_likely
from apigw_magic.models import REDACTED
from tests.secrets.canaries import LONG, SHAPES, SPELLINGS, Canaries
from tests.text.steps import count_steps

_ARN = f"arn:aws:sts::111122223333:assumed-role/{'team/' * 12}reader-of-all-that-is-there/ana@notebook"


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if not name.startswith("colours")])
def test_every_spelling_is_taken_out(spelling: str) -> None:
    """Whatever a server makes of a secret, nothing of it is left, and all else stays."""
    canaries = Canaries(spelling)
    for kind in LONG:
        secret = canaries.make(kind)
        shown = redact(f"before it: {SPELLINGS[spelling](secret)} ; behind it: 100% \\o/ &co;", [secret])
        assert canaries.find(shown) == []
        assert shown.startswith("before it: ")
        assert shown.endswith(" ; behind it: 100% \\o/ &co;")
        assert shown.count(REDACTED) == 1


def test_what_was_cut_off_is_taken_out() -> None:
    """The start of a secret is taken out where a server cut the rest off; another text that begins alike is not."""
    secret = Canaries("cut").make("session token of a role session")
    shown = redact(f"token={secret[:100]} other={secret[:12]}", [secret])
    assert shown == f"token={REDACTED} other={secret[:12]}"


def test_several_secrets_and_several_times() -> None:
    """Each is taken out each time, also where one is a part of another or follows at once."""
    one, two = "first/secret+of+all", "second&secret<of>all"
    shown = redact(f"{one}{two} a {two}%20{one} b {one} c first secret of all", [one, two, one[:9]])
    assert shown == f"{REDACTED}{REDACTED} a {REDACTED}%20{REDACTED} b {REDACTED} c first secret of all"


@pytest.mark.parametrize(
    "text",
    [
        '{"message": "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: execute-api:Invoke"}',
        "100% of \\n lines &amp; more: https://example.com/?a=%20b&c=%zz \\u00e9 \\ud83d\\ude00 &nbsp; caf\xe9 \x1b[0m",
        "",
    ],
)
def test_what_holds_no_secret_stays(text: str) -> None:
    """A text without a secret is given back as it is, escapes and all."""
    assert redact(text, [Canaries("none").make(kind) for kind in SHAPES]) == text


def test_a_large_answer_takes_no_more_than_its_share() -> None:
    """Two megabytes of escapes take four times what half a megabyte takes."""
    secrets = [Canaries("large").make(kind) for kind in SHAPES]
    text = '{"a": "x\\ny%20z &amp; \\u0041"}, ' * 60_000
    assert redact(text, secrets) == text
    quarter, whole = (
        count_steps(lambda given: redact(given, secrets), part) for part in (text[: len(text) // 4], text)
    )
    assert whole <= 5 * quarter


@pytest.mark.parametrize(
    "spelling", ["plain", "percent-encoded", "JSON, all of it", "HTML, all of it", "base64", "hex"]
)
def test_what_looks_like_a_secret_is_taken_out(spelling: str) -> None:
    """Of a message of STS or SSO, which may quote what only the SDK knows; the ARNs in it stay."""
    canaries = Canaries(spelling)
    for kind in ("session token of a role session", "signature", "web identity token", "SSO access token"):
        secret = canaries.make(kind)
        shown = redact_likely(f"User {_ARN} sent {SPELLINGS[spelling](secret)} to {_ARN}")
        assert canaries.find(shown) == []
        assert shown.startswith(f"User {_ARN} sent ")
        assert shown.endswith(f" to {_ARN}")


def test_an_mfa_code_is_taken_out() -> None:
    """Six digits that stand alone are taken for one; more or fewer are not."""
    told = "The code 739154 was used; TokenCode=739154, account 111122223333, 43200 s, T123000Z"
    assert redact_likely(told) == told.replace("739154", REDACTED)


@pytest.mark.parametrize(
    "message",
    [
        f"User: {_ARN} is not authorized to perform: sts:AssumeRole on resource: {_ARN}",
        "The security token included in the request is expired",
        "Signature expired: 20260101T120000Z is now earlier than 20260101T121500Z (20260101T123000Z - 15 min.)",
        "Value at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        "Value at 'tags' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
)
def test_what_sts_says_stays(message: str) -> None:
    """ARNs, times, accounts and numbers are no secrets."""
    assert redact_likely(message) == message
