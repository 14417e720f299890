"""What a user does: every command and every failure, as cells of a notebook that hold no secret themselves."""

from __future__ import annotations

from typing import NamedTuple

from tests.secrets.aws import API
from tests.secrets.canaries import SPELLINGS
from tests.secrets.world import MFA

_LOCAL = "{sts}/prod"
_KEY = '{{ (home / "key.txt").read_text() }}'
_PASSWORD = '{{ (home / "password.txt").read_text() }}'
_HOST = "x.execute-api.eu-west-1.amazonaws.com/prod"

SPELT = (
    "",
    "percent-encoded_twice,_all_of_it",
    "JSON,_all_of_it",
    "HTML,_all_of_it,_in_hex",
    "base64,_one_before",
    "base64_in_lines",
    "hex",
)
"""How an echo is spelt, as a role's name and a path can say it."""


class Scene(NamedTuple):
    """A cell.

    Attributes:
        cell: the source; `{sts}` stands for the STS on loopback.
        error: the exception that the cell ends with; empty where it ends well.
    """

    cell: str
    error: str = ""


def connect(options: str = "", url: str = API) -> str:
    """Write the line that connects."""
    return f"%apigw connect {url} {options}".rstrip()


def refused(options: str, error: str = "CredentialsError") -> Scene:
    """Write a line that connects as another identity, and is refused."""
    return Scene(f"%apigw connect {options}", error)


def with_variable(name: str, value: str, line: str, error: str = "CredentialsError") -> Scene:
    """Write a cell that sets an environment variable for one line."""
    was = f"_was = os.environ.get({name!r})"
    back = f"os.environ.pop({name!r}) if _was is None else os.environ.__setitem__({name!r}, _was)"
    cell = f"{was}\nos.environ[{name!r}] = {value}\ntry:\n    {line}\nfinally:\n    {back}; del _was"
    return Scene(cell, error)


PREPARE = Scene("import json, os, pathlib\nhome = pathlib.Path(os.environ['HOME'])\n%load_ext apigw_magic")

CONNECTING = (
    Scene(connect()),
    Scene("%apigw connect --role reader"),
    Scene("%apigw connect --role reader --via hop --via second --name far --session-name ana --tag a=b"),
    Scene(f"%apigw connect --role reader --mfa-serial {MFA} --name coded"),
    Scene("%apigw connect --role reader --policy policy.json --duration 900"),
    Scene("%apigw connect --role reader --policy '{{ json.load(open(\"policy.json\")) }}'"),
    Scene(f"%apigw connect --role reader --name keyed --api-key '{_KEY}'"),
    Scene("%apigw connect --role reader --name headed --header 'X-Team: {{ home.name }}'"),
    Scene(connect("--profile plain")),
    Scene(connect("--profile chained")),
    Scene(connect("--profile mfa --role writer --name doubly")),
    Scene(connect("--profile web")),
    Scene(connect("--profile sso-ok")),
    Scene(connect("--profile container")),
    Scene(connect("--profile process")),
    Scene(connect("--profile noisy --role reader --name noisy")),
    Scene("%apigw connect shop"),
    Scene(connect("--role reader --name near --region eu-west-1 --sts-endpoint {sts}", _LOCAL)),
    Scene("%apigw connect --role writer"),
)
"""Ways to connect."""

REFUSED = (
    refused("--role denied"),
    *(refused(f"--role echo-{spelt}".rstrip("-")) for spelt in SPELT),
    refused("--role lines"),
    refused("--role expired"),
    refused("--role incomplete"),
    refused("--role mismatch"),
    refused("--role unknown"),
    refused("--role garbled"),
    refused("--role page"),
    refused("--role late"),
    refused("--role lacking", "ApigwError"),
    refused("--role reader --via hop --via echo"),
    refused(f"--role code --mfa-serial {MFA}"),
    refused(f"--role said --mfa-serial {MFA}"),
    refused("--role reset"),
    refused("--role interrupt", "Interrupted"),
    *(
        Scene(connect(f"--profile {name}"), "CredentialsError")
        for name in (
            *("chained-echo", "web-echo", "mfa-echo"),
            *("garbage", "partial", "dateless", "versionless", "listed", "fails", "absent", "unquoted"),
            *("sso-ForbiddenException", "sso-UnauthorizedException", "sso-InvalidRequestException"),
        )
    ),
    *(
        with_variable(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", f"'{{sts}}/container/{way}'", connect("--profile container")
        )
        for way in ("lacking", "garbled")
    ),
    with_variable("AWS_CONFIG_FILE", "str(home / '.aws' / 'broken')", connect("--profile plain")),
    with_variable("AWS_SHARED_CREDENTIALS_FILE", "str(home / '.aws' / 'broken')", connect("--profile plain")),
)
"""Ways to be refused: by STS, by what gives credentials, on the wire."""

