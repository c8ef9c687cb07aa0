//! The table: a row for each notebook and a column for each cell, as CSV or as a page.

use std::path::Path;

use super::super::comparison::{Comparison, Status};

/// The title of the page, and the first column of both.
const TITLE: &str = "threadbook check";
const FIRST_COLUMN: &str = "notebook";
const LAST_COLUMN: &str = "same";

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    /// RFC 4180.
    Csv,
    Html,
}

impl Format {
    /// Returns the format that the name of a file asks for.
    pub fn of(path: &Path) -> Option<Format> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "html" => Some(Format::Html),
            _ => None,
        }
    }
}

/// Returns the content of the file. Cells that no notebook ran have no column.
pub fn of(comparisons: &[Comparison], format: Format) -> Vec<u8> {
    let mut ids: Vec<&str> = Vec::new();
    for cell in comparisons.iter().flat_map(|comparison| &comparison.cells) {
        if cell.status != Status::Skipped && !ids.contains(&cell.id.as_str()) {
            ids.push(&cell.id);
        }
    }
    let head = [FIRST_COLUMN]
        .into_iter()
        .chain(ids.iter().copied())
        .chain([LAST_COLUMN]);
    let head: Vec<String> = head.map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = comparisons
        .iter()
        .map(|comparison| row(comparison, &ids))
        .collect();
    let text = match format {
        Format::Csv => [&[head][..], &rows]
            .concat()
            .iter()
            .map(|row| csv_line(row))
            .collect(),
        Format::Html => page(&head, &rows),
    };
    text.into_bytes()
}

/// Returns whether the bytes are a table of this program.
pub fn is_report(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.starts_with(&format!("{FIRST_COLUMN},")) || text.starts_with(&page_start())
}

fn row(comparison: &Comparison, ids: &[&str]) -> Vec<String> {
    let status = |id: &&str| {
        let mut cells = comparison.cells.iter();
        let cell = cells.find(|cell| cell.id == **id);
        cell.map_or("", |cell| name(cell.status)).to_owned()
    };
    let ran = || {
        comparison
            .cells
            .iter()
            .filter(|cell| cell.status != Status::Skipped)
    };
    let same = ran().filter(|cell| cell.status == Status::Same).count();
    let mut row = vec![comparison.path.clone()];
    row.extend(ids.iter().map(status));
    row.push(format!("{same} of {}", ran().count()));
    row
}

/// Returns the name of a status, as in the JSON report.
fn name(status: Status) -> &'static str {
    match status {
        Status::Same => "same",
        Status::Different => "different",
        Status::Skipped => "skipped",
        Status::NotRun => "not-run",
    }
}

/// Returns a record; fields with separators are in quotation marks (RFC 4180, section 2).
fn csv_line(fields: &[String]) -> String {
    let quoted = |field: &String| match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.clone(),
    };
    let fields: Vec<String> = fields.iter().map(quoted).collect();
    format!("{}\r\n", fields.join(","))
}

fn page_start() -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{TITLE}</title>\n"
    )
}

fn page(head: &[String], rows: &[Vec<String>]) -> String {
    const STYLE: &str = "<style>\n\
        table { border-collapse: collapse; font-family: sans-serif; }\n\
        th, td { border: 1px solid #999; padding: 0.2em 0.5em; text-align: left; }\n\
        .different { background: #fdd; }\n\
        .not-run { background: #eee; }\n\
        </style>\n";
    let mut page = page_start() + STYLE + "<table>\n";
    let cells = |row: &[String], tag: &str| -> String {
        let cell = |text: &String| {
            let class = match text.as_str() {
                "different" | "not-run" => format!(" class=\"{text}\""),
                _ => String::new(),
            };
            format!("<{tag}{class}>{}</{tag}>", escaped(text))
        };
        row.iter().map(cell).collect()
    };
    page.push_str(&format!("<tr>{}</tr>\n", cells(head, "th")));
    for row in rows {
        page.push_str(&format!("<tr>{}</tr>\n", cells(row, "td")));
    }
    page + "</table>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::super::comparison::Cell;
    use super::*;

    fn notebook(path: &str, cells: &[(&str, Status)]) -> Comparison {
        let cell = |(id, status): &(&str, Status)| Cell {
            id: (*id).to_owned(),
            rule: String::new(),
            seconds: 0.0,
            status: *status,
            differences: Vec::new(),
            hint: None,
        };
        Comparison {
            path: path.to_owned(),
            seconds: 0.0,
            failure: None,
            cells: cells.iter().map(cell).collect(),
        }
    }

    #[test]
    fn a_table_has_a_row_for_each_notebook() {
        let all = [
            notebook(
                "kim/hw.ipynb",
                &[
                    ("q1", Status::Same),
                    ("q2", Status::Different),
                    ("note", Status::Skipped),
                ],
            ),
            notebook(
                "a, <b>/hw.ipynb",
                &[("q1", Status::NotRun), ("q3", Status::Same)],
            ),
        ];
        let csv = of(&all, Format::Csv);
        assert_eq!(
            String::from_utf8_lossy(&csv),
            "notebook,q1,q2,q3,same\r\nkim/hw.ipynb,same,different,,1 of 2\r\n\"a, <b>/hw.ipynb\",not-run,,same,1 of 2\r\n"
        );
        let html = of(&all, Format::Html);
        let text = String::from_utf8_lossy(&html);
        for part in [
            "<tr><th>notebook</th><th>q1</th><th>q2</th><th>q3</th><th>same</th></tr>",
            "<td>kim/hw.ipynb</td><td>same</td><td class=\"different\">different</td><td></td>",
            "<td>a, &lt;b&gt;/hw.ipynb</td>",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(is_report(&csv) && is_report(&html));
        assert!(!is_report(b"name,points\n"));
    }

    #[test]
    fn the_name_of_the_file_tells_the_format() {
        let of = |name: &str| Format::of(Path::new(name));
        assert_eq!(of("a/grades.CSV"), Some(Format::Csv));
        assert_eq!(of("grades.html"), Some(Format::Html));
        assert_eq!(of("grades"), None);
    }
}
