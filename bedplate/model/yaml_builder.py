"""From libyaml's events to nodes with positions.

The stock loaders read YAML 1.1, forget positions, take the last of two equal keys and expand aliases without a limit.
Events have none of these faults; what they mean is decided here. Nothing recurses deeper than `MAX_DEPTH` or counts
more than `MAX_NODES`, and libyaml is asked for one event at a time, so reading stops where a limit is passed.
"""

from __future__ import annotations

from dataclasses import dataclass

from yaml import MarkedYAMLError, events
from yaml._yaml import CParser

from bedplate.model.source import Position, Problem
from bedplate.model.tree import Mapping, Node, Scalar, Sequence, Step, format_path
from bedplate.model.yaml_scalars import other_reading, resolve, type_name
from bedplate.model.yaml_syntax import syntax_error
from bedplate.model.yaml_text import refusal, refuse_second_document

MAX_DEPTH = 64
MAX_NODES = 100_000
"""Keys and values of one document, aliases expanded. A large environment has a few thousand."""
MAX_KEY = 1024
"""Characters of a key; YAML itself allows no more for keys without a question mark."""
MAX_NOTES = 100
"""Problems, and warnings, that are kept of one document; those beyond are counted."""
_MARKED = "libyaml marks every event"


class Notes:
    """Problems or warnings in the order found, at most `MAX_NOTES` and one that counts the rest."""

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._kept)

    def add(self, problem: Problem) -> None:
        if len(self._kept) < MAX_NOTES:
            self._kept.append(problem)
        else:
            self._more += 1

    def all(self) -> tuple[Problem, ...]:
        if not self._more:
            return tuple(self._kept)
        return (*self._kept, Problem(self._kept[-1].position, "", f"and {self._more:,} more after this line"))


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value that aliases may repeat: what one more copy costs, and how many levels it has."""

    node: Node
    size: int
    height: int


class TreeBuilder:
    """Builds the tree of one document. Mistakes in values are collected in `problems`; those in structure raise."""

    def __init__(self, text: str, name: str) -> None:
        self.problems = Notes()
        self.warnings = Notes()
        self._text = text
        self._name = name
        self._parser = CParser(text)
        self._path: list[Step] = []
        self._count = 0
        self._anchors: dict[str, _Anchored | None] = {}  # None while the anchored value is still being read

    def build(self) -> Mapping:
        """Read the document to the end of the file. Raises InputError for what cannot be read on."""
        self._next()
        if isinstance(self._next(), events.StreamEndEvent):
            raise refusal(Position(self._name, 1, 1), "the file is empty", hint="write at least one 'key: value'")
        root, _ = self._node(self._next(), depth=1)
        end = self._next().end_mark
        assert end is not None, _MARKED
        refuse_second_document(self._text, end.index, self._name)
        self._next()
        if not isinstance(root, Mapping):
            kind = "a list" if isinstance(root, Sequence) else type_name(root.value)
            raise refusal(root.position, f"the top of a file is a mapping (key: value), got {kind}")
        return root

    def _next(self) -> events.Event:
        try:
            event = self._parser.get_event()
        except MarkedYAMLError as error:
            raise syntax_error(error, self._text, self._name) from None
        assert event is not None, "libyaml was asked for an event after the end of the stream"
        return event

    def _node(self, event: events.Event, depth: int) -> tuple[Node, int]:
        """The value that begins with `event`, and its height: levels of lists and mappings, 0 for a scalar."""
        if isinstance(event, events.AliasEvent):
            return self._alias(event, depth)
        assert isinstance(event, events.ScalarEvent | events.CollectionStartEvent)
        before = self._count
        self._spend(1, event)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problem(event, f"tags ({_short(tag)}) are not supported", hint="delete the tag")
        if event.anchor:
            self._anchors[event.anchor] = None
        node, height = self._fresh(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(node, self._count - before, height)
        return node, height

    def _fresh(self, event: events.ScalarEvent | events.CollectionStartEvent, depth: int) -> tuple[Node, int]:
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event), 0
        self._refuse_depth(depth, event)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._mapping(event, depth)

    def _mapping(self, start: events.Event, depth: int) -> tuple[Mapping, int]:
        items: dict[str, Node] = {}
        positions: dict[str, Position] = {}
        height = 0
        while not isinstance(event := self._next(), events.MappingEndEvent):
            key = self._key(event, depth)
            if key is None:
                self._node(self._next(), depth + 1)
                continue
            self._path.append(key)
            node, reach = self._node(self._next(), depth + 1)
            if key in positions:
                first = positions[key]
                self._problem(event, f"the key is already in this mapping (line {first.line}, column {first.column})")
            else:
                items[key], positions[key] = node, self._place(event)
            self._path.pop()
            height = max(height, reach)
        return Mapping(items, positions, self._place(start)), height + 1

    def _sequence(self, start: events.Event, depth: int) -> tuple[Sequence, int]:
        items: list[Node] = []
        height = 0
        while not isinstance(event := self._next(), events.SequenceEndEvent):
            self._path.append(len(items))
            node, reach = self._node(event, depth + 1)
            self._path.pop()
            items.append(node)
            height = max(height, reach)
        return Sequence(tuple(items), self._place(start)), height + 1

    def _key(self, event: events.Event, depth: int) -> str | None:
        """The key, or None for one that is refused (and noted)."""
        if isinstance(event, events.ScalarEvent) and event.implicit[0] and event.value == "<<":
            hint = "name a fragment in 'extends', or repeat the keys"
            self._problem(event, "merge keys (<<) are not YAML 1.2", hint=hint)
            return None
        node, _ = self._node(event, depth + 1)
        if not isinstance(event, events.ScalarEvent) or not isinstance(node, Scalar):
            self._problem(event, "a key is plain text, not a list, a mapping or an alias")
            return None
        if not isinstance(node.value, str):
            hint = f'quote it: "{_short(node.text)}"' if node.text else "write the key before the colon"
            self._problem(event, f"a key is text, got {type_name(node.value)}", hint=hint)
            return None
        if not 0 < len(node.value) <= MAX_KEY:
            self._problem(event, f"a key has 1 to {MAX_KEY:,} characters, got {len(node.value):,}")
            return None
        return node.value

    def _scalar(self, event: events.ScalarEvent) -> Scalar:
        text = event.value
        place = self._place(event)
        if not event.implicit[0]:
            if "\0" in text:
                self._problem(event, "text must not hold the character NUL")
            return Scalar(text, text, place)
        quoted = f'if it is text, quote it: "{_short(text)}"'
        try:
            value = resolve(text)
        except ValueError as reason:
            self._problem(event, str(reason), hint=quoted)
            return Scalar(None, text, place)
        other = other_reading(text, value)
        if other:
            here = type_name(value)
            message = f"{_short(text)} without quotes is {here} here, and {other} to readers of YAML 1.1"
            self.warnings.add(Problem(place, format_path(tuple(self._path)), message, hint=quoted))
        return Scalar(value, text, place)

    def _alias(self, event: events.AliasEvent, depth: int) -> tuple[Node, int]:
        name = event.anchor or ""
        if name not in self._anchors:
            message = f"*{_short(name)} repeats nothing: there is no anchor &{_short(name)} above"
            raise refusal(self._place(event), message)
        anchored = self._anchors[name]
        if anchored is None:
            raise refusal(self._place(event), f"*{_short(name)} stands inside the value that it repeats")
        self._spend(anchored.size, event)
        self._refuse_depth(depth - 1 + anchored.height, event)
        return anchored.node, anchored.height

    def _spend(self, size: int, event: events.Event) -> None:
        self._count += size
        if self._count > MAX_NODES:
            raise refusal(
                self._place(event),
                f"the document has more than {MAX_NODES:,} keys and values, counted with aliases expanded",
            )

    def _refuse_depth(self, depth: int, event: events.Event) -> None:
        if depth > MAX_DEPTH:
            raise refusal(self._place(event), f"lists and mappings are nested deeper than {MAX_DEPTH} levels")

    def _place(self, event: events.Event) -> Position:
        start = event.start_mark
        assert start is not None, _MARKED
        return Position(self._name, start.line + 1, start.column + 1)

    def _problem(self, event: events.Event, message: str, *, hint: str = "") -> None:
        self.problems.add(Problem(self._place(event), format_path(tuple(self._path)), message, hint=hint))


def _short(text: str) -> str:
    """The text on one line of at most 40 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
