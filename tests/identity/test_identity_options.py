"""What AssumeRole may be asked for: every bound on both sides, and nothing is sent when one is passed."""

from __future__ import annotations

import getpass
import json
import re
import socket
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import CommandError
from apigw_magic.identity import RoleOptions, assume_role, choose_role
from apigw_magic.identity.options import check_options, default_session_name, short_name
from tests.identity.fakes import ACCOUNT, USER_ARN, FakeSts, make_base

if TYPE_CHECKING:
    from collections.abc import Iterator

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
SSO_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Analyst_0123456789abcdef/ana@example.com"
POLICY = '{"Version": "2012-10-17", "Statement": []}'

ROLES = [
    "reader",
    "x" * 64,
    "team/data/reader",
    "a+b=c,d.e@f-g_h",
    READER,
    "arn:aws-cn:iam::999999999999:role/x",
    "arn:aws-us-gov:iam::999999999999:role/" + "x" * 64,
    "arn:aws-iso-b:iam::999999999999:role/x",
    f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_A_0",
    f"arn:aws:iam::{ACCOUNT}:role/team:data/~{{x}}/reader",  # IAM takes every visible sign in a path
    f"arn:aws:iam::{ACCOUNT}:role/team//reader",
    f"arn:aws:iam::{ACCOUNT}:role/{'p' * 510}/{'x' * 64}",
]

NO_ROLES = [
    "",
    "/reader",
    "reader/",
    "team//reader",
    "two words",
    "reader\n",
    "reader:admin",
    "x" * 65,
    "rôle",
    "arn:aws:sts::123456789012:assumed-role/reader/ana",
    "arn:aws:iam::123456789012:user/ana",
    "arn:aws:iam::12345:role/reader",
    "arn:aws:iam::1234567890123:role/reader",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::123456789012:role/team/",
    "arn:aws:iam::123456789012:role/te am/reader",
    "arn:aws:iam::123456789012:role/reader\n",
    "arn:aws:iam::\u0661\u0662\u0663456789012:role/reader",
    f"{READER}{'x' * 59}",
    f"arn:aws:iam::{ACCOUNT}:role/{'p' * 511}/reader",
]


def refuse(base_arn: str = USER_ARN, **options: Any) -> CommandError:
    """Return the error for options that are refused; STS was asked for no role."""
    sts = FakeSts(base_arn)
    with pytest.raises(CommandError) as caught:
        assume_role(make_base(sts), RoleOptions(**{"role": READER, **options}))
    assert sts.asked == []
    assert caught.value.fix
    assert len(caught.value.lines) <= 3
    assert caught.value.__context__ is None
    return caught.value


def ask(base_arn: str = USER_ARN, **options: Any) -> dict[str, Any]:
    """Return what STS is asked for with options that are good."""
    sts = FakeSts(base_arn)
    assume_role(make_base(sts), RoleOptions(**{"role": READER, **options}), ask=lambda _: "123456")
    return sts.asked[-1]


@pytest.mark.parametrize("role", ROLES)
def test_roles(role: str) -> None:
    """A name with or without a path is taken, and the ARN of any role in any partition."""
    assert str(ask(role=role)["RoleArn"]).endswith(role)
    assert str(ask(role="last", via=(role,))["RoleArn"]).endswith("role/last")


@pytest.mark.parametrize("role", NO_ROLES)
def test_what_is_no_role(role: str) -> None:
    """What STS would refuse is refused here, on the way as well."""
    assert f"{role!r} is not a role" in refuse(role=role).what
    assert f"{role!r} is not a role" in refuse(via=("first", role)).what


