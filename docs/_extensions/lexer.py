"""Colours cells: `%apigw` lines, `%%apigw` requests with `{{ }}` in them, and Python."""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, using
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text, Whitespace

_METHODS = r"(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)\b"


class CellLexer(RegexLexer):
    """A cell of a notebook that has this extension loaded."""

    name = "apigw_magic cell"
    aliases: ClassVar[list[str]] = ["apigw"]
    tokens: ClassVar[dict[str, list[tuple[object, ...]]]] = {
        "root": [
            (r"(%%apigw)(?=[ \n])", bygroups(Keyword.Namespace), ("message", "arguments")),
            (r"^(\w+ = )?(%\w+)", bygroups(using(PythonLexer), Keyword.Namespace), "arguments"),
            (r"(?:(?!%|\w+ = %).*\n)+", using(PythonLexer)),
        ],
        "arguments": [
            (r"\n", Whitespace, "#pop"),
            (r"[ ]+", Whitespace),
            (r"'\{\{.*\}\}'", String),
            (r"'[^'\n]*'", String),
            (r"--?[A-Za-z][\w-]*", Name.Tag),
            (_METHODS, Keyword),
            (r"[^\s{]+|\{(?!\{)", Text),
            (r"(\{\{)(.*?)(\}\})", bygroups(Operator, using(PythonLexer), Operator)),
        ],
        "message": [
            (r"^#.*\n", Comment),
            (rf"^({_METHODS})( )", bygroups(Keyword, Whitespace), "target"),
            (r"^([\w-]+)(:)", bygroups(Name.Tag, Punctuation), "target"),
            (r"^(<)( .*\n)", bygroups(Operator, Text)),
            (r'"[^"\n]*"(?=\s*:)', Name.Tag),
            (r'"[^"\n]*"', String),
            (r"-?\d+(?:\.\d+)?\b", Number),
            (r"\b(?:true|false|null)\b", Keyword.Constant),
            (r"(\{\{)(.*?)(\}\})", bygroups(Operator, using(PythonLexer), Operator)),
            (r"[{}\[\],:]", Punctuation),
            (r"\s+", Whitespace),
            (r"[^\s{}\[\],:\"]+|\"", Text),
        ],
        "target": [
            (r"\n", Whitespace, "#pop"),
            (r"(\{\{)(.*?)(\}\})", bygroups(Operator, using(PythonLexer), Operator)),
            (r"[^\n{]+|\{(?!\{)", Text),
        ],
    }
