"""A server that puts scripts into all that it controls, and the cells that ask it."""

from __future__ import annotations

_SERVER = r'''
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RUN = "window.ran=(window.ran||0)+1"
EVIL = (
    f"<img src=x onerror={RUN}>",
    f"<script>{RUN}</script>",
    f"<svg onload={RUN}>",
    f"\"><iframe srcdoc='<script>parent.{RUN}</script>'>",
    f"<a href='javascript:{RUN}' id=evil>x</a>",
    f"</pre></td></table><details open ontoggle={RUN}>",
    f"[x](javascript:{RUN}) ![x](x \"onerror={RUN}\")",
    f"$\\href{{javascript:{RUN}}}{{x}}$",
)
ALL = " ".join(EVIL)
ROWS = [{text: text, "nested": {text: [text]}} for text in EVIL]
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{RUN}'><script>{RUN}</script></svg>"

STS = """<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::111122223333:user/&lt;img src=x onerror=window.ran=1&gt;</Arn><UserId>x</UserId>
<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""

class Hostile(BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        status, media_type, content = 200, "application/json", json.dumps({"items": ROWS, ALL: ALL})
        if path == "/":
            media_type, content = "text/xml", STS
        elif path == "/tie":
            content = json.dumps({ALL: [{"a": 1}], EVIL[0]: [{"b": 2}]})
        elif path == "/text":
            content = json.dumps(ALL)
        elif path == "/refused":
            status, content = 403, json.dumps({"message": ALL})
        elif path == "/denied":
            status, content = 403, json.dumps({"Message": f"User: {EVIL[0]} is not authorized to perform: "
                f"execute-api:Invoke on resource: {EVIL[1]} because no identity-based policy allows the "
                "execute-api:Invoke action"})
        elif path == "/failed":
            status, media_type, content = 502, "text/html", f"<html><body>{ALL}</body></html>"
        elif path == "/moved":
            status, content = 302, ""
        elif path.startswith("/as/"):
            media_type = path.removeprefix("/as/").replace("~", "/")
            content = SVG if "svg" in media_type else f"<html><body>{ALL}</body></html>"
        self.send_response(status, f"OK {EVIL[0]}")
        for name, value in {
            "Content-Type": media_type, "Location": f"https://x/{EVIL[0]}", "x-amzn-RequestId": EVIL[0],
            "x-amzn-ErrorType": EVIL[1] if status > 400 and path != "/denied" else "AccessDeniedException",
            "X-Evil": ALL, "Content-Disposition": f"attachment; filename={EVIL[0]}",
            "Content-Length": str(len(content.encode())),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content.encode())
    do_GET = do_POST = do_DELETE = answer
    def log_message(self, *_): ...

server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
threading.Thread(target=server.serve_forever, daemon=True).start()
HERE = f"http://127.0.0.1:{server.server_port}"
import os
os.environ.update(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="invented")
'''

_EVIL_NAME = """\
import apigw_magic
_state = get_ipython().magics_manager.registry["ApigwMagics"]._state
_evil = apigw_magic.connect(base=_state.connections.current, name="x")
_evil.name = EVIL[0]
_state.connections.add(_evil)"""

_FAILS = "get_ipython().run_cell({!r})"
"""A cell that fails would stop Run All; one within a cell shows the same and does not."""

CELLS = (
    "%load_ext apigw_magic",
    _SERVER,
    "%apigw connect {{ HERE }}/ --region eu-west-1 --sts-endpoint {{ HERE }} --name hostile",
    "%apigw",
    "%apigw whoami",
    "%apigw /rows",
    "%apigw /rows -v",
    "%apigw /rows --json",
    "%apigw /rows --raw",
    "%apigw /text",
    "%apigw /refused --expect 403",
    "%apigw /denied --expect 403",
    *(f"%apigw /as/{media_type}" for media_type in (
        "text~html", "text~plain", "text~markdown", "text~csv", "application~xml", "image~svg+xml", "image~png",
        "application~javascript", "application~xhtml+xml", "application~octet-stream", "application~vnd.x",
        "text~latex",
    )),
    *(_FAILS.format(f"%apigw {line}") for line in (
        "/refused", "/denied", "/failed", "/moved", "/tie", "/rows --records nowhere", "/rows --expect 404",
        "/refused --as hostile,hostile2",
    )),
    _EVIL_NAME,
    "%%apigw access\n/rows?<img/src=x/onerror=window.ran=1>\n/refused\n/denied\n/failed\n/moved\nPOST /denied",
    "%%apigw access --send -o who\n/rows/<svg/onload=window.ran=1>\nPOST /refused",
    "who",
    "who.head(2)",
    "%apigw history",
    "%apigw last",
    "print('all asked')",
)  # fmt: skip
