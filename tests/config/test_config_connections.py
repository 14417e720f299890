"""What a table says is a connection, and everything else is refused without its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from apigw_magic.config import ConfiguredConnection, find_connection, list_names
from apigw_magic.errors import CommandError

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
LEAK = "wJalrXUtnFEMI-EXAMPLEKEY"  # stands in values alone, and so in no message

READER = f'[tool.apigw_magic.connections.reader]\nurl = "{URL}"\n'
IN_READER = "[tool.apigw_magic.connections.reader] "
KEYS = (
    "It takes url, profile, role, region, service, via, external-id, mfa-serial, duration, session-name, "
    "source-identity."
)
SHARED = "Secrets do not belong into this file, which others read."
PLACES = 'Take it out: AWS credentials belong into a profile (profile = "…"), other secrets as {{ }} into the notebook.'
CODE = "Secrets do not belong into this file, and an MFA code is good for one login."
DEVICE = 'Take it out, and name the device: mfa-serial = "…"'
SENT = "The base credentials would be sent to where a file says."
ON_THE_LINE = "Take it out, and write it on the line: %apigw connect NAME --sts-endpoint URL"
TABLE = 'Write [tool.apigw_magic.connections.NAME], and below it url = "https://…"'
URL_LIKE = 'Write url = "https://API.execute-api.REGION.amazonaws.com/STAGE"'
SIGNS = "Write letters, digits and - _ . @ without spaces."
ARNS = ' = ["arn:aws:iam::123456789012:role/NAME"]'


def write(folder: Path, text: str) -> Path:
    """Write a folder's file, and return its path."""
    path = folder / "pyproject.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_least(tmp_path: Path) -> None:
    """A URL is enough; what is not said is None."""
    path = write(tmp_path, READER)
    assert find_connection("reader", tmp_path) == ConfiguredConnection("reader", path, URL)


@pytest.mark.parametrize("dash", ["-", "_"])
def test_all(tmp_path: Path, dash: str) -> None:
    """Every key, with a dash as the options have it or with an underscore."""
    text = """
        profile = "work"
        role = "reader"
        region = "eu-west-1"
        service = "execute-api"
        via = ["arn:aws:iam::123456789012:role/hub", "arn:aws:iam::210987654321:role/spoke"]
        external~id = "42"
        mfa~serial = "arn:aws:iam::123456789012:mfa/ann"
        duration = 3600
        session~name = "ann@laptop"
        source~identity = "ann"
    """
    path = write(tmp_path, READER + text.replace("~", dash))
    assert find_connection("reader", tmp_path) == ConfiguredConnection(
        name="reader",
        path=path,
        url=URL,
        profile="work",
        role="reader",
        region="eu-west-1",
        service="execute-api",
        via=("arn:aws:iam::123456789012:role/hub", "arn:aws:iam::210987654321:role/spoke"),
        external_id="42",
        mfa_serial="arn:aws:iam::123456789012:mfa/ann",
        duration=3600,
        session_name="ann@laptop",
        source_identity="ann",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("[project]\nname = 'x'\n[tool.ruff]\nline-length = 120", ()),
        ("[tool]", ()),
        ("[tool.apigw_magic]", ()),
        ("[tool.apigw_magic.connections]", ()),
        ("[tool.apigw]\nurl = 'of another program'", ()),
        ("[tool.apigw_magic.connections]\nb = {url = 'u'}\na = {url = 'u'}", ("b", "a")),
        ("[tool]\napigw_magic.connections.reader.url = 'u'", ("reader",)),
        ("[tool.apigw_magic.connections.'my.api@prod-1_x']\nurl = 'u'", ("my.api@prod-1_x",)),
        ("[tool.apigw_magic.connections.'müller']\nurl = 'u'", ("müller",)),
        ("[tool.apigw_magic.connections.'注文']\nurl = 'u'", ("注文",)),
        ("[tool.apigw_magic.connections.token]\nurl = 'u'", ("token",)),
        ("[tool.apigw_magic.connections.7]\nurl = 'u'", ("7",)),
        (f"{READER}'external-id' = 'a quoted key'", ("reader",)),
        (f"{READER}via = []", ("reader",)),
        (READER.replace("\n", "\r\n"), ("reader",)),
    ],
)
def test_names(tmp_path: Path, text: str, names: tuple[str, ...]) -> None:
    """Names come in the order of the file; a file without our table has none, and that is no error."""
    write(tmp_path, text)
    assert list_names(tmp_path) == names
    assert [found.name for name in names if (found := find_connection(name, tmp_path))] == list(names)


