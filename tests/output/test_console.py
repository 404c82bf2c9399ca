from __future__ import annotations

import os
import pty
import subprocess
import sys

PROGRAM = """
import sys
from bedplate.output.console import show
from bedplate.output.lines import Lines, line, Segment
show(Lines((line(Segment("bad", "bad"), " [bold]x[/bold] :smile: ", "w" * 200),)), plain="--plain" in sys.argv)
"""
PLAIN = f"bad [bold]x[/bold] :smile: {'w' * 200}\n"


def piped(*arguments: str, **environment: str) -> str:
    """What the program writes into a pipe."""
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], env=env, capture_output=True, text=True, check=True
    ).stdout


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What the program writes to a terminal of its own."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    master, slave = pty.openpty()
    env = {**kept, "TERM": "xterm-256color", "COLUMNS": "80", **environment}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], env=env, stdout=slave)
    os.close(slave)
    written = b""
    while chunk := _read(master):
        written += chunk
    assert process.wait() == 0
    os.close(master)
    return written.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # how Linux says that the last writer of a terminal is gone
        return b""


def test_a_pipe_gets_whole_lines_without_escape_codes() -> None:
    assert piped() == PLAIN


def test_a_terminal_gets_styles_and_no_markup_is_read_out_of_the_text() -> None:
    text = on_a_terminal()
    assert text.startswith("\x1b[1;31mbad\x1b[0m")
    assert "[bold]x[/bold] :smile: " in text
    assert "w" * 200 in text


def test_plain_and_no_color_win_over_a_terminal() -> None:
    assert on_a_terminal("--plain") == PLAIN
    assert on_a_terminal(NO_COLOR="1") == PLAIN
