"""What the policy simulator's word is worth: which of it is certain, and what is said where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from apigw_magic.access.account import Account
from apigw_magic.access.decisions import Decision
from apigw_magic.access.simulating import Surroundings, judge_decision, simulate
from tests.access.fakes import ACCOUNT, DENIED, UNREACHABLE, WHERE, Api, FakeAccount, blank, make_base, open_as, refuse

if TYPE_CHECKING:
    from apigw_magic.identity import Base

OPEN = Surroundings()
GUARDED = Surroundings(resource_policy="R")
NARROWED = Surroundings(session_policy="S")
BOTH = Surroundings("R", "S")
ALLOW, DENY, SILENT = Decision("allowed"), Decision("explicitDeny"), Decision("implicitDeny")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
NO_RIGHTS = "Not judged: the base identity may not ask iam:SimulatePrincipalPolicy."


@pytest.mark.parametrize(
    ("decision", "around", "verdict", "reason", "policy"),
    [
        (ALLOW, OPEN, "allowed", "", ""),
        (ALLOW, GUARDED, "undetermined", "R", ""),
        (ALLOW, NARROWED, "undetermined", "S", ""),
        (ALLOW, BOTH, "undetermined", "R", ""),
        (SILENT, OPEN, "denied", "No policy of the role allows execute-api:Invoke.", "identity"),
        (SILENT, GUARDED, "undetermined", "R", ""),
        (SILENT, NARROWED, "denied", "No policy of the role allows execute-api:Invoke.", "identity"),
        (SILENT, BOTH, "undetermined", "R", ""),
        (DENY, OPEN, "denied", "A Deny in the role's own policies matches execute-api:Invoke.", "identity"),
        (DENY, BOTH, "denied", "A Deny in the role's own policies matches execute-api:Invoke.", "identity"),
        (
            Decision("implicitDeny", by_organization=True),
            BOTH,
            "denied",
            "No service control policy (SCP) of the organization allows execute-api:Invoke.",
            "scp",
        ),
        (
            Decision("implicitDeny", by_boundary=True),
            OPEN,
            "denied",
            "The permissions boundary of the role does not allow execute-api:Invoke.",
            "boundary",
        ),
        (Decision("implicitDeny", by_boundary=True), GUARDED, "undetermined", "R", ""),
        (
            Decision("explicitDeny", ("aws:SourceIp", "aws:PrincipalTag/team")),
            OPEN,
            "undetermined",
            "The policies look at aws:SourceIp, aws:PrincipalTag/team, which the simulator is not told.",
            "",
        ),
        (None, OPEN, "undetermined", "Not judged: the simulator gave no answer.", ""),
    ],
)
def test_what_is_certain(
    decision: Decision | None, around: Surroundings, verdict: str, reason: str, policy: str
) -> None:
    """A Deny stands, whatever is beside it; an Allow only alone; silence only where no resource policy can speak."""
    connection = open_as("reader", Api(), make_base(FakeAccount()))
    found = judge_decision(blank(connection, "POST", "/orders"), decision, around, "role")
    assert (found.verdict, found.reason, found.policy) == (verdict, reason, policy)
    assert found.how == ("" if verdict == "undetermined" else "simulated")


def ask(account: FakeAccount, *targets: str, base: Base | None = None, **options: Any) -> list[tuple[str, str]]:
    """Ask about POSTs as `reader`; return verdicts and reasons."""
    base = base or make_base(account)
    api = Api()
    connection = open_as("reader", api, base, **options)
    blanks = [blank(connection, "POST", target) for target in targets or ("/orders",)]
    found = simulate(blanks, connection, Account(base))
    assert api.sent == []
    return [(str(one.verdict), one.reason) for one in found]


def known(**more: Any) -> FakeAccount:
    """Return an account that has the role."""
    return FakeAccount(roles={"reader": ROLE}, **more)


def test_one_question_for_a_role() -> None:
    """All requests of a role are one question, on the role's ARN with its path; the API is asked for once."""
    account = known(decisions={"/prod/POST/a": "allowed", "/prod/POST/b": "explicitDeny"})
    assert [verdict for verdict, _ in ask(account, "/a", "/b", "/c")] == ["allowed", "denied", "denied"]
    assert account.asked == [
        ("get_role", "reader"),
        ("get_rest_api", "a1b2c3d4e5"),
        ("simulate_principal_policy", (ROLE, [f"{WHERE}/prod/POST/{name}" for name in "abc"])),
    ]


def test_an_answer_that_leaves_some_out() -> None:
    """What an answer does not have is asked for once more, until nothing comes."""
    account = known(decisions={"/c": "allowed"}, most=1)
    assert [verdict for verdict, _ in ask(account, "/a", "/b", "/c")] == ["denied", "denied", "allowed"]
    assert [len(what[1]) for name, what in account.asked if name.startswith("simulate")] == [3, 2, 1]
    silent = known(most=0)
    assert ask(silent) == [("undetermined", "Not judged: the simulator gave no answer.")]


def test_an_http_api() -> None:
    """An HTTP API has no resource policy; its default stage stands in no path."""
    account = known(stages=("$default", "beta"), decisions={"/$default/POST/prod/orders": "allowed"})
    assert ask(account) == [("allowed", "")]
    account = known(stages=("$default", "prod"), decisions={"/prod/POST/orders": "allowed"})
    assert ask(account) == [("allowed", "")]


RESOURCE = "The API has a resource policy, which the simulator does not judge."
UNKNOWN_API = "Whether the API has a resource policy is not known: "
ALLOWED = {"POST/orders": "allowed"}


