"""`python -m benchmarks.explain`: what it costs to explain an answer; fails where the slowest takes 1 ms or more."""

from __future__ import annotations

import json
import sys
from statistics import median
from time import perf_counter_ns

from apigw_magic import explain

_ROUNDS = 2_000
_LIMIT = 1_000.0  # microseconds
_SENTENCE = (
    "User: arn:aws:sts::123456789012:assumed-role/reader/ana is not authorized to perform: execute-api:Invoke on "
    "resource: arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
)
_MISMATCH = "The request signature we calculated does not match the signature you provided."
_ANSWERS = {
    "an early row: a Deny in an identity policy": (
        403,
        {"x-amzn-ErrorType": "AccessDeniedException"},
        {"Message": f"{_SENTENCE} with an explicit deny in an identity-based policy"},
    ),
    "an early row: nothing allows it": (403, {"x-amzn-ErrorType": "AccessDeniedException"}, {"Message": _SENTENCE}),
    "a canonical request of 4 kB": (
        403,
        {"x-amzn-ErrorType": "InvalidSignatureException"},
        {"message": f"{_MISMATCH}\n\nThe Canonical String for this request should have been\n'{'GET /x ' * 600}'"},
    ),
    "the last row": (0, {}, "Cannot refresh credentials: MFA token required"),
    "a backend's own": (409, {"x-amz-apigw-id": "x"}, {"message": "order 7 is closed"}),
    "a page of 100 kB that nobody knows": (502, {"content-type": "text/html"}, "<p>Bad gateway</p>" * 5_500),
}


def main() -> None:
    """Measure, and print microseconds: the median and the 99th percentile of each."""
    slowest = 0.0
    for name, (status, headers, document) in _ANSWERS.items():
        content = document.encode() if isinstance(document, str) else json.dumps(document).encode()
        taken = sorted(_measure(status, headers, content) for _ in range(_ROUNDS))
        middle, late = median(taken), taken[int(0.99 * _ROUNDS)]
        slowest = max(slowest, middle)
        sys.stdout.write(f"{middle:7.0f} µs  (p99 {late:5.0f} µs)  {name}\n")
    if slowest >= _LIMIT:
        sys.exit(f"The slowest takes {slowest:.0f} µs.")


def _measure(status: int, headers: dict[str, str], content: bytes) -> float:
    started = perf_counter_ns()
    explain(status, headers, content)
    return (perf_counter_ns() - started) / 1_000


if __name__ == "__main__":
    main()