@pytest.mark.parametrize("name", ["Reader", "reade", "", "url", "reader.url", "connections", "../reader", "re\nader"])
def test_names_match_exactly(tmp_path: Path, name: str) -> None:
    """Another name is not found, whatever it is."""
    write(tmp_path, READER)
    assert find_connection(name, tmp_path) is None


@pytest.mark.parametrize("value", ["{{ role }}", "${ROLE}", "$ROLE", "~/role", "%(role)s", " spaces "])
def test_values_are_text_as_written(tmp_path: Path, value: str) -> None:
    """Nothing is expanded in a value, and nothing is cut from it."""
    write(tmp_path, f"{READER}role = '{value}'")
    found = find_connection("reader", tmp_path)
    assert found is not None
    assert found.role == value


def test_url_is_judged_elsewhere(tmp_path: Path) -> None:
    """What the URL is good for, the connection says, as of one that was typed."""
    write(tmp_path, READER.replace(URL, "ftp://user@nowhere"))
    found = find_connection("reader", tmp_path)
    assert found is not None
    assert found.url == "ftp://user@nowhere"


BAD: tuple[tuple[str, str, str, str], ...] = (
    # Unknown keys, near ones first.
    (f"{READER}profle = '{LEAK}'", f"{IN_READER}has the unknown key profle.", KEYS, "Did you mean profile?"),
    (f"{READER}Role = '{LEAK}'", f"{IN_READER}has the unknown key Role.", KEYS, "Did you mean role?"),
    (f"{READER}role_arn = '{LEAK}'", f"{IN_READER}has the unknown key role_arn.", KEYS, "Did you mean role?"),
    (
        f"{READER}extrnal_id = '{LEAK}'",
        f"{IN_READER}has the unknown key extrnal_id.",
        KEYS,
        "Did you mean external-id?",
    ),
    (
        f"{READER}source_profile = '{LEAK}'",
        f"{IN_READER}has the unknown key source_profile.",
        KEYS,
        "Did you mean profile?",
    ),
    (
        f"{READER}duration_seconds = 3600",
        f"{IN_READER}has the unknown key duration_seconds.",
        KEYS,
        "Did you mean duration?",
    ),
    (f"{READER}timeout = 7351", f"{IN_READER}has the unknown key timeout.", KEYS, "Take it out."),
    (f"{READER}'' = '{LEAK}'", f'{IN_READER}has the unknown key "".', KEYS, "Take it out."),
    (f"{READER}'--role' = '{LEAK}'", f"{IN_READER}has the unknown key --role.", KEYS, "Did you mean role?"),
    (f'{READER}"a\\nb" = "{LEAK}"', f'{IN_READER}has the unknown key "a\\nb".', KEYS, "Take it out."),
    (f'{READER}"\\u202Eb" = "{LEAK}"', f'{IN_READER}has the unknown key "\\u202eb".', KEYS, "Take it out."),
    (f"{READER}{'x' * 5000} = '{LEAK}'", f'{IN_READER}has the unknown key "{"x" * 60}…".', KEYS, "Take it out."),
    (
        f"[tool.apigw_magic.connections.my.api]\nurl = '{LEAK}'",
        "[tool.apigw_magic.connections.my] has the unknown key api.",
        KEYS,
        'Put a name that has a dot in quotes: [tool.apigw_magic.connections."my.api"]',
    ),
    (
        f"[tool.apigw_magic.connection.reader]\nurl = '{LEAK}'",
        "[tool.apigw_magic] has the unknown key connection.",
        "It takes connections.",
        TABLE,
    ),
    (
        f"[tool.apigw_magic]\nurl = '{LEAK}'",
        "[tool.apigw_magic] has the unknown key url.",
        "It takes connections.",
        TABLE,
    ),
    (f"[tool.apigw-magic]\nurl = '{LEAK}'", "[tool] has a table apigw-magic.", "", "Write it as [tool.apigw_magic]"),
    (
        f"[tool.'Apigw.Magic']\nurl = '{LEAK}'",
        '[tool] has a table "Apigw.Magic".',
        "",
        "Write it as [tool.apigw_magic]",
    ),
    # Keys that are refused for a reason.
    (f"{READER}aws_secret_access_key = '{LEAK}'", f"{IN_READER}has the key aws_secret_access_key.", SHARED, PLACES),
    (f"{READER}header = ['X-Api-Key: {LEAK}']", f"{IN_READER}has the key header.", SHARED, PLACES),
    (f"{READER}headers = {{X-Api-Key = '{LEAK}'}}", f"{IN_READER}has the key headers.", SHARED, PLACES),
    (f"[tool.apigw_magic]\napi-key = '{LEAK}'", "[tool.apigw_magic] has the key api-key.", SHARED, PLACES),
    (
        f"[tool.apigw_magic.connections]\ntoken = '{LEAK}'",
        "[tool.apigw_magic.connections] has the key token.",
        SHARED,
        PLACES,
    ),
    (f"{READER}mfa-code = 735151", f"{IN_READER}has the key mfa-code.", CODE, DEVICE),
    (f"{READER}sts-endpoint = '{LEAK}'", f"{IN_READER}has the key sts-endpoint.", SENT, ON_THE_LINE),
    (f"{READER}endpoint_url_sts = '{LEAK}'", f"{IN_READER}has the key endpoint_url_sts.", SENT, ON_THE_LINE),
    (
        f"{READER}name = '{LEAK}'",
        f"{IN_READER}has the key name.",
        "A connection has the name of its table.",
        "Take it out, and name the table so.",
    ),
    # Values of the wrong kind.
    ("[tool.apigw_magic.connections.reader]", f"{IN_READER}has no url.", "", URL_LIKE),
    (f"{READER}[tool.apigw_magic.connections.b]", "[tool.apigw_magic.connections.b] has no url.", "", URL_LIKE),
    (READER.replace(f'"{URL}"', "7351"), f"{IN_READER}has a number for url.", "", 'Write text, in quotes: url = "…"'),
    (READER.replace(URL, ""), f"{IN_READER}has an empty url.", "", 'Write url = "…", or take it out.'),
    (f"{READER}role = ' '", f"{IN_READER}has an empty role.", "", 'Write role = "…", or take it out.'),
    (
        f"{READER}profile = true",
        f"{IN_READER}has true or false for profile.",
        "",
        'Write text, in quotes: profile = "…"',
    ),
    (f"{READER}role = ['{LEAK}']", f"{IN_READER}has a list for role.", "", 'Write text, in quotes: role = "…"'),
    (f"{READER}role = {{}}", f"{IN_READER}has a table for role.", "", 'Write text, in quotes: role = "…"'),
    (
        f"{READER}external-id = 12345678",
        f"{IN_READER}has a number for external-id.",
        "",
        'Write text, in quotes: external-id = "…"',
    ),
    (
        f"{READER}session_name = 2026-01-02",
        f"{IN_READER}has a date or time for session_name.",
        "",
        'Write text, in quotes: session_name = "…"',
    ),
    (f"{READER}via = '{LEAK}'", f"{IN_READER}has text for via.", "", f"Write a list of texts: via{ARNS}"),
    (
        f"{READER}via = ['{LEAK}', 7351]",
        f"{IN_READER}has a list for via in which not all is text.",
        "",
        f"Write a list of texts: via{ARNS}",
    ),
    (
        f"{READER}via = ['{LEAK}', '']",
        f"{IN_READER}has a list for via in which not all is text.",
        "",
        f"Write a list of texts: via{ARNS}",
    ),
    (f"{READER}duration = '1h'", f"{IN_READER}has text for duration.", "", "Write a whole number: duration = 3600"),
    (
        f"{READER}duration = true",
        f"{IN_READER}has true or false for duration.",
        "",
        "Write a whole number: duration = 3600",
    ),
    (
        f"{READER}duration = 3600.5",
        f"{IN_READER}has a decimal number for duration.",
        "",
        "Write a whole number: duration = 3600",
    ),
    (
        f"{READER}external-id = '{LEAK}'\nexternal_id = '{LEAK}'",
        f"{IN_READER}has both external-id and external_id, which are the same.",
        "",
        "Keep one of them.",
    ),
    # Tables that are none, and names that are none.
    (
        f"[tool.apigw_magic.connections]\nreader = '{LEAK}'",
        "[tool.apigw_magic.connections] has text for reader, where a table belongs.",
        "",
        TABLE,
    ),
    (
        f"[[tool.apigw_magic.connections.reader]]\nurl = '{LEAK}'",
        "[tool.apigw_magic.connections] has a list for reader, where a table belongs.",
        "",
        TABLE,
    ),
    (
        f"[[tool.apigw_magic.connections]]\nurl = '{LEAK}'",
        "[tool.apigw_magic] has a list for connections, where a table belongs.",
        "",
        TABLE,
    ),
    ("[tool]\napigw_magic = true", "[tool] has true or false for apigw_magic, where a table belongs.", "", TABLE),
    ("tool = 7351", "the file has a number for tool, where a table belongs.", "", TABLE),
    (
        f"[tool.apigw_magic.connections.'my api']\nurl = '{LEAK}'",
        '[tool.apigw_magic.connections] has a table "my api", which cannot name a connection.',
        "",
        SIGNS,
    ),
    (
        f"[tool.apigw_magic.connections.'https://x']\nurl = '{LEAK}'",
        '[tool.apigw_magic.connections] has a table "https://x", which cannot name a connection.',
        "",
        SIGNS,
    ),
    (
        f"[tool.apigw_magic.connections.'']\nurl = '{LEAK}'",
        '[tool.apigw_magic.connections] has a table "", which cannot name a connection.',
        "",
        SIGNS,
    ),
    (
        f"[tool.apigw_magic.connections.'☃']\nurl = '{LEAK}'",
        '[tool.apigw_magic.connections] has a table "☃", which cannot name a connection.',
        "",
        SIGNS,
    ),
    (
        f'[tool.apigw_magic.connections."reader\\n"]\nurl = "{LEAK}"',
        '[tool.apigw_magic.connections] has a table "reader\\n", which cannot name a connection.',
        "",
        SIGNS,
    ),
)


