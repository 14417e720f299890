"""Who may do what as a frame, a row per request and connection, that is shown as a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.magics.grid import mark_up, read_grid, write
from apigw_magic.magics.tables import Table, make_frame, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.access import Finding

# The dtype of each column; `str` is whatever pandas has for text.
_COLUMNS = {
    "method": "str",
    "target": "str",
    "connection": "str",
    "verdict": "str",
    "how": "str",
    "status": "Int64",
    "reason": "str",
    "policy": "str",
    "ms": "Int64",
}


class AccessTable(Table):
    """One row per request and connection, shown as a grid."""

    def _is_whole(self) -> bool:
        if list(self.columns) != list(_COLUMNS) or not len(self):
            return False
        keys = self[["method", "target", "connection"]]
        sizes = keys[["method", "target"]].drop_duplicates().shape[0], keys["connection"].nunique()
        return not keys.duplicated().any() and len(self) == sizes[0] * sizes[1]

    def _write(self) -> str:
        return write(read_grid(read_rows(self)))

    def _mark_up(self) -> str:
        return mark_up(read_grid(read_rows(self)))


def tabulate_access(findings: Sequence[Finding]) -> AccessTable:
    """Return what was found as a frame, one row per request and connection."""
    rows = [
        {
            "method": finding.request.method,
            "target": finding.connection.redact(finding.request.target, finding.request),
            "connection": finding.connection.name,
            "verdict": str(finding.verdict),
            "how": finding.how or None,
            "status": finding.status,
            "reason": finding.reason or None,
            "policy": finding.policy or None,
            "ms": finding.ms,
        }
        for finding in findings
    ]
    return AccessTable(make_frame(rows, _COLUMNS))
