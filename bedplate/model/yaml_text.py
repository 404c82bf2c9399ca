"""The first look at a YAML file: what can be refused on its bytes, before a parser works on them."""

from __future__ import annotations

import codecs
import re

from bedplate.model.source import InputError, Position, Problem

MAX_BYTES = 4 * 1024 * 1024

# Tabs, other control characters, line ends that only some readers see, characters that reorder text on the screen
# (CVE-2021-42574), byte order marks inside the text, and what Unicode calls a non-character.
_FORBIDDEN = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\r(?!\n)")
_REASONS = {
    "\t": ("a tab; indentation and spacing are made of spaces", 'inside a value write "\\t" in double quotes'),
    "\0": ("the character NUL", "no value may hold it"),
    "\r": ("a carriage return without a line feed", "end lines with a line feed"),
}
_CONTENT = re.compile(r"^(?! *(?:#|\r?$))[^\r\n]+", re.MULTILINE)
_TRAILING = re.compile(r"^(?! *(?:#|\r?$)|\.\.\. *(?:#|\r?$))[^\r\n]+", re.MULTILINE)
_YAML_1_2 = re.compile(r"%YAML +1\.2 *(?:#.*)?")


def decode(data: bytes, name: str) -> str:
    """The text of a file, without its byte order mark. Raises InputError for what no YAML 1.2 file of ours may hold."""
    if len(data) > MAX_BYTES:
        raise refusal(Position(name, 1, 1), f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        read = error.object[: error.start].decode("utf-8")
        byte = error.object[error.start]
        raise refusal(
            position(read, len(read), name), f"byte 0x{byte:02x} is not valid UTF-8", hint="save the file as UTF-8"
        ) from None
    _refuse_characters(text, name)
    _refuse_directives(text, name)
    return text


def refuse_second_document(text: str, start: int, name: str) -> None:
    """Refuse anything but comments after the end of the first document, which is at the offset `start`."""
    more = _TRAILING.search(text, start)
    if more:
        raise refusal(
            position(text, more.start(), name),
            "a second document starts here; a file holds one",
            hint="put it in a file of its own",
        )


def position(text: str, offset: int, name: str) -> Position:
    """Line and column of the character at `offset`."""
    return Position(name, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def refusal(place: Position, message: str, *, hint: str = "") -> InputError:
    """An error with one problem that concerns the file, not a value in it."""
    return InputError([Problem(place, "", message, hint=hint)])


def _refuse_characters(text: str, name: str) -> None:
    found = _FORBIDDEN.search(text)
    if found:
        character = found.group()
        message, hint = _REASONS.get(character) or (
            f"the invisible character U+{ord(character):04X}",
            f'write it as "\\u{ord(character):04X}" in double quotes',
        )
        raise refusal(position(text, found.start(), name), f"found {message}", hint=hint)


def _refuse_directives(text: str, name: str) -> None:
    """Allow one `%YAML 1.2` and nothing else: tags are refused anyway, and libyaml is quadratic on %TAG lines."""
    line = _CONTENT.search(text)
    if line and _YAML_1_2.fullmatch(line.group()):
        line = _CONTENT.search(text, line.end())
    if line and line.group().startswith("%"):
        raise refusal(
            position(text, line.start(), name),
            f"the directive {line.group()[:40].rstrip()!r} is not supported",
            hint="files are YAML 1.2; delete the line",
        )