# option: what it is called in AssumeRole, what is good, what is not, and how the refusal begins
TEXTS: dict[str, tuple[str, list[str], list[str], str]] = {
    "session_name": (
        "RoleSessionName",
        ["ab", "x" * 64, "ana@host", "a+b=c,d.e-f_g"],
        ["", "a", "x" * 65, "two words", "a:b", "a/b", "anä", "ana\n", "a;b", "\u0661\u0662\u0663"],
        "is not a session name",
    ),
    "source_identity": (
        "SourceIdentity",
        ["ab", "x" * 64, "ana@example.com", "aws"],
        ["", "a", "x" * 65, "two words", "aws:ana", "a:b", "anä", "ana\n"],
        "is not a source identity",
    ),
    "external_id": (
        "ExternalId",
        ["xy", "x" * 1224, "a=b,c.d@e:f/g-h_i+j"],
        ["", "x", "x" * 1225, "two words", "ä" * 9, "a;b", "ab\n"],
        "is not an external ID",
    ),
    "mfa_serial": (
        "SerialNumber",
        ["GAHT12345678", "x" * 9, "x" * 256, f"arn:aws:iam::{ACCOUNT}:mfa/ana", "arn:aws-cn:iam::1:mfa/a/b+c=d,e.f@g"],
        ["", "x" * 8, "x" * 257, "two words too", "GAHT12345678\n", "gerät-123456"],
        "is not an MFA device",
    ),
}


@pytest.mark.parametrize(("option", "value"), [(option, good) for option, row in TEXTS.items() for good in row[1]])
def test_texts(option: str, value: str) -> None:
    """The shortest, the longest and the oddest reach STS as they are."""
    assert ask(**{option: value})[TEXTS[option][0]] == value


@pytest.mark.parametrize(("option", "value"), [(option, bad) for option, row in TEXTS.items() for bad in row[2]])
def test_bad_texts(option: str, value: str) -> None:
    """What STS would refuse is refused here; an external ID is not repeated, as it may be the partner's secret."""
    error = refuse(**{option: value})
    assert TEXTS[option][3] in error.what
    assert (repr(value) in error.what) == (option != "external_id")


# Seconds; whether the role is assumed by a user, by way of another role, or by a role session.
DURATIONS = [
    (None, USER_ARN, (), True),
    (899, USER_ARN, (), False),
    (900, USER_ARN, (), True),
    (3_600, USER_ARN, (), True),
    (3_601, USER_ARN, (), True),
    (43_200, USER_ARN, (), True),
    (43_201, USER_ARN, (), False),
    (0, USER_ARN, (), False),
    (-900, USER_ARN, (), False),
    (900, USER_ARN, ("first",), True),
    (3_600, USER_ARN, ("first",), True),
    (3_601, USER_ARN, ("first",), False),
    (43_201, USER_ARN, ("first",), False),
    (899, USER_ARN, ("first",), False),
    (None, SSO_ARN, (), True),
    (3_600, SSO_ARN, (), True),
    (3_601, SSO_ARN, (), False),
    (43_200, SSO_ARN, (), False),
    (3_601, SSO_ARN, ("first",), False),
    (43_200, f"arn:aws:iam::{ACCOUNT}:root", (), True),
    (43_200, f"arn:aws:sts::{ACCOUNT}:federated-user/ana", (), True),
    (3_601, "arn:aws-cn:sts::123456789012:assumed-role/x/y", (), False),
]


@pytest.mark.parametrize(("duration", "base_arn", "via", "is_good"), DURATIONS)
def test_durations(duration: int | None, base_arn: str, via: tuple[str, ...], *, is_good: bool) -> None:
    """900 to 43,200 seconds, and an hour at most for a role that a role session asks for."""
    via = tuple(f"arn:aws:iam::{ACCOUNT}:role/{role}" for role in via)
    if is_good:
        assert ask(base_arn, duration=duration, via=via).get("DurationSeconds") == duration
        return
    error = refuse(base_arn, duration=duration, via=via)
    assert f"cannot last {duration:,} seconds" in error.what
    assert "--duration" in error.fix


@pytest.mark.parametrize(
    ("duration", "via", "asked"),
    [(None, (), 0), (900, (), 0), (3_600, (), 0), (3_601, (), 1), (43_200, (), 1), (3_600, ("first",), 0)],
)
def test_who_it_is_matters_to_long_sessions_only(duration: int | None, via: tuple[str, ...], asked: int) -> None:
    """STS is asked who the base identity is only where that bounds the duration, and then once."""
    sts = FakeSts()
    base = make_base(sts)
    via = tuple(f"arn:aws:iam::{ACCOUNT}:role/{role}" for role in via)
    for _ in range(2):
        assume_role(base, RoleOptions(READER, via=via, duration=duration))
    assert sts.identity_asked == asked


