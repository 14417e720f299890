"""The notebook's side: `%apigw` and `%%apigw`. The only place that knows IPython."""

from __future__ import annotations

from apigw_magic.magics.extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
