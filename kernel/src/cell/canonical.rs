//! The order in which evcxr writes items and variables into a cell's source is another one in each process, and makes no
//! difference. The canonical source is the same for all of them.

use super::deep::{LONGEST, deep};
use ra_ap_syntax::{AstNode, Edition, SourceFile};

/// The items of a source of evcxr's in an order of their own, and so the lines that only hand over variables.
///
/// For comparison alone: lines are elsewhere than in the source. A source that cannot be parsed stays as it is.
pub fn canonical(source: &str) -> String {
    if source.len() > LONGEST {
        return source.to_owned();
    }
    deep(|| in_order(source)).unwrap_or_else(|| source.to_owned())
}

fn in_order(source: &str) -> String {
    let parsed = SourceFile::parse(source, Edition::Edition2024);
    if !parsed.errors().is_empty() {
        return source.to_owned();
    }
    let mut items: Vec<String> = parsed
        .tree()
        .syntax()
        .children()
        .map(|item| with_sorted_lines(&item.text().to_string()))
        .collect();
    items.sort();
    items.join("\0")
}

/// Sorts each row of lines of one kind that evcxr writes, one for each variable.
fn with_sorted_lines(item: &str) -> String {
    let mut sorted = String::new();
    let mut row: Vec<&str> = Vec::new();
    let mut kind = None;
    let mut is_parameters = false;
    for line in item.lines() {
        let next = if is_parameters && !line.starts_with(')') {
            Some(Kind::Parameter)
        } else {
            Kind::of(line)
        };
        if next != kind || next.is_none() {
            flush(&mut row, &mut sorted);
        }
        row.push(line);
        kind = next;
        is_parameters = line == "async fn evcxr_analysis_wrapper("
            || is_parameters && next == Some(Kind::Parameter);
    }
    flush(&mut row, &mut sorted);
    sorted
}

fn flush(row: &mut Vec<&str>, to: &mut String) {
    row.sort_unstable();
    for line in row.drain(..) {
        to.push_str(line);
        to.push('\n');
    }
}

/// What a line does with a variable.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Check,
    Take,
    Put,
    Parameter,
    Probe,
}

impl Kind {
    fn of(line: &str) -> Option<Kind> {
        let begins = |text| line.starts_with(text);
        if begins("vars_ok &= evcxr_variable_store.check_variable::<") {
            Some(Kind::Check)
        } else if begins("let ") && line.contains(" = evcxr_variable_store.take_variable::<") {
            Some(Kind::Take)
        } else if begins("evcxr_variable_store.put_variable::<") {
            Some(Kind::Put)
        } else if begins("let ThreadbookProbe = ") || begins("evcxr_variable_store(") {
            Some(Kind::Probe)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_items_and_variables_makes_no_difference() {
        let one = "fn a() {\n1\n}\nfn b() {\n2\n}\nfn cell() {\n\
            let a = evcxr_variable_store.take_variable::<u8>(stringify!(a));\n\
            let b = evcxr_variable_store.take_variable::<u8>(stringify!(b));\nwork();\n}\n";
        let other = "fn b() {\n2\n}\nfn a() {\n1\n}\nfn cell() {\n\
            let b = evcxr_variable_store.take_variable::<u8>(stringify!(b));\n\
            let a = evcxr_variable_store.take_variable::<u8>(stringify!(a));\nwork();\n}\n";
        assert_eq!(canonical(one), canonical(other));
        let analysis = |parameters: &str| {
            format!(
                "async fn evcxr_analysis_wrapper(\n{parameters}) -> Result<(), E> {{\nOk(())\n}}\n"
            )
        };
        assert_eq!(
            canonical(&analysis("a: u8,\nb: u8,\n")),
            canonical(&analysis("b: u8,\na: u8,\n"))
        );
        let probe = |lines: &str| format!("fn f() {{\n{lines}Ok(())\n}}\n");
        assert_eq!(
            canonical(&probe(
                "let ThreadbookProbe = a;\nevcxr_variable_store(b);\n"
            )),
            canonical(&probe(
                "evcxr_variable_store(b);\nlet ThreadbookProbe = a;\n"
            ))
        );
    }

    #[test]
    fn all_else_makes_one() {
        let source = "fn a() {\n1\n}\nfn b() {\n2\n}\nfn cell() {\nx();\ny();\n}\n";
        for other in [
            source.replace("x();\ny();", "y();\nx();"),
            source.replace('1', "3"),
            // The same lines, in other items.
            source.replace('1', "0").replace('2', "1").replace('0', "2"),
        ] {
            assert_ne!(canonical(source), canonical(&other));
        }
    }
}
