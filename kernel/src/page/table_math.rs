//! Formulas in tables: keeps a `|` in a formula from ending the cell.

/// Returns `source` with each `|` in a formula of a table row replaced by its TeX command. Markdown would end the cell
/// at the `|`.
pub fn with_named_bars(source: &str) -> String {
    let is_row = |line: &str| line.trim_start().starts_with('|') && line.contains('$');
    if !source.lines().any(is_row) {
        return source.to_owned();
    }
    let lines = source.split_inclusive('\n');
    let lines = lines.map(|line| match is_row(line) {
        true => row(line),
        false => line.to_owned(),
    });
    lines.collect()
}

fn row(line: &str) -> String {
    let mut parts = line.split('$').peekable();
    let mut named = parts.next().unwrap_or_default().to_owned();
    let mut is_formula = true;
    while let Some(part) = parts.next() {
        named.push('$');
        // The last part has no closing `$`, so it is not a formula.
        let is_code = part.contains('`');
        if is_formula && parts.peek().is_some() && !part.starts_with(' ') && !is_code {
            named.push_str(&part.replace("\\|", "\\Vert{}").replace('|', "\\vert{}"));
            is_formula = false;
        } else {
            named.push_str(part);
            is_formula = true;
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::with_named_bars;

    #[test]
    fn bars_in_formulas_of_rows_are_named() {
        assert_eq!(
            with_named_bars("| $|x|$ | a | $\\|y\\|$ |\n"),
            "| $\\vert{}x\\vert{}$ | a | $\\Vert{}y\\Vert{}$ |\n"
        );
    }

    #[test]
    fn all_else_stays() {
        for text in [
            "| 5 $ | 6 $ |",
            "| a | b |\n| --- | --- |\n",
            "text with $|x|$ | no table",
            "| `$` | c |",
            "| `$` | `$` |",
        ] {
            assert_eq!(with_named_bars(text), text);
        }
    }
}