UNREACHABLE = (
    refused("--role reader --sts-endpoint https://untrusted.example"),
    refused("--role reader --sts-endpoint https://refused.example"),
    refused("--role reader --sts-endpoint https://wants.example"),
    with_variable(
        "AWS_ENDPOINT_URL_STS",
        "'https://ana:' + (home / 'password.txt').read_text() + '@refused.example'",
        connect("--role reader --name never"),
    ),
)
"""As `REFUSED`, on the way to STS."""

WRONG = (
    *(
        Scene(line, "ApigwError")
        for line in (
            connect(url=f"https://ana:{_PASSWORD}@{_HOST}"),
            connect(url=f"http://ana:{_PASSWORD}@{_HOST}"),
            connect(url=f"https://ana:{_PASSWORD}/@{_HOST}"),
            connect(url=f"https://ana:{_PASSWORD}#{_PASSWORD}@{_HOST}"),
            connect(url=f"https:/ana:{_PASSWORD}@{_HOST}"),
            connect(url=f"//ana:{_PASSWORD}@{_HOST}"),
            connect(url=f"ana:{_PASSWORD}@{_HOST}"),
            connect(f"--sts-endpoint https://ana:{_PASSWORD}@sts.example"),
            connect(f"--sts-endpoint ana:{_PASSWORD}@sts.example"),
            connect(f"--api-key '{_KEY[:-3]} + chr(10) }}}}'"),
            connect(f"--api-key '{_KEY[:-3]}.encode() }}}}'"),
            connect(f"--header '{_KEY}'"),
            connect(f"--header 'X-Api-Key: {_KEY}'"),
            connect(f"--header 'Authorization: {_KEY}'"),
            f"%apigw GET https://ana:{_PASSWORD}@{_HOST}",
            f"%apigw GET //ana:{_PASSWORD}@{_HOST}",
            f"%apigw GET ana:{_PASSWORD}@{_HOST}",
            f"%apigw GET /x -H 'X-Api-Key: {_KEY[:-3]} + chr(10) }}}}'",
            f"%apigw GET /x -H 'X-Api-Key: {_KEY}' -H 'x-api-key: {_KEY}'",
            f"%apigw GET /x -H 'Authorization: {_KEY}'",
            f"%%apigw\nGET /x\nX-Api-Key: {_KEY[:-3]} + chr(10) }}}}",
        )
    ),
    with_variable(
        "HTTPS_PROXY",
        "'http://ana:' + (home / 'password.txt').read_text() + '/@127.0.0.1:1'",
        "%apigw GET /orders --as far",
        "TransportError",
    ),
)
"""What cannot be meant, with a secret in the midst of it."""

