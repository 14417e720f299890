"""The commands and options there are: one table for the parser, the help and the near misses."""

from __future__ import annotations

from typing import NamedTuple


class Option(NamedTuple):
    """One option.

    Attributes:
        flags: such as `("-o", "--out")`; the last is the name it is stored under.
        value: what stands for its value in the help; empty for one that takes none.
        told: what it does, one line.
        many: whether it may stand several times.
    """

    flags: tuple[str, ...]
    value: str
    told: str
    many: bool = False

    @property
    def shown(self) -> str:
        """How it is written."""
        return ", ".join(self.flags) + (f" {self.value}" if self.value else "")


class Command(NamedTuple):
    """One line command.

    Attributes:
        name: the word after `%apigw`; empty for `%apigw` alone.
        usage: what follows it.
        told: what it does, one line.
        options: what it takes.
        arguments: how many words it takes at most.
        takes_cell: whether it stands above a cell, with two percent signs, and never alone.
    """

    name: str
    usage: str
    told: str
    options: tuple[Option, ...] = ()
    arguments: int = 0
    takes_cell: bool = False

    @property
    def title(self) -> str:
        """How it is written, without its options."""
        return f"{'%%' if self.takes_cell else '%'}apigw {self.name}".rstrip()


_SENDING_OPTIONS = (
    Option(("-o", "--out"), "NAME", "put the value into NAME and show the status line only"),
    Option(("--as",), "NAME[,NAME]", "use that connection, this once; of several: one frame"),
)

_ANSWER_OPTIONS = (
    Option(("--query",), "JMESPATH", "apply this to the JSON first: 'items[?total > `50`]'"),
    Option(("--records",), "PATH", "where the rows are: result.items; of rows in rows: orders[].lines[]"),
    Option(("--dates",), "", "turn columns of full date-times into datetime64"),
    Option(("--json",), "", "show the parsed JSON as a tree, and give it back"),
    Option(("--raw",), "", "give back the Response instead of a DataFrame"),
    Option(("--save",), "FILE", "write the rows (.parquet .csv .ndjson .json) or the content there"),
    Option(("--force",), "", "let --save replace a file"),
    Option(("--expect",), "STATUS[/TYPE]|denied", "pass with this answer, fail without it: 403/AccessDeniedException"),
    Option(("--timeout",), "SECONDS", "wait that long for each part of the answer (30)"),
    Option(("--dry-run",), "", "show what would be sent and what is signed of it; send nothing"),
    Option(("--yes",), "", "on a protected connection: send a method that may change something"),
    Option(("-q", "--quiet"), "", "show no status line"),
    Option(("-v", "--verbose"), "", "show the headers, and all that is known of a refusal"),
)

REQUEST_OPTIONS = (
    *_SENDING_OPTIONS,
    Option(("-H", "--header"), "'Name: value'", "add a header field (may stand several times)", many=True),
    Option(("-d", "--data"), "CONTENT", "send this content: '{{ expr }}' or JSON on one line"),
    Option(("--no-vars",), "", "take {{ }} as it stands: nothing is inserted"),
    *_ANSWER_OPTIONS,
)

CONNECT_OPTIONS = (
    Option(("--role",), "ARN|NAME", "the role to assume; a name is one of the base identity's account"),
    Option(("--profile",), "NAME", "the AWS profile to start from; else what boto3 finds"),
    Option(("--via",), "ARN|NAME", "a role on the way to it (may stand several times)", many=True),
    Option(("--name",), "NAME", "call the connection that; else the role, the profile or the API id"),
    Option(("--region",), "REGION", "the API's Region, where the host does not name it"),
    Option(("--service",), "NAME", "what is signed for, where the host does not name it (execute-api)"),
    Option(("--external-id",), "ID", "the external ID that the role's trust policy wants"),
    Option(("--mfa-serial",), "ARN", "the MFA device; its code is asked for, when the first role is assumed"),
    Option(("--duration",), "SECONDS", "how long the role session lasts before it is renewed (3600)"),
    Option(("--session-name",), "NAME", "the role session's name, as CloudTrail shows it (user@host)"),
    Option(("--source-identity",), "NAME", "who is behind the session, as CloudTrail shows it"),
    Option(("--tag",), "KEY=VALUE", "a session tag (may stand several times)", many=True),
    Option(("--policy",), "FILE", "a session policy, or '{{ expr }}': the session may do what both allow"),
    Option(("--policy-arn",), "ARN", "a managed policy, likewise (may stand several times)", many=True),
    Option(("--api-key",), "'{{ expr }}'", "sent with every request, as x-api-key"),
    Option(("--header",), "'Name: value'", "sent with every request (may stand several times)", many=True),
    Option(("--sts-endpoint",), "URL", "ask this STS instead of AWS's"),
    Option(("--timeout",), "SECONDS", "wait that long for each part of an answer (30)"),
    Option(("--protected",), "", "methods that may change something then need --yes"),
)