TAGS: list[tuple[tuple[str, str], ...]] = [
    (("Team", "data"),),
    (("k" * 128, "v" * 256),),
    (("Team", ""),),
    (("Projekt", "Übergrößenträger 2"), ("チーム", "データ"), ("ομάδα", "\u0661\u0662\u0663")),
    (("a b", " \u00a0\u3000"), ("a_b.c:d/e=f+g-h@i", "aws:x")),
    (("awsome", "x"),),
    tuple((f"key {number}", str(number)) for number in range(50)),
]


@pytest.mark.parametrize("tags", TAGS)
def test_tags(tags: tuple[tuple[str, str], ...]) -> None:
    """Letters, digits and spaces of every script reach STS in the order given."""
    assert ask(tags=tags)["Tags"] == [{"Key": key, "Value": value} for key, value in tags]


BAD_TAGS: list[tuple[tuple[tuple[str, str], ...], str]] = [
    (tuple((f"key {number}", "x") for number in range(51)), "51 session tags are too many"),
    ((("", "x"),), "'' is not the key of a session tag"),
    ((("k" * 129, "x"),), "is not the key of a session tag"),
    ((("a;b", "x"),), "is not the key of a session tag"),
    ((("a\tb", "x"),), "is not the key of a session tag"),
    ((("a\n", "x"),), "is not the key of a session tag"),
    ((("\N{GRINNING FACE}", "x"),), "is not the key of a session tag"),
    ((("a", "v" * 257),), "The value of the session tag 'a' cannot be sent"),
    ((("a", "x;y"),), "The value of the session tag 'a' cannot be sent"),
    ((("a", "x\ny"),), "The value of the session tag 'a' cannot be sent"),
    ((("a", "x\x85y"),), "The value of the session tag 'a' cannot be sent"),
    ((("a", "\ud800"),), "The value of the session tag 'a' cannot be sent"),
    ((("aws:team", "x"),), "The session tag 'aws:team' is reserved for AWS"),
    ((("AWS:team", "x"),), "The session tag 'AWS:team' is reserved for AWS"),
    ((("Team", "x"), ("team", "x")), "The session tag 'team' stands twice"),
    ((("team", "x"), ("TEAM", "x")), "The session tag 'TEAM' stands twice"),
    ((("ÄRA", "x"), ("ära", "y")), "The session tag 'ära' stands twice"),
    ((("a", "x"), ("a", "x")), "The session tag 'a' stands twice"),
]


@pytest.mark.parametrize(("tags", "what"), BAD_TAGS, ids=[what for _, what in BAD_TAGS])
def test_bad_tags(tags: tuple[tuple[str, str], ...], what: str) -> None:
    """Too many, too long, of other characters, reserved, or alike in all but case."""
    assert what in refuse(tags=tags).what


def pad(policy: str, length: int) -> str:
    """Return a policy of a length."""
    return policy + " " * (length - len(policy))


POLICIES = [
    (POLICY, POLICY),
    (pad(POLICY, 2_048), pad(POLICY, 2_048)),
    ('{"Statement": {}, "Id": "é\t"}'.replace("\t", "\\t"), '{"Statement": {}, "Id": "é\\t"}'),
    ('{\r\n\t"Statement": []}', '{\r\n\t"Statement": []}'),
    ('{"Statement": [], "Id": "€ 😀"}', '{"Statement": [], "Id": "\\u20ac \\ud83d\\ude00"}'),
]


@pytest.mark.parametrize(("policy", "sent"), POLICIES)
def test_policies(policy: str, sent: str) -> None:
    """A policy reaches STS as it is, but for what STS does not take, which JSON can say otherwise."""
    assert ask(policy=policy)["Policy"] == sent
    assert json.loads(sent) == json.loads(policy)


BAD_POLICIES = [
    (pad(POLICY, 2_049), "is 2,049 characters long"),
    ('{"Statement": [], "Id": "' + "€" * 500 + '"}', "is 3,027 characters long"),
    ("", "is not a policy document"),
    ("no JSON", "is not a policy document"),
    ('["Statement"]', "is not a policy document"),
    ('"Statement"', "is not a policy document"),
    ("null", "is not a policy document"),
    ('{"Version": "2012-10-17"}', "is not a policy document"),
    ('{"Statement": "\x01"}', "is not a policy document"),
    ("[" * 2_000, "is not a policy document"),
]


