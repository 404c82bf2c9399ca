from __future__ import annotations

from bedplate.output.lines import BLANK, Lines, Segment, heading, indented, line, table


def test_a_table_aligns_text_left_and_numbers_right() -> None:
    text = Lines(table(("name", "count"), [("a", "1,000"), (Segment("longer", "good"), "7")], numbers=(1,))).plain
    assert text == "name    count\na       1,000\nlonger      7\n"


def test_plain_text_has_no_space_at_the_end_of_a_line() -> None:
    assert Lines((line("a  "), BLANK, heading("Cost", "none"))).plain == "a\n\nCost  none\n"


def test_indenting_moves_lines_and_leaves_blank_ones_blank() -> None:
    assert Lines(indented((line("a"), BLANK, line("b", indent=2)), 2)).plain == "  a\n\n    b\n"


def test_a_segment_cannot_break_out_of_its_line() -> None:
    assert Lines((line("a\nb", Segment("\x1b[2J", "bad")),)).plain == "a\\nb\\u001b[2J\n"
