"""The local account: an AWS account on one port of this machine, and a shop in it to try roles on."""

from __future__ import annotations

from apigw_magic.demo.account import LocalAccount, attach, start
from apigw_magic.demo.shop import Shop, provision
from apigw_magic.demo.tour import Demo, open_demo

__all__ = ["Demo", "LocalAccount", "Shop", "attach", "open_demo", "provision", "start"]