@pytest.mark.parametrize(("policy", "what"), BAD_POLICIES, ids=range(len(BAD_POLICIES)))
def test_bad_policies(policy: str, what: str) -> None:
    """Too long for STS, or not what a policy is; the error does not repeat it."""
    assert f"The session policy {what}" in refuse(policy=policy).what


POLICY_ARNS = [
    "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaRole",
    f"arn:aws:iam::{ACCOUNT}:policy/mine",
    f"arn:aws:iam::{ACCOUNT}:policy/team:data/{'x' * 128}",
]
BAD_POLICY_ARNS = [
    "",
    "ReadOnlyAccess",
    f"arn:aws:iam::{ACCOUNT}:role/reader",
    f"arn:aws:iam::{ACCOUNT}:policy/",
    f"arn:aws:iam::{ACCOUNT}:policy/{'x' * 129}",
    f"arn:aws:iam::{ACCOUNT}:policy/two words",
    "arn:aws:iam::AWS:policy/ReadOnlyAccess",
    "arn:aws:iam::aws:policy/ReadOnlyAccess\n",
]


def test_policy_arns() -> None:
    """AWS's own policies and one's own, ten at most."""
    arns = (*POLICY_ARNS, *(f"{POLICY_ARNS[2]}{number}" for number in range(6)))
    assert ask(policy_arns=arns)["PolicyArns"] == [{"arn": arn} for arn in arns]
    assert "11 policy ARNs are too many" in refuse(policy_arns=(*arns, arns[0])).what


@pytest.mark.parametrize("arn", BAD_POLICY_ARNS)
def test_bad_policy_arns(arn: str) -> None:
    """What is no managed policy is named."""
    assert f"{arn!r} is not the ARN of a managed policy" in refuse(policy_arns=(POLICY_ARNS[0], arn)).what


def load_shapes() -> dict[str, Any]:
    """Return what STS's own model says of the parameters of AssumeRole."""
    shapes = Loader().load_service_model("sts", "service-2")["shapes"]
    members = shapes["AssumeRoleRequest"]["members"] | shapes["Tag"]["members"]
    return {name: shapes[member["shape"]] for name, member in members.items()}


@pytest.mark.parametrize("option", TEXTS)
def test_the_bounds_are_those_of_the_model(option: str) -> None:
    """What is taken here fits STS's own model; what is not, does not (`aws:` apart, which the model does not know)."""
    parameter, good, bad, _ = TEXTS[option]
    shape = load_shapes()[parameter]
    pattern = re.compile(shape["pattern"], re.ASCII)

    def fits(text: str) -> bool:
        return shape["min"] <= len(text) <= shape["max"] and pattern.fullmatch(text) is not None

    assert [text for text in good if not fits(text)] == []
    assert [text for text in bad if fits(text)] == []
    assert {len(text) for text in good} >= {shape["min"], shape["max"]}
    assert {len(text) for text in bad} >= {shape["min"] - 1, shape["max"] + 1}


def test_the_numbers_are_those_of_the_model() -> None:
    """Durations, tags and their lengths are bounded as in STS's own model."""
    known = load_shapes()
    assert (known["DurationSeconds"]["min"], known["DurationSeconds"]["max"]) == (900, 43_200)
    assert (known["Tags"]["max"], known["Key"]["max"], known["Value"]["max"]) == (50, 128, 256)
    assert (known["TokenCode"]["min"], known["TokenCode"]["max"]) == (6, 6)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=6), st.text(max_size=6))
def test_any_text(name: str, value: str) -> None:
    """Whatever stands in an option, it is refused in our words or sent as it is."""
    options = [
        RoleOptions(name),
        RoleOptions(READER, via=(name,)),
        RoleOptions(READER, session_name=name, source_identity=value),
        RoleOptions(READER, external_id=name, mfa_serial=value * 3),
        RoleOptions(READER, tags=((name, value),)),
        RoleOptions(READER, policy=f'{{"Statement": {json.dumps(name, ensure_ascii=False)}}}'),
        RoleOptions(READER, policy_arns=(f"arn:aws:iam::aws:policy/{name}",)),
    ]
    for each in options:
        sts = FakeSts()
        try:
            assume_role(make_base(sts), each, ask=lambda _: "123456")
        except CommandError:
            assert sts.asked == []
        else:
            assert json.dumps(sts.asked, ensure_ascii=False).encode()


