//! Display formulas, in lines of their own. As in Jupyter, they are found before Markdown is parsed: a line of a
//! formula that begins with `-` or `=` is neither a list nor a heading.

use super::math::{FormulaKind, environment, formula};
use super::placeholders::Placeholders;

/// Returns `source` with a placeholder for each formula that begins a line: from `$$` to `$$`, or from `\begin{x}` to
/// `\end{x}`.
pub fn with_placeholders(source: &str, placeholders: &mut Placeholders) -> String {
    let mut marked = String::with_capacity(source.len());
    let mut rest = source;
    let mut fence: Option<&str> = None;
    while !rest.is_empty() {
        let line_length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let indent = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let line = rest[indent.min(line_length)..line_length].trim_end();
        let opening = fence_of(line);
        match (fence, opening) {
            (Some(open), Some(mark)) if mark.starts_with(open) && line == mark => fence = None,
            (None, Some(_)) => fence = opening,
            _ => {}
        }
        if fence.is_none()
            && let Some(length) = length_of_formula(&rest[indent..])
        {
            let (whole, after) = rest[indent..].split_at(length);
            marked.push_str(&rest[..indent]);
            let tex = whole.trim_start_matches("$$").trim_end_matches("$$");
            marked.push_str(&placeholders.mark(formula(tex, FormulaKind::Display), whole));
            rest = after;
            continue;
        }
        marked.push_str(&rest[..line_length]);
        rest = &rest[line_length..];
    }
    marked
}

/// Returns the three or more characters that open or close a block of code.
fn fence_of(line: &str) -> Option<&str> {
    ['`', '~'].into_iter().find_map(|sign| {
        let length = line.len() - line.trim_start_matches(sign).len();
        (length >= 3).then(|| &line[..length])
    })
}

/// Returns the length of the formula that `text` begins with. An empty line ends the search.
fn length_of_formula(text: &str) -> Option<usize> {
    let paragraph = text.find("\n\n").map_or(text, |end| &text[..end]);
    let Some(inside) = paragraph.strip_prefix("$$") else {
        return environment(paragraph);
    };
    let length = inside.find("$$").filter(|&length| length > 0)?;
    Some("$$".len() + length + "$$".len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text with its formulas rendered, and `{` and `}` around each.
    fn taken(source: &str) -> String {
        let mut placeholders = Placeholders::default();
        let text = with_placeholders(source, &mut placeholders);
        assert_eq!(placeholders.with_sources(&text), source);
        placeholders
            .with_html(&text)
            .replace("<span class=\"formula\">", "{")
            .replace("</span>", "}")
    }

    #[test]
    fn a_formula_in_lines_of_its_own_is_taken_whole() {
        let html = taken("a\n$$\nx\n= y\n- z\n$$\nb");
        assert!(
            html.starts_with("a\n{<math") && html.ends_with("</math>}\nb"),
            "{html}"
        );
        let html = taken("  \\begin{align*}\na &= b \\\\\n- c &= d\n\\end{align*} after");
        assert!(
            html.starts_with("  {<math") && html.ends_with("</math>} after"),
            "{html}"
        );
        assert_eq!(taken("$$x$$\n\n$$y$$").matches("<math").count(), 2);
    }

    #[test]
    fn what_has_no_end_or_is_code_stays() {
        for text in [
            "$$\nx\n\n$$ y",
            "$$ x",
            "$$$$",
            "\\begin{a} x \\end{b}",
            "\\begin{<b>} x \\end{<b>}",
            "```\n$$x$$\n```\n",
            "~~~~\n$$x$$\n~~~\n$$y$$\n~~~~",
            "a $$x$$ b",
            "",
            " ",
            "\n\n",
        ] {
            assert_eq!(taken(text), text);
        }
    }
}
