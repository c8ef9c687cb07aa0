//! Renders a text as a terminal would finally show it: applies `\r`, backspace, cursor moves and colours.

use super::html::push_escaped;
use crate::terminal::{Cell, Screen};

/// The maximum number of columns of a line. A program that prints a million characters without a newline must not make
/// a page that no browser can lay out.
const MAX_COLUMNS: usize = 10_000;

/// Returns the lines that `text` leaves on a terminal, as HTML with a `<span>` for each coloured part. A final newline
/// does not begin a line.
pub fn html_lines(text: &str) -> Vec<String> {
    let mut rows = Screen::of(text).into_rows();
    rows.pop_if(|row| row.is_empty());
    rows.iter().map(|row| html_line(row)).collect()
}

fn html_line(row: &[Cell]) -> String {
    let mut html = String::new();
    let shown = &row[..row.len().min(MAX_COLUMNS)];
    for part in shown.chunk_by(|left, right| left.1 == right.1) {
        let text: String = part.iter().map(|cell| cell.0).collect();
        match part[0].1.opening_span() {
            Some(span) => {
                html.push_str(&span);
                push_escaped(&mut html, &text);
                html.push_str("</span>");
            }
            None => push_escaped(&mut html, &text),
        }
    }
    if shown.len() < row.len() {
        let left_out = row.len() - shown.len();
        html.push_str(&format!(
            "<span class=\"note\"> {left_out} more characters</span>"
        ));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::MAX_COLUMN;

    /// Returns the plain text that `text` leaves on a terminal: applies `\r`, backspace and cursor moves, and removes
    /// colours and all other escape sequences.
    fn fold(text: &str) -> String {
        let lines: Vec<String> = Screen::of(text)
            .into_rows()
            .iter()
            .map(|row| row.iter().map(|cell| cell.0).collect())
            .collect();
        lines.join("\n")
    }

    #[test]
    fn text_without_control_characters_is_kept() {
        for text in [
            "",
            "a",
            "a\n",
            "a\n\nb",
            "\ttab  \n",
            "naïve 日本語 🦀 e\u{301}\n",
        ] {
            assert_eq!(fold(text), text);
        }
    }

    #[test]
    fn a_carriage_return_overwrites_the_line() {
        assert_eq!(fold("10%\r20%\r100%\n"), "100%\n");
        assert_eq!(fold("abcdef\rxyz"), "xyzdef");
        assert_eq!(fold("one\r\ntwo\r\n"), "one\ntwo\n");
        assert_eq!(fold("█░░\r██░\r███"), "███");
    }

    #[test]
    fn a_backspace_moves_back_and_erases_nothing() {
        assert_eq!(fold("abc\u{8}X"), "abX");
        assert_eq!(fold("abc\u{8}"), "abc");
        assert_eq!(fold("a\n\u{8}\u{8}b"), "a\nb");
    }

    #[test]
    fn several_bars_are_drawn_by_moving_up() {
        assert_eq!(
            fold("a 0%\nb 0%\n\x1b[2Aa 9%\x1b[1B\rb 8%\n"),
            "a 9%\nb 8%\n"
        );
        assert_eq!(fold("a\nb\x1b[A\rc"), "c\nb");
    }

    #[test]
    fn erasing_a_line_leaves_nothing_of_it() {
        assert_eq!(fold("a long line\r\x1b[2Kshort"), "short");
        assert_eq!(fold("abcdef\x1b[3D\x1b[K"), "abc");
        assert_eq!(fold("abcdef\x1b[3D\x1b[1K"), "    ef");
        assert_eq!(fold("a\nb\nc\x1b[2F\x1b[J"), "");
        assert_eq!(fold("gone\n\x1b[2J\x1b[Hhere"), "here");
    }

    #[test]
    fn the_cursor_cannot_be_sent_far_away() {
        assert_eq!(fold("\x1b[65535Cx").len(), MAX_COLUMN + 1);
        assert_eq!(fold("\x1b[65535Bx\x1b[65535Ay\x1b[9;9Hz"), "xy      z");
        let long = "x".repeat(1000);
        assert_eq!(
            fold(&format!("{long}\x1b[1Dy")),
            format!("{}y", "x".repeat(999))
        );
    }

    #[test]
    fn sequences_that_draw_nothing_vanish() {
        assert_eq!(
            fold("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07\x07"),
            "red link"
        );
        assert_eq!(
            fold("\x1b[?25lhidden\x1b[?25h \x1b(Bend\x1b["),
            "hidden end"
        );
    }

    #[test]
    fn colours_become_spans_that_end_with_their_line() {
        assert_eq!(
            html_lines("\x1b[1;31merror\x1b[0m: <x>\n\x1b[32ma\nb\x1b[0m\n"),
            [
                "<span class=\"fg1 bold\">error</span>: &lt;x&gt;",
                "<span class=\"fg2\">a</span>",
                "<span class=\"fg2\">b</span>",
            ]
        );
    }

    #[test]
    fn overwriting_takes_the_new_colour() {
        assert_eq!(
            html_lines("aaa\r\x1b[34mb"),
            ["<span class=\"fg4\">b</span>aa"]
        );
    }

    #[test]
    fn an_endless_line_is_cut_and_says_so() {
        assert_eq!(
            html_lines(&"<".repeat(MAX_COLUMNS + 7)),
            [format!(
                "{}<span class=\"note\"> 7 more characters</span>",
                "&lt;".repeat(MAX_COLUMNS)
            )]
        );
    }

    #[test]
    fn a_final_newline_begins_no_line() {
        assert_eq!(html_lines(""), [""; 0]);
        assert_eq!(html_lines("a\n"), ["a"]);
        assert_eq!(html_lines("a\n\n"), ["a", ""]);
    }
}
