//! The differences, on stdout, in colours if it is a terminal that has some.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::super::comparison::{Cell, Comparison};

const HEADER: Style = Style::new().bold();
const MISSING: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Prints where the notebook differs from what is stored.
pub fn print(comparison: &Comparison) {
    let text: String = comparison
        .different()
        .map(|cell| shown(comparison, cell))
        .collect();
    // Nobody reads it any more when stdout is closed.
    let _ = anstream::stdout().lock().write_all(text.as_bytes());
}

fn shown(comparison: &Comparison, cell: &Cell) -> String {
    let path = comparison.path.display();
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
        text.push_str(&format!("It would be the same with {hint}.\n"));
    }
    text.push('\n');
    text
}
