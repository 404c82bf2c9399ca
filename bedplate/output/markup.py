"""Markdown from text that may hold anything: no part of it becomes markup, a mention, a reference or a link."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bedplate.output.wording import visible

# What no reader of Markdown or HTML takes for anything but itself, in the middle of a line.
_HARMLESS = re.compile(r"[A-Za-z0-9 ,./=+()%→·…×≤±−-]")
_BACKTICKS = re.compile(r"`+")
_WWW = re.compile(r"www\.", re.IGNORECASE)


def code(text: str) -> str:
    """`text` as inline code: safe in paragraphs, lists, table cells and HTML.

    A code element rather than backticks: backslashes and pipes mean something even inside backticks in a table, and
    mentions are not looked for in code elements. Everything unusual becomes a numeric entity.
    """
    escaped = "".join(c if _HARMLESS.fullmatch(c) else f"&#{ord(c)};" for c in visible(text))
    return f"<code>{_WWW.sub(lambda found: found[0][:3] + '&#46;', escaped)}</code>"


def fenced(lines: Sequence[str]) -> str:
    """`lines` as a code block whose fence nothing inside can close. Ends with a line feed."""
    body = "".join(f"{visible(text)}\n" for text in lines)
    longest = max((len(run) for run in _BACKTICKS.findall(body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{body}{fence}\n"


def details(summary: str, body: str) -> str:
    """A folded section. `summary` is HTML, `body` Markdown."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n</details>\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()) -> str:
    """A table of cells that are markup already; columns in `numbers` are flush right."""
    marks = ["---:" if index in numbers else "---" for index in range(len(header))]
    return "".join("| " + " | ".join(row) + " |\n" for row in (header, marks, *rows))
