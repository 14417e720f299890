"""What a project's `pyproject.toml` says of connections: places and names, nothing secret."""

from __future__ import annotations

from apigw_magic.config.connections import ConfiguredConnection, find_connection, list_names

__all__ = ["ConfiguredConnection", "find_connection", "list_names"]
