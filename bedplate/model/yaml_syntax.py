"""libyaml's complaints, said for people who write environment files.

libyaml names the state of its parser; a reader wants the likely mistake and the next step. Unknown complaints pass
through unchanged, so nothing is lost when libyaml learns a new one.
"""

from __future__ import annotations

from yaml import MarkedYAMLError

from bedplate.model.source import InputError, Position
from bedplate.model.yaml_text import refusal

_QUOTE = "put the value in quotes"
_INDENT = "align it with the entries above; after a closing quote or bracket nothing may follow on the line"

_COMPLAINTS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": (
        "a second ': ' where the value of a key was expected",
        "put a value that holds ': ' in quotes, and begin nested keys on a line of their own",
    ),
    "block sequence entries are not allowed in this context": (
        "a '- ' where the value of a key was expected",
        "begin a list on a line of its own",
    ),
    "did not find expected key": ("expected a key or the end of the mapping", _INDENT),
    "did not find expected '-' indicator": ("expected another '- ' entry or the end of the list", _INDENT),
    "could not find expected ':'": ("expected ': ' after the key", "write 'key: value'"),
    "did not find expected ',' or ']'": ("expected ',' or ']'", "close the list, or separate its items with commas"),
    "did not find expected ',' or '}'": ("expected ',' or '}'", "close the mapping, or separate its keys with commas"),
    "did not find expected node content": ("expected a value", "delete the surplus comma or bracket"),
    "found character that cannot start any token": ("{character} cannot start a value", _QUOTE),
    "found unexpected end of stream": ("the text in quotes is never closed", "add the closing quote"),
    "found unexpected document indicator": ("the text in quotes is never closed", "add the closing quote"),
    "found unknown escape character": (
        "an unknown escape sequence",
        "use single quotes for text with backslashes, or write \\\\ for one",
    ),
    "found invalid Unicode character escape code": ("an escape for a character that does not exist", ""),
    "did not find expected hexdecimal number": ("an escape sequence with too few hexadecimal digits", ""),
    "did not find expected <document start>": ("expected the end of the file", "a file holds one document"),
    "did not find expected alphabetic or numeric character": (
        "'&' and '*' start an anchor or an alias, and its name is missing",
        _QUOTE,
    ),
    "did not find expected comment or line break": ("text after '|' or '>'", "begin the text on the next line"),
}


_BEGUN = {
    "while parsing a block mapping": "the mapping",
    "while parsing a flow mapping": "the mapping",
    "while parsing a block collection": "the list",
    "while parsing a flow sequence": "the list",
    "while scanning a quoted scalar": "the text",
}
_SAID_WHERE_BEGUN = frozenset(
    {"could not find expected ':'", "found unexpected end of stream", "found unexpected document indicator"}
)
"""Complaints that libyaml makes far behind the mistake."""


def syntax_error(error: MarkedYAMLError, text: str, name: str) -> InputError:
    """The refusal of a `text` that is not YAML, at the place of the mistake as far as libyaml knows it."""
    complaint = error.problem or "not YAML"
    message, hint = _COMPLAINTS.get(complaint, (complaint, ""))
    mark, begun = error.problem_mark, error.context_mark
    if begun and complaint in _SAID_WHERE_BEGUN:
        mark, begun = begun, None
    assert mark is not None, "libyaml marks every complaint"
    message = message.replace("{character}", repr(text[mark.index : mark.index + 1]))
    if begun and begun.line != mark.line:
        message += f" ({_BEGUN.get(error.context or '', 'what is read here')} begins at line {begun.line + 1})"
    return refusal(Position(name, mark.line + 1, mark.column + 1), message, hint=hint)