@pytest.mark.parametrize(
    ("account", "options", "reason"),
    [
        (known(decisions=ALLOWED, policy="{}"), {}, RESOURCE),
        (
            known(decisions=ALLOWED, errors={"get_rest_api": refuse("AccessDeniedException")}),
            {},
            f"{UNKNOWN_API}the base identity may not ask apigateway:GET.",
        ),
        (
            known(decisions=ALLOWED, stages=(), errors={"get_stages": refuse("NotFoundException")}),
            {},
            f"{UNKNOWN_API}it is not in the base identity's account.",
        ),
        (
            known(decisions=ALLOWED, errors={"get_rest_api": UNREACHABLE}),
            {},
            f"{UNKNOWN_API}apigateway:GET could not be asked (EndpointConnectionError).",
        ),
        (
            known(decisions=ALLOWED),
            {"session_policies": ("--policy", "--policy-arn arn:x")},
            "The session policy (--policy, --policy-arn arn:x) is not judged by the simulator.",
        ),
        (known(errors={"simulate_principal_policy": refuse(DENIED)}), {}, NO_RIGHTS),
        (
            known(errors={"simulate_principal_policy": refuse("Throttling")}),
            {},
            "Not judged: iam:SimulatePrincipalPolicy was refused (Throttling).",
        ),
        (
            known(errors={"simulate_principal_policy": refuse("NoSuchEntity"), "get_role": refuse(DENIED)}),
            {},
            "Not judged: iam:SimulatePrincipalPolicy was refused (NoSuchEntity).",
        ),
        (
            known(),
            {"arn": "arn:aws:sts::999988887777:assumed-role/{}/ana"},
            "Not judged: the role is of another account than the base identity.",
        ),
        (known(), {"arn": f"arn:aws:iam::{ACCOUNT}:root"}, "Not judged: the simulator knows no root user."),
        (
            known(),
            {"url": "https://api.example.com/prod"},
            "Not judged: the host does not say which API it leads to.",
        ),
        (
            known(),
            {"url": "https://abc.lambda-url.eu-west-1.on.aws"},
            "Not judged: the host does not say which API it leads to.",
        ),
    ],
)
def test_what_is_not_judged(account: FakeAccount, options: dict[str, Any], reason: str) -> None:
    """Where a policy or a right is missing the verdict is open, and says which."""
    assert ask(account, **options) == [("undetermined", reason)]


def test_a_deny_stands_where_the_api_cannot_be_read() -> None:
    """Not knowing whose API it is, a Deny counts only if it holds whoever has it, and in whatever stage."""
    unread = {"get_rest_api": refuse("AccessDeniedException")}
    everywhere = known(decisions={"": "explicitDeny"}, errors=unread)
    assert ask(everywhere) == [("denied", "A Deny in the role's own policies matches execute-api:Invoke.")]
    ((_, (_, resources)),) = [one for one in everywhere.asked if one[0].startswith("simulate")]
    assert len(resources) == 4
    assert len({arn.split(":")[4] for arn in resources}) == 2
    for end in (f"{ACCOUNT}:a1b2c3d4e5/prod/POST/orders", "/prod/POST/orders"):
        ((verdict, _),) = ask(known(decisions={end: "explicitDeny"}, errors=unread))
        assert verdict == "undetermined"


def test_a_role_whose_path_is_not_known() -> None:
    """Without iam:GetRole the role is asked for as if it had no path."""
    account = known(errors={"get_role": refuse(DENIED)}, decisions=ALLOWED)
    assert ask(account) == [("allowed", "")]
    assert account.asked[-1][1][0] == f"arn:aws:iam::{ACCOUNT}:role/reader"


@pytest.mark.parametrize(
    ("arn", "source", "told"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/team/ana", f"arn:aws:iam::{ACCOUNT}:user/team/ana", ("allowed", "")),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Data_0123456789abcdef/ana",
            f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/x",
            ("allowed", ""),
        ),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana",
            ROLE,
            ("undetermined", "A session policy cannot be ruled out: the role session was not assumed here."),
        ),
    ],
)
def test_the_base_identity_itself(arn: str, source: str, told: tuple[str, str]) -> None:
    """A user and a permission set have no session policy; of a role session from elsewhere nobody knows."""
    account = known(decisions=ALLOWED)
    account.roles["AWSReservedSSO_Data_0123456789abcdef"] = source
    base = make_base(account, arn=arn)
    assert ask(account, base=base, caller=base.caller) == [told]
    assert account.asked[-1][1][0] == source


@pytest.mark.parametrize(
    ("endpoint", "wanted"),
    [(None, None), ("https://sts.eu-west-1.amazonaws.com", None), ("http://127.0.0.1:4566", "http://127.0.0.1:4566")],
)
def test_who_is_asked(endpoint: str | None, wanted: str | None) -> None:
    """Where STS is on this machine all of the account is; each client signs as the base identity, and is made once."""
    account = known(decisions=ALLOWED)
    base = make_base(account, endpoint=endpoint)
    ask(account, "/a", "/b", base=base)
    assert [name for name, _ in account.clients] == ["iam", "apigateway"]
    for _, options in account.clients:
        assert options["endpoint_url"] == wanted
        assert options["region_name"] == "eu-west-1"
        assert options["aws_access_key_id"] == "AKIDEXAMPLE"


def test_what_the_simulator_says_of_organization_and_boundary() -> None:
    """They stand beside the decisions of all resources."""
    assert "SCP" in ask(known(organization=False))[0][1]
    assert "boundary" in ask(known(boundary=False))[0][1]
    assert "aws:SourceIp" in ask(known(missing=("aws:SourceIp",)))[0][1]
