"""The local account, ready to try: started, provisioned, connected to as each of its roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic.connection import Connection, connect
from apigw_magic.demo.account import LocalAccount, attach, start
from apigw_magic.demo.shop import Shop, provision
from apigw_magic.identity import wrap_session
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

_ROLES = {
    "reader": "may GET",
    "writer": "may do everything but DELETE",
    "partner": "may GET, but not /customers; wants --external-id shop-partner",
}


@dataclass(frozen=True, slots=True)
class Demo(Secret):
    """A local account with the shop in it.

    Attributes:
        account: running.
        shop: what was provisioned there.
    """

    account: LocalAccount
    shop: Shop

    def connect(self) -> tuple[Connection, ...]:
        """Connect as each role; reader, which is the one to begin with, comes first.

        Raises:
            ApigwError: the account does not answer as it should.
        """
        base = wrap_session(self.shop.session, self.shop.region, self.shop.sts_endpoint)
        return tuple(
            connect(
                self.shop.url,
                role=role,
                region=self.shop.region,
                external_id=self.shop.external_id if role == "partner" else None,
                base=base,
            )
            for role in _ROLES
        )

    def owns(self, connection: Connection) -> bool:
        """Tell whether a connection lives by this account: its API, or its credentials."""
        endpoint = self.account.endpoint
        return connection.url.startswith(f"{endpoint}/") or connection.base.sts.endpoint == endpoint

    def describe(self) -> str:
        """Return what there is and what to try."""
        roles = "\n".join(f"  {role:<8} {told}" for role, told in _ROLES.items())
        return _TOLD.format(endpoint=self.account.endpoint, roles=roles)


def open_demo(endpoint: str | None = None, *, tell: Callable[[str], object] | None = None) -> Demo:
    """Start a local account, or attach to one, and provision the shop.

    Args:
        endpoint: of a MiniStack that runs on this machine; None to start one.
        tell: gets a word for the user, if that takes long.

    Raises:
        DemoError: it cannot start or be reached; it says what to install, or how to attach.
    """
    account = start(tell=tell) if endpoint is None else attach(endpoint)
    try:
        return Demo(account, provision(account))
    except BaseException:  # an interrupt, too: nothing would be left to stop the account by
        account.stop()
        raise


_TOLD = """\
A local AWS account runs at {endpoint}, with a shop's API in it. You are connected as
{roles}
reader is the current one. Try, each in a cell of its own:

  %apigw GET /orders?status=open

  %%apigw --as writer
  POST /orders
  {{"customer": "C-07", "total": 42.5}}

reader may not do this, and nobody may assume that role:

  %apigw DELETE /orders/A-1001
  %apigw connect --role locked

The API: GET POST /orders, GET PUT DELETE /orders/A-1001, GET /customers, GET /health.
%apigw lists the connections, %apigw -h shows every command, %apigw demo stop ends it.
Any program of this machine may administer it: end it where others log in, too."""
