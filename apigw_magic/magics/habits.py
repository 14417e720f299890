"""What people write out of habit, from requests, curl, a shell or the AWS CLI, and what is written here instead."""

from __future__ import annotations

_QUERY = "Query values stand in the target: /orders?status=open&limit=5"
_ROLE = "For one request: --as NAME. A new role: %apigw connect --role NAME"
_CONTENT = "Content stands in the cell, or after -d: -d '{{ order }}'"
_SAVE = "A file is written by --save FILE"

_OPTIONS = {
    "--params": _QUERY,
    "--param": _QUERY,
    "--limit": _QUERY,
    "--filter": _QUERY,
    "--role": _ROLE,
    "--profile": _ROLE,
    "--region": "The Region belongs to the connection: %apigw connect URL --region REGION",
    "--body": _CONTENT,
    "--content": _CONTENT,
    "--method": "The method stands before the target: %apigw GET /orders",
    "-X": "The method stands before the target: %apigw GET /orders",
    "--request": "The method stands before the target: %apigw GET /orders",
    "--headers": "A header stands after -H: -H 'Accept: text/csv'",
    "--output": "A variable: -o NAME. A file: --save FILE",
    "--stop": "Write %apigw demo stop",
}

_LIST = "%apigw alone lists the connections."
_CLOSE = "Write %apigw close NAME"

_COMMANDS = {
    "as": "It is an option: %apigw GET /orders --as NAME",
    "assume": "Write %apigw connect --role NAME",
    "connections": _LIST,
    "disconnect": _CLOSE,
    "exit": _CLOSE,
    "list": _LIST,
    "login": "Write %apigw connect URL, or %apigw renew to log in again",
    "logout": _CLOSE,
    "ls": _LIST,
    "quit": _CLOSE,
    "retry": "Write %apigw again",
    "start": "Write %apigw demo",
    "status": _LIST,
    "stop": "Write %apigw demo stop",
    "switch": "Write %apigw use NAME",
}


def mend_option(flag: str) -> str:
    """Return what is written instead of an option that does not exist; empty if it is no habit that is known."""
    return _OPTIONS.get(flag, "")


def mend_command(word: str) -> str:
    """Return what is written instead of a command that does not exist; empty if it is no habit that is known."""
    return _COMMANDS.get(word.lower(), "")


def mend_word(word: str) -> str:
    """Return what is written instead of a word that has no place on a line; empty if it is no habit that is known."""
    name, equals, _ = word.partition("=")
    if equals and name in {"params", "query"}:
        return _QUERY
    if equals and name in {"json", "data", "body"}:
        return _CONTENT
    if word.startswith(">"):
        return _SAVE
    if word.startswith("|"):
        return "Put the frame into a variable, -o orders, and go on with it in the next cell"
    return _CONTENT if word.startswith(("{", "[")) else ""
