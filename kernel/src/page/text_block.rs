//! Long text outputs: the first lines are visible, the rest is collapsed.

/// Texts of at most this many lines are not collapsed.
const MAX_OPEN_LINES: usize = 60;
/// The number of visible lines of a longer text.
const VISIBLE_LINES: usize = 30;
/// The middle of a text longer than this, in bytes of HTML, is omitted: a page of many megabytes helps nobody. The end
/// is kept because results and errors are there.
const MAX_BYTES: usize = 400_000;
/// The middle of a text with more lines than this is on the screen only: on paper these are 30 to 40 sheets.
pub const MAX_PRINTED_LINES: usize = 2000;

/// Returns the HTML of `lines`, which are HTML themselves; `None` if there are none.
pub fn text_block(lines: &[String]) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    if lines.len() <= MAX_OPEN_LINES {
        return Some(format!("<pre>{}</pre>", limited(lines)));
    }
    let (head, rest) = lines.split_at(VISIBLE_LINES);
    Some(format!(
        "<pre>{}</pre><details class=\"rest\"><summary>{} more lines</summary>{}</details>",
        limited(head),
        rest.len(),
        printable(rest)
    ))
}

/// Returns the HTML of `lines`, the middle of which is not printed if there are too many.
fn printable(lines: &[String]) -> String {
    if lines.len() <= MAX_PRINTED_LINES {
        return format!("<pre>{}</pre>", limited(lines));
    }
    let (head, rest) = lines.split_at(MAX_PRINTED_LINES / 2);
    let (middle, tail) = rest.split_at(rest.len() - MAX_PRINTED_LINES / 2);
    format!(
        "<pre>{}</pre><pre class=\"unprinted\">{}</pre><p class=\"note printed\">{} lines are not printed; the notebook has \
         them all</p><pre>{}</pre>",
        limited(head),
        limited(middle),
        middle.len(),
        limited(tail)
    )
}

/// Returns `pre`, a `<pre>` of `lines` lines: unchanged if it is short, otherwise collapsed.
pub fn folded(pre: String, lines: usize) -> String {
    if lines <= MAX_OPEN_LINES {
        return pre;
    }
    format!("<details class=\"rest\"><summary>{lines} lines</summary>{pre}</details>")
}

/// Joins `lines`; omits the middle if the text is too long.
fn limited(lines: &[String]) -> String {
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    if bytes <= MAX_BYTES {
        return lines.join("\n");
    }
    let head = fitting(lines.iter());
    let tail = fitting(lines[head..].iter().rev());
    let omitted = lines.len() - head - tail;
    format!(
        "{}\n<span class=\"note\">{omitted} lines omitted; the notebook has them all</span>\n{}",
        lines[..head].join("\n"),
        lines[lines.len() - tail..].join("\n")
    )
}

/// Returns how many of the lines fit into half of the limit.
fn fitting<'a>(lines: impl Iterator<Item = &'a String>) -> usize {
    let mut bytes = 0;
    lines
        .take_while(|line| {
            bytes += line.len() + 1;
            bytes <= MAX_BYTES / 2
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> Vec<String> {
        (0..count).map(|number| format!("line {number}")).collect()
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        assert_eq!(text_block(&[]), None);
        assert_eq!(
            text_block(&lines(2)).as_deref(),
            Some("<pre>line 0\nline 1</pre>")
        );
        let html = text_block(&lines(MAX_OPEN_LINES)).expect("lines");
        assert!(!html.contains("<details"));
    }

    #[test]
    fn a_long_text_unfolds() {
        let lines = lines(2000);
        assert_eq!(
            text_block(&lines),
            Some(format!(
                "<pre>{}</pre><details class=\"rest\"><summary>1970 more lines</summary>\
                 <pre>{}</pre></details>",
                lines[..30].join("\n"),
                lines[30..].join("\n")
            ))
        );
    }

    #[test]
    fn the_middle_of_a_very_long_text_is_not_printed() {
        let lines = lines(5000);
        let html = text_block(&lines).expect("lines");
        let (before, rest) = html
            .split_once("<pre class=\"unprinted\">")
            .expect("a middle");
        let (middle, after) = rest.split_once("</pre>").expect("its end");
        assert_eq!(middle, lines[1030..4000].join("\n"));
        assert!(before.contains("line 1029</pre>"), "{before}");
        assert!(
            after.starts_with("<p class=\"note printed\">2970 lines are not printed"),
            "{after}"
        );
        assert!(after.contains("<pre>line 4000\n"), "{after}");
    }

    #[test]
    fn what_cannot_be_cut_is_folded_whole() {
        assert_eq!(
            folded("<pre>x</pre>".to_owned(), MAX_OPEN_LINES),
            "<pre>x</pre>"
        );
        assert_eq!(
            folded("<pre>x</pre>".to_owned(), MAX_OPEN_LINES + 1),
            "<details class=\"rest\"><summary>61 lines</summary><pre>x</pre></details>"
        );
    }

    #[test]
    fn an_endless_text_loses_its_middle_and_says_so() {
        let html = text_block(&lines(100_000)).expect("lines");
        assert!(html.len() < MAX_BYTES + 50_000);
        assert!(html.contains("\nline 99999</pre>"));
        let shown = html.matches("line ").count();
        assert!(
            html.contains(&format!("{} lines omitted", 100_000 - shown)),
            "{shown}"
        );
    }
}