@pytest.mark.parametrize(("text", "what", "why", "fix"), BAD, ids=[what for _, what, _, _ in BAD])
def test_what_is_refused(tmp_path: Path, text: str, what: str, why: str, fix: str) -> None:
    """File, table and key are named, and what to write instead; the value is not."""
    path = write(tmp_path, text)
    with pytest.raises(CommandError) as caught:
        list_names(tmp_path)
    error = caught.value
    assert (error.what, error.why, error.fix) == (f"{path}: {what}", why, fix)
    assert LEAK not in str(error)
    assert "7351" not in str(error)
    assert len(str(error).splitlines()) <= 3


@pytest.mark.parametrize(
    ("key", "why"),
    [
        *(
            (key, SHARED)
            for key in (
                "aws_access_key_id",
                "aws_session_token",
                "secretAccessKey",
                "secret",
                "SECRET_KEY",
                "session-token",
                "token",
                "session_tokn",
                "bearer",
                "jwt",
                "api_key",
                "x-api-key",
                "apiKey",
                "API-KEY",
                "key",
                "private_key",
                "password",
                "passwd",
                "passphrase",
                "pwd",
                "pass",
                "auth",
                "authorization",
                "authorisation",
                "cookies",
                "header",
                "headers",
                "signature",
                "credentials",
                "proxy-password",
            )
        ),
        *((key, CODE) for key in ("mfa", "mfa_code", "mfa-token", "MFACode", "token_code", "otp", "totp", "pin")),
        *(
            (key, SENT)
            for key in ("sts-endpoint", "sts_endpoint", "sts-endpoint-url", "AWS_ENDPOINT_URL_STS", "sts_url")
        ),
    ],
)
def test_keys_that_look_like_secrets(tmp_path: Path, key: str, why: str) -> None:
    """However it is spelt, nothing secret may stand there, nor the address that secrets would go to."""
    write(tmp_path, f"{READER}{key} = '{LEAK}'")
    with pytest.raises(CommandError, match=re.escape(f"{IN_READER}has the key {key}.")) as caught:
        find_connection("reader", tmp_path)
    assert caught.value.why == why
    assert LEAK not in str(caught.value)


def test_every_table_is_checked(tmp_path: Path) -> None:
    """A misspelling is found when another connection is asked for, and when there is none of the name."""
    write(tmp_path, f"{READER}[tool.apigw_magic.connections.writer]\nurl = 'u'\nrolle = 'writer'")
    for name in ("reader", "writer", "other"):
        with pytest.raises(CommandError, match=r"connections\.writer\] has the unknown key rolle"):
            find_connection(name, tmp_path)