WORKING = (
    Scene("%apigw use far"),
    Scene("%apigw"),
    Scene("%apigw whoami"),
    Scene("%apigw whoami coded"),
    Scene("%apigw renew"),
    Scene("%apigw renew coded"),
    Scene("%apigw GET /orders"),
    Scene("df = %apigw /orders"),
    Scene("%apigw GET /good -o kept"),
    Scene("%apigw GET /good --raw"),
    Scene("%apigw last"),
    Scene("%apigw GET /good --as near"),
    Scene("%apigw POST /orders -d '{\"a\": 1}' --as keyed"),
    Scene("%apigw GET /orders --as headed"),
    Scene(f'%%apigw --as writer\nPOST /orders?b=2\nX-Api-Key: {_KEY}\n\n{{"c": 3}}'),
    Scene(f"%apigw GET /orders -H 'X-Api-Key: {_KEY}' --raw"),
    Scene("%apigw GET /orders --as keyed --dry-run"),
    Scene(f"%apigw POST /orders -H 'X-Api-Key: {_KEY}' -d '{{\"a\": 1}}' --dry-run"),
    Scene("%apigw GET /ended --as far"),
    Scene("%apigw GET /good -v --as keyed"),
    Scene(f"%apigw GET /good -v -H 'X-Api-Key: {_KEY}'"),
    Scene("%apigw again"),
    Scene("%apigw again --as keyed -v"),
    Scene("%apigw again --raw"),
    Scene("%apigw GET /good --json --as keyed"),
    Scene("%apigw GET /good --query 'items[0]' --as keyed"),
    Scene("%apigw GET /good --dates --as keyed"),
    Scene("%apigw GET /good --save rows.csv --as keyed"),
    Scene("%apigw GET /good --save rows.json --as keyed"),
    Scene("%apigw GET /good --as keyed,near"),
    Scene("%apigw GET /echo --as keyed,near --expect 403"),
    Scene("%apigw GET /echo -v --expect 403 --as keyed"),
    Scene("%apigw POST /orders -d '{\"a\": 1}' -v --dry-run --as keyed"),
    Scene("%apigw GET /echo --expect 403"),
    Scene("%apigw GET /sentence -v --expect denied --as keyed", "StatusError"),  # it names another API
    Scene("%apigw GET /echo --expect 403 -o refusal"),
    Scene("%apigw GET /elsewhere --expect 302"),
    Scene("%apigw GET /elsewhere -v --expect 302"),
    Scene("%apigw history"),
    Scene("%apigw history -n 3"),
    Scene("%config ApigwMagics"),
    Scene("%config ApigwMagics.timeout = 20"),
)
"""What goes well."""

TRYING = (
    Scene("%%apigw access\nGET /good\nGET /echo\nPOST /orders"),
    Scene("%%apigw access far keyed writer\nGET /good\nGET /echo  # all of it\nPOST /orders\nDELETE /orders/7"),
    Scene("%%apigw access far keyed writer --send\nPOST /echo\nPOST /reset\nDELETE /mismatch\nDELETE /type"),
    Scene("%%apigw access near -o tried\nGET /good\nGET /elsewhere\nPOST /orders"),
    Scene("tried"),
    Scene("tried.reason.tolist(), tried.to_json()"),
    Scene(f"%%apigw access keyed\nGET /good?key={_KEY}\nGET /echo/percent-encoded_twice,_all_of_it"),
    Scene(f"%%apigw access keyed\nGET /good\nGET https://ana:{_PASSWORD}@{_HOST}", "ApigwError"),
    Scene("%%apigw access near\nGET /good\nGET /interrupt"),
    Scene("%apigw history"),
)
"""Who may do what."""

FAILING = (
    *(Scene(f"%apigw GET /echo/{spelt} --as keyed", "StatusError") for spelt in SPELT),
    Scene(f"%apigw POST /echo -H 'X-Api-Key: {_KEY}' -d '{{\"a\": 1}}'", "StatusError"),
    Scene("%apigw GET /type --as keyed", "StatusError"),
    Scene("%apigw GET /text --as keyed", "StatusError"),
    Scene("%apigw POST /text --as headed", "StatusError"),
    Scene("%apigw GET /page --as keyed", "StatusError"),
    *(
        Scene(f"%apigw GET /{way}{verbose} --as keyed", "StatusError")
        for way in ("mismatch", "computed", "sentence", "problem", "function", "graphql")
        for verbose in ("", " -v")
    ),
    *(Scene(f"%apigw GET /{way} --expect denied --as keyed", "StatusError") for way in ("good", "mismatch")),
    Scene("%apigw GET /elsewhere --as keyed", "StatusError"),
    Scene("%apigw GET /good --expect 404 --as keyed", "StatusError"),
    Scene("%apigw GET /echo --expect 404 --as keyed", "StatusError"),
    Scene("%apigw GET /echo -v --save refused.json --as keyed", "StatusError"),
    Scene("%apigw GET /echo --as keyed,near", "StatusError"),
    Scene("%apigw GET /tie --as keyed,near", "StatusError"),
    Scene("%apigw GET /tie --as keyed", "FrameError"),
    Scene("%apigw GET /broken --as keyed", "FrameError"),
    Scene("%apigw last"),
    Scene("%apigw again", "FrameError"),
    Scene("%apigw history"),
    Scene("%apigw POST /reset --as near", "TransportError"),
    Scene("%apigw POST /reset --as keyed", "TransportError"),
    Scene("%apigw POST /hang --timeout 0.2 --as keyed", "TransportError"),
    Scene("%apigw GET /interrupt --as keyed", "Interrupted"),
    Scene("%apigw GET /interrupt --as near", "Interrupted"),
)
"""Requests that fail."""

