//! A text of many lines: the first ones stand open, the rest unfolds on demand.

/// A text of at most so many lines is shown whole.
const SHORT: usize = 60;
/// So many lines of a longer text stand open.
const HEAD: usize = 30;
/// Of a text longer than this, in bytes of HTML, the middle is left out: a page of many megabytes
/// helps nobody. The end is kept because that is where results and errors stand.
const MAX_BYTES: usize = 400_000;

/// The HTML of `lines`, which are HTML themselves; `None` if there are none.
pub fn text_block(lines: &[String]) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    if lines.len() <= SHORT {
        return Some(format!("<pre>{}</pre>", limited(lines)));
    }
    let (head, rest) = lines.split_at(HEAD);
    Some(format!(
        "<pre>{}</pre><details class=\"rest\"><summary>{} more lines</summary><pre>{}</pre></details>",
        limited(head),
        rest.len(),
        limited(rest)
    ))
}

/// A `<pre>` with so many lines, as HTML: whole if it is short, or to be unfolded by those who want it.
pub fn folded(pre: String, lines: usize) -> String {
    if lines <= SHORT {
        return pre;
    }
    format!("<details class=\"rest\"><summary>{lines} lines</summary>{pre}</details>")
}

/// `lines` as one text, without its middle if it is too long.
fn limited(lines: &[String]) -> String {
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    if bytes <= MAX_BYTES {
        return lines.join("\n");
    }
    let head = fitting(lines.iter());
    let tail = fitting(lines[head..].iter().rev());
    let left_out = lines.len() - head - tail;
    format!(
        "{}\n<span class=\"note\">{left_out} lines are left out here. The notebook has them all.</span>\n{}",
        lines[..head].join("\n"),
        lines[lines.len() - tail..].join("\n")
    )
}

/// How many of the lines fit into half of the limit.
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
        let html = text_block(&lines(SHORT)).expect("lines");
        assert!(!html.contains("<details"));
    }

    #[test]
    fn a_long_text_unfolds() {
        let lines = lines(5000);
        assert_eq!(
            text_block(&lines),
            Some(format!(
                "<pre>{}</pre><details class=\"rest\"><summary>4970 more lines</summary>\
                 <pre>{}</pre></details>",
                lines[..30].join("\n"),
                lines[30..].join("\n")
            ))
        );
    }

    #[test]
    fn what_cannot_be_cut_is_folded_whole() {
        assert_eq!(folded("<pre>x</pre>".to_owned(), SHORT), "<pre>x</pre>");
        assert_eq!(
            folded("<pre>x</pre>".to_owned(), SHORT + 1),
            "<details class=\"rest\"><summary>61 lines</summary><pre>x</pre></details>"
        );
    }

    #[test]
    fn an_endless_text_loses_its_middle_and_says_so() {
        let html = text_block(&lines(100_000)).expect("lines");
        assert!(html.len() < MAX_BYTES + 1000);
        assert!(html.contains("\nline 99999</pre>"));
        let shown = html.matches("line ").count();
        assert!(
            html.contains(&format!("{} lines are left out", 100_000 - shown)),
            "{shown}"
        );
    }
}
