"""What the Tab key proposes in `%apigw` and `%%apigw`: suggestions, handed to IPython's completer.

IPython asks matchers that know the whole cell since 8.6; an older one goes without.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext, SimpleMatcherResult
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.suggestions import Suggestions
    from apigw_magic.magics.vocabulary import Known

_ID = "apigw_magic"
_MAGIC = "%apigw"


def attach(shell: InteractiveShell, known: Known) -> None:
    """Let a shell propose what may stand in our magics; once, however often it is called.

    Args:
        shell: whose completer is to ask us.
        known: connections, history and names; the state of the notebook.
    """
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher  # noqa: PLC0415 - not in IPython before 8.6
    except ImportError:
        return
    detach(shell)

    def match(context: CompletionContext) -> SimpleMatcherResult:
        found = _suggest(context, known)
        if found is None:
            return {"completions": [], "suppress": False}
        return {
            "completions": [SimpleCompletion(word, type=found.kind) for word in found.words],
            "matched_fragment": found.fragment,
            "ordered": not found.is_shared,
            "suppress": not found.is_shared,
        }

    shell.Completer.custom_matchers.append(context_matcher(identifier=_ID, priority=1)(match))


def detach(shell: InteractiveShell) -> None:
    """Take from a shell's completer what `attach` added, if there is any."""
    matchers = getattr(shell.Completer, "custom_matchers", [])
    matchers[:] = [matcher for matcher in matchers if getattr(matcher, "matcher_identifier", "") != _ID]


def _suggest(context: CompletionContext, known: Known) -> Suggestions | None:
    """Return what may stand at the cursor; None for nothing, or if a fault of ours keeps it from being told."""
    if _MAGIC not in context.full_text:
        return None
    above = context.full_text.split("\n")[: context.cursor_line]
    try:
        from apigw_magic.magics.suggestions import suggest  # noqa: PLC0415 - loads with the first of our lines

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an expression is compiled to see where it ends; sending it warns
            found = suggest("\n".join((*above, context.text_until_cursor)), known)
    except Exception:  # noqa: BLE001 - IPython would print a traceback into the line that is being typed
        return None
    return found if found.words else None