UNREACHED = (
    Scene(connect("--name untrusted", API.replace("a1b2c3d4e5", "untrusted"))),
    Scene("%apigw POST /orders", "TransportError"),
    Scene(connect("--name refused", API.replace("a1b2c3d4e5", "refused"))),
    Scene("%apigw POST /orders", "TransportError"),
    Scene(connect("--name wants", API.replace("a1b2c3d4e5", "wants"))),
    Scene("%apigw POST /orders", "TransportError"),
)
"""Requests that do not reach the API: a wrong certificate, a proxy that refuses."""

TURNING = (
    Scene("%apigw use far"),
    Scene("%apigw connect --role later-echo --name later"),
    Scene("%apigw renew", "CredentialsError"),
    Scene("%apigw connect --role later-mismatch --name later"),
    Scene("%apigw renew", "CredentialsError"),
    Scene("%apigw connect --role who-echo --name who"),
    Scene("%apigw whoami", "CredentialsError"),
    Scene(
        "import apigw_magic\n"
        "def fail(request, *, timeout):\n"
        "    raise ZeroDivisionError((home / 'fault.txt').read_text())\n"
        "connections = get_ipython().magics_manager.registry['ApigwMagics']._state.connections\n"
        "connections.add(apigw_magic.connect(base=connections.current, name='faulty', transport=fail))\n"
        "del connections"
    ),
    Scene("%apigw GET /orders", "ApigwError"),
    Scene("%apigw close faulty"),
)
"""What goes wrong after it went well, and faults of our own."""

IN_PYTHON = (
    Scene(f"conn = apigw_magic.connect({API!r}, role='reader', name='held', api_key=(home / 'key.txt').read_text())"),
    Scene("conn"),
    Scene("raw = conn.get('/good'); raw"),
    Scene("table = raw.frame(); table"),
    Scene("conn.get('/echo')", "StatusError"),
    Scene("conn.get('/elsewhere')", "StatusError"),
    Scene("conn.post('/reset', json={'a': 1})", "TransportError"),
    Scene("conn.post('/x', headers={'X-Api-Key': (home / 'key.txt').read_text() + chr(10)})", "InvalidRequestError"),
    Scene("conn.get('/interrupt')", "SendingInterrupted"),
    Scene("apigw_magic.connect(base=conn, role='echo')", "CredentialsError"),
    Scene(f"apigw_magic.connect(base=conn, role='said', mfa_serial={MFA!r})", "CredentialsError"),
    Scene("apigw_magic.connect(base=conn, role='denied', api_key=(home / 'key.txt').read_text())", "CredentialsError"),
    Scene("try:\n    conn.get('/echo')\nexcept apigw_magic.StatusError as error:\n    caught = error"),
    Scene("caught"),
    Scene("caught.explanation"),
    Scene("print(*caught.explanation.details, sep=chr(10))"),
    Scene("apigw_magic.explain(conn.get('/data'))"),
    Scene("caught.response"),
    Scene("raise caught", "StatusError"),
)
"""The Python API in a notebook."""

