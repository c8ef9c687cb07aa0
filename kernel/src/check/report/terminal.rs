//! Prints the differences on stdout, in colours if it is a terminal that supports them.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::super::comparison::{Cell, Comparison};

const HEADER: Style = Style::new().bold();
const MISSING: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Prints how the notebook differs from its stored outputs.
pub fn print(comparison: &Comparison) {
    let text: String = comparison
        .different()
        .map(|cell| shown(comparison, cell))
        .collect();
    // Errors are ignored: with stdout closed there is no reader.
    let _ = anstream::stdout().lock().write_all(text.as_bytes());
}

fn shown(comparison: &Comparison, cell: &Cell) -> String {
    let path = &comparison.path;
    let mut text = format!(
        "{HEADER}{path}, cell {} ({}){HEADER:#}\n",
        cell.id, cell.rule
    );
    for difference in &cell.differences {
        text.push_str(&format!("{}\n", difference.reason));
        for line in difference.diff.lines() {
            let style = match line.as_bytes().first() {
                Some(b'-') => MISSING,
                Some(b'+') => NEW,
                Some(b'@') => PLACE,
                _ => Style::new(),
            };
            text.push_str(&format!("{style}{line}{style:#}\n"));
        }
    }
    if let Some(hint) = &cell.hint {
        text.push_str(&format!("hint: the outputs match with {hint}\n"));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::super::super::comparison::Status;
    use super::super::super::difference::Difference;
    use super::*;

    #[test]
    fn missing_and_new_lines_have_colours() {
        let lines = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
        let cell = Cell {
            id: "A5".to_owned(),
            rule: "exact".to_owned(),
            seconds: 0.0,
            status: Status::Different,
            differences: vec![Difference::between("stdout", &lines("a\n"), &lines("b\n"))],
            hint: Some("--class any".to_owned()),
        };
        let comparison = Comparison {
            path: "n.ipynb".to_owned(),
            seconds: 0.0,
            failure: None,
            cells: Vec::new(),
        };
        let text = shown(&comparison, &cell);
        assert!(
            text.starts_with("\u{1b}[1mn.ipynb, cell A5 (exact)\u{1b}[0m\nstdout differs\n"),
            "{text:?}"
        );
        assert!(
            text.contains("\u{1b}[31m-a\u{1b}[0m\n\u{1b}[32m+b\u{1b}[0m\n"),
            "{text:?}"
        );
        assert!(
            text.ends_with("hint: the outputs match with --class any\n\n"),
            "{text:?}"
        );
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert!(plain.contains("\n@@ -1 +1 @@\n-a\n+b\n"), "{plain:?}");
    }
}