def test_all_options_at_once() -> None:
    """Each option reaches STS on the hop that it belongs to: MFA and source identity on the first, the name on all."""
    sts = FakeSts()
    options = RoleOptions(
        "team/reader",
        via=("first", f"arn:aws:iam::{ACCOUNT}:role/second"),
        session_name="ana",
        external_id="shop-partner",
        mfa_serial=f"arn:aws:iam::{ACCOUNT}:mfa/ana",
        source_identity="ana@example.com",
        duration=900,
        tags=(("Team", "data"), ("Cost", "")),
        policy=POLICY,
        policy_arns=tuple(POLICY_ARNS[:2]),
    )
    assert {field.name for field in fields(options) if not getattr(options, field.name)} == set()
    codes: Iterator[str] = iter(["123456"])
    assume_role(make_base(sts), options, ask=lambda serial: next(codes) if serial == options.mfa_serial else "")
    assert sts.asked == [
        {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/first",
            "RoleSessionName": "ana",
            "SourceIdentity": "ana@example.com",
            "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/ana",
            "TokenCode": "123456",
        },
        {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/second", "RoleSessionName": "ana"},
        {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/team/reader",
            "RoleSessionName": "ana",
            "ExternalId": "shop-partner",
            "DurationSeconds": 900,
            "Tags": [{"Key": "Team", "Value": "data"}, {"Key": "Cost", "Value": ""}],
            "Policy": POLICY,
            "PolicyArns": [{"arn": arn} for arn in POLICY_ARNS[:2]],
        },
    ]
    assert sts.identity_asked == 1


def test_without_a_way_all_is_asked_at_once() -> None:
    """With one hop, the first and the last are the same."""
    asked = ask(mfa_serial="GAHT12345678", source_identity="ana", external_id="xy", duration=900)
    assert asked.keys() >= {"SerialNumber", "TokenCode", "SourceIdentity", "ExternalId", "DurationSeconds"}


def test_nothing_but_the_role_is_asked_for() -> None:
    """An option that is not given is left to STS."""
    assert ask().keys() == {"RoleArn", "RoleSessionName"}


def test_the_default_session_name_can_be_read_by_an_auditor() -> None:
    """It is user@host, of the characters that STS takes, and is used where none is given."""
    name = default_session_name()
    assert "@" in name
    assert 2 <= len(name) <= 64
    check_options(RoleOptions(READER, session_name=name))
    assert ask()["RoleSessionName"] == name


@pytest.mark.parametrize(
    ("user", "host", "name"),
    [
        ("ana", "laptop", "ana@laptop"),
        ("Ana Müller", "büro.example", "Ana-M-ller@b-ro.example"),
        ("DOMAIN\\ana", "pc", "DOMAIN-ana@pc"),
        ("u" * 70, "host", "u" * 64),
        (None, "host", "notebook@host"),
    ],
)
def test_default_session_names(user: str | None, host: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the kernel, and wherever: the name is one that STS takes."""

    def getuser() -> str:
        if user is None:
            raise KeyError
        return user

    monkeypatch.setattr(getpass, "getuser", getuser)  # who runs the tests cannot be an argument
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert default_session_name() == name
    check_options(RoleOptions(READER, session_name=name))


@pytest.mark.parametrize(
    ("parts", "option"),
    [
        ({"duration": 900}, "--duration"),
        ({"tags": (("a", "b"),)}, "--tag"),
        ({"policy_arns": ("x",)}, "--policy-arn"),
        ({"session_name": "ana"}, "--session-name"),
        ({"via": ("x",)}, "--via"),
        ({"mfa_serial": "x"}, "--mfa-serial"),
    ],
)
def test_options_without_a_role(parts: dict[str, Any], option: str) -> None:
    """What can be said of a role only is not lost without a word where no role is named."""
    with pytest.raises(CommandError, match=f"{option} belongs to a role"):
        choose_role(None, **parts)
    assert choose_role("reader", **parts) == RoleOptions("reader", **parts)
    assert choose_role(None) is None


@pytest.mark.parametrize("role", ["reader", "a/b/reader", READER, f"arn:aws:iam::{ACCOUNT}:role/a/reader"])
def test_short_names(role: str) -> None:
    """A role is called by its name, without ARN and path."""
    assert short_name(role) == RoleOptions(role).name == "reader"