LOOKING = (
    *(
        Scene(cell)
        for cell in (
            "%whos",
            "%who",
            "%who_ls",
            *("conn?", "conn??", "raw?", "raw??", "table?", "caught?", "%apigw?", "%%apigw?"),
            *("%pinfo conn", "%pinfo2 raw", "%pdoc conn", "%page raw"),
            "%load_ext storemagic",
            *("%store raw", "%store table", "%store"),
            *("%history -o", "%history -n -o -f told.txt", "%notebook told.ipynb", "%save told 1-200"),
            *("Out", "_", "print(conn, raw, caught)", "[conn, raw, caught]", "{'a': {'b': conn}}"),
            "table.to_csv('table.csv'); table.to_json('table.json'); table.to_pickle('table.pickle')",
            "%%capture shown\n%apigw GET /good --raw --as keyed",
            "shown.show()",
        )
    ),
    Scene("%store conn", "TypeError"),
)
"""What IPython shows of all that."""

ENDING = (
    Scene("%apigw"),
    Scene("%reload_ext apigw_magic"),
    Scene(connect("--role reader")),
    Scene("%unload_ext apigw_magic"),
)
"""What drops everything."""

_EACH = "for _, text in plants:\n    "
_NAMES = ", ".join(f"p{number}" for number in range(len(SPELLINGS)))
_SPILT = "spill(*[value for value, _ in plants])"

PLANTED = (
    Scene("import json, logging, sys, warnings\nfrom IPython.display import HTML, display"),
    Scene("plants = json.loads((home / 'plants.json').read_text())\n%load_ext storemagic"),
    Scene(f"{_EACH}print(text)"),
    Scene(f"{_EACH}print(text, file=sys.stderr)"),
    Scene(f"{_EACH}display(HTML(text))"),
    Scene(f"{_EACH}display(HTML(''), metadata={{'text/html': {{'a': text}}}})"),
    Scene(f"{_EACH}warnings.warn(text)"),
    Scene(f"{_EACH}logging.getLogger('botocore.auth').debug('%s', text)"),
    Scene(f"def spill({_NAMES}):\n    raise KeyError({_NAMES})\n{_SPILT}", "KeyError"),
    Scene(f"def spill({_NAMES}):\n    raise KeyError(len(({_NAMES})))  # in variables alone\n{_SPILT}", "KeyError"),
    Scene("(home / 'spilt').write_text('\\n'.join(text for _, text in plants))"),
    Scene("dict(plants)"),
    Scene("Out"),
    Scene(f"{_NAMES} = [value for value, _ in plants]"),
    Scene("%whos"),
    Scene("for number in range(len(plants)):\n    get_ipython().run_line_magic('pinfo', f'p{number}')"),
    Scene("%history -o"),
    Scene("%history -o -f spilt.txt"),
    Scene("%notebook spilt.ipynb"),
    Scene("%store plants"),
)
"""What spills the planted secrets, in every way that a shell has: those are to be found."""

PLANTED_IN_A_KERNEL = (
    *(scene for scene in PLANTED if "%notebook" not in scene.cell),
    Scene("by_name = {value: 1 for value, _ in plants}"),
    Scene(f"{_EACH}os.write(1, (text + chr(10)).encode()); os.write(2, (text + chr(10)).encode())"),
    Scene("input(prompt='mfa ' + ' '.join(value for value, _ in plants))"),
)
"""As above, and what only a kernel has: completion, its own output, questions."""

ALL = (
    PREPARE,
    *CONNECTING,
    *REFUSED,
    *UNREACHABLE,
    *WRONG,
    *WORKING,
    *TRYING,
    *FAILING,
    *UNREACHED,
    *TURNING,
    *IN_PYTHON,
    *LOOKING,
    *ENDING,
)
"""All but what spills."""

_LEFT_OUT = (
    *("/container/garbled", "--role reset", "/interrupt --as keyed", "connect shop", "--profile noisy"),
    *("%notebook", "%store conn", "conn??", "raw??", "%pinfo"),
    *("--profile plain", "--profile chained"),
)

_SOME = (
    *CONNECTING,
    *REFUSED[1::4],
    *WRONG[::6],
    *WORKING[::2],
    *TRYING[1:7:2],
    *FAILING[::3],
    *TURNING,
    *IN_PYTHON,
    *LOOKING,
    *ENDING,
)

IN_A_KERNEL = (PREPARE, *(scene for scene in _SOME if not any(word in scene.cell for word in _LEFT_OUT)))
"""What is done in a kernel, too: some of all that a shell does in less time."""