AGAIN_OPTIONS = (*_SENDING_OPTIONS, *_ANSWER_OPTIONS)

HISTORY_OPTIONS = (Option(("-n",), "N", "the last N requests only"),)

ACCESS_OPTIONS = (
    Option(("--send",), "", "send what may change something, too, instead of asking IAM"),
    Option(("-o", "--out"), "NAME", "put the table into NAME and show the status line only"),
    Option(("--yes",), "", "on a protected connection: send a method that may change something"),
    Option(("-q", "--quiet"), "", "show no status line"),
)

DEMO_OPTIONS = (Option(("--endpoint",), "URL", "use the MiniStack that runs there, on this machine"),)

REQUEST = Command("", "[METHOD] target", "send a request", REQUEST_OPTIONS, arguments=2)

AGAIN = Command("again", "", "send the last request once more, as someone else if wanted", AGAIN_OPTIONS)

ACCESS = Command(
    "access",
    "[NAME …]",
    "try request lines as every connection: who may do what",
    ACCESS_OPTIONS,
    arguments=1000,
    takes_cell=True,
)

COMMANDS = (
    Command("", "", "show the connections"),
    Command(
        "connect",
        "[URL|NAME]",
        "connect; without URL to the current one, as another role",
        CONNECT_OPTIONS,
        arguments=1,
    ),
    Command("use", "NAME", "make that connection the current one", arguments=1),
    Command("close", "NAME", "forget that connection and its credentials", arguments=1),
    Command("whoami", "[NAME]", "ask STS who signs, and show how the credentials came about", arguments=1),
    Command("renew", "[NAME]", "log in again: base credentials, MFA code, roles", arguments=1),
    AGAIN,
    ACCESS,
    Command("history", "[-n N]", "give back this kernel's requests as a DataFrame", HISTORY_OPTIONS),
    Command("last", "", "give back the last Response, failed or not"),
    Command("demo", "[stop]", "start a local AWS account with an API to try all this on", DEMO_OPTIONS, arguments=1),
    Command("help", "[COMMAND]", "show this, or one command; also -h", arguments=1),
)

_EXAMPLES = """\
Send signed requests to an API Gateway with IAM authorisation; get DataFrames back.

    %apigw connect https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod --role reader
    %apigw GET /orders
    orders = %apigw /orders?status=open

    %%apigw -o created --as writer
    POST /orders
    {"customer": "C-07", "total": {{ total }}}

    %%apigw --expect denied
    DELETE /orders/A-1001

    %%apigw access
    GET /orders
    DELETE /orders/A-1001

No AWS account at hand? %apigw demo starts a local one.
"""

_CELL = """\
A cell is one HTTP request: # comments, METHOD target, lines with ?more=query or &more=query,
Name: value headers, then content after a blank line or from a line that starts with { or [.
{{ expr }} inserts a Python value, encoded for where it stands; a line < path sends a file.
A line that ends in ? asks IPython for help and is not sent.
%apigw COMMAND -h shows one command; %config ApigwMagics shows settings: timeout, quiet, profile, …
"""


def help_text(name: str | None = None) -> str:
    """Return examples, then every command and option; of one command where it is named.

    Args:
        name: of a command; None for all.
    """
    for command in COMMANDS:
        if command.name and command.name == name:
            title = f"{command.title} {command.usage}".rstrip()
            told = f"{title}\n    {command.told}\n"
            return f"{told}\n{_table(_rows(command.options))}" if command.options else told
    commands = [(f"{command.title} {command.usage}".strip(), command.told) for command in COMMANDS]
    commands.insert(1, ("%apigw [METHOD] target [options]", "send a request without content, or with -d"))
    commands.insert(2, ("%%apigw [options] [METHOD target]", "send the request that the cell is"))
    sections = (
        ("Commands", commands),
        ("Options of a request", _rows(REQUEST_OPTIONS)),
        ("Options of connect", _rows(CONNECT_OPTIONS)),
        ("Options of access", _rows(ACCESS_OPTIONS)),
        ("Options of history", _rows(HISTORY_OPTIONS)),
        ("Options of demo", _rows(DEMO_OPTIONS)),
    )
    return "\n".join((_EXAMPLES, *(f"{title}:\n{_table(rows)}" for title, rows in sections), _CELL))


def _rows(options: tuple[Option, ...]) -> list[tuple[str, str]]:
    return [(option.shown, option.told) for option in options]


def _table(rows: list[tuple[str, str]]) -> str:
    width = max(len(left) for left, _ in rows)
    return "".join(f"  {left:<{width}}  {right}\n" for left, right in rows)
