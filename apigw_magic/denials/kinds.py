"""Lists the kinds of refusals that are known: `python -m apigw_magic.denials.kinds > apigw_magic/denials/KINDS.md`."""

from __future__ import annotations

import sys

from apigw_magic.denials.catalogue import FILES, load_catalogue

_TITLES = {
    "iam": "In IAM's own sentence: `User: … is not authorized to perform: …`",
    "gateway": "Of API Gateway: authorizers, the signature, what is stopped before IAM, the request, limits",
    "backend": "Behind the gateway",
    "others": "Of Lambda function URLs, VPC Lattice, AppSync, CloudFront and WebSocket clients",
    "sts": "Of STS",
    "sdk": "Of the AWS SDK, before anything is sent",
}
_HEAD = """\
# Kinds of refusals

What `explain(…).kind` may be, and what each means. `unknown` is all else: it is shown, and no cause is guessed.
This page is made from the catalogue: `python -m apigw_magic.denials.kinds`.
"""


def write_kinds() -> str:
    """Return the page, as Markdown."""
    parts = [_HEAD]
    for name in FILES:
        rows = [f"| `{known.kind}` | {known.meaning} |" for known in load_catalogue() if known.file == name]
        parts.append("\n".join((f"\n## {_TITLES[name]}\n", "| kind | what it means |", "|---|---|", *rows, "")))
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(write_kinds())
