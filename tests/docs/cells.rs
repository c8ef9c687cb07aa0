//! Runs the documented Rust as cells. Each section is a notebook, so its cells can use one another but not those of
//! other sections.
//!
//! A `text` block right below a cell is the expected output. A cell fails if and only if it is marked `should_panic`.

use super::page::{Block, Page, code_in};
use super::{expect_none, pages, project};
use serde_json::{Value, json};
use support::notebook::{self, Cell};
use support::run;
use support::sandbox::{BOUND, Sandbox};

const SETUP: &str = ":dep threadbook = { path = \"..\" }\nuse threadbook::prelude::*;";

/// A cell of a document, with its expected output.
struct Wanted<'a> {
    cell: &'a Block,
    shows: Option<&'a str>,
}

impl Wanted<'_> {
    fn fails(&self) -> bool {
        self.cell.attribute.as_deref() == Some("should_panic")
    }

    /// Returns the problem with the executed cell, if any.
    fn judge(&self, executed: &Cell) -> Option<String> {
        let shown = executed.shown();
        let problem = match executed.error() {
            Some(error) if !self.fails() => format!("the cell fails: {}", error.traceback),
            None if self.fails() => "the cell does not fail".to_owned(),
            _ => {
                let wanted = self.shows?;
                if shown.trim_end() == wanted.trim_end() {
                    return None;
                }
                format!("the cell shows\n{shown}\ninstead of\n{wanted}")
            }
        };
        Some(format!(
            "{}\n{}{problem}",
            self.cell.section, self.cell.text
        ))
    }
}

#[test]
fn documented_cells_show_the_output_below_them() {
    let sandbox = Sandbox::new();
    let folder = project(&sandbox).join("notebooks");
    let pages = pages();
    let sections: Vec<Vec<Wanted>> = pages.iter().flat_map(sections).collect();
    let names: Vec<String> = (0..sections.len())
        .map(|n| format!("section-{n}.ipynb"))
        .collect();
    for (name, cells) in names.iter().zip(&sections) {
        notebook::write(&folder.join(name), &notebook_of(cells));
    }

    let mut command = sandbox.threadbook();
    command
        .current_dir(&folder)
        .args(["run", "--in-place", "--allow-errors"]);
    run::to_end(command.args(&names), 2 * BOUND).expect_code(0);

    let mut problems = Vec::new();
    for (name, cells) in names.iter().zip(&sections) {
        let executed = notebook::code_cells(&notebook::read(&folder.join(name)));
        // The first cell only loads the crate.
        let pairs = cells.iter().zip(&executed[1..]);
        problems.extend(pairs.filter_map(|(cell, executed)| cell.judge(executed)));
    }
    expect_none(&problems);
}

/// Checks the commands with which a cell may begin.
#[test]
fn documented_cell_commands_exist() {
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("help.ipynb");
    notebook::write(&path, &notebook::of([("help", ":help")]));
    sandbox
        .run(["run", "--in-place", "help.ipynb"])
        .expect_code(0);
    let help = notebook::cell(&notebook::read(&path), "help").outputs()[0].to_string();

    let guide = Page::read("GUIDE.md");
    let rows = guide.tables_of("In a cell").flat_map(|table| &table.rows);
    let named: Vec<String> = rows.flat_map(|row| code_in(&row[0])).collect();
    assert!(!named.is_empty(), "no table of commands");
    for command in named {
        let name = command.split(' ').next().unwrap_or_default();
        assert!(
            help.contains(&format!("<td>{name}</td>")),
            "{name} is not in {help}"
        );
    }
}

/// Returns the cells of each section that has any.
fn sections(page: &Page) -> Vec<Vec<Wanted<'_>>> {
    let mut sections: Vec<Vec<Wanted>> = Vec::new();
    for (index, cell) in page.blocks.iter().enumerate() {
        if cell.language != "rust" {
            continue;
        }
        let below = page.blocks.get(index + 1);
        let below = below.filter(|below| below.language == "text" && below.follows_a_block);
        let wanted = Wanted {
            cell,
            shows: below.map(|below| below.text.as_str()),
        };
        match sections.last_mut() {
            Some(section) if section[0].cell.section == cell.section => section.push(wanted),
            _ => sections.push(vec![wanted]),
        }
    }
    sections
}

fn notebook_of(cells: &[Wanted]) -> Value {
    let mut notebook = notebook::of([("setup", SETUP)]);
    let made = notebook["cells"].as_array_mut().expect("cells");
    for (number, wanted) in cells.iter().enumerate() {
        let mut cell = notebook::code_cell(&format!("cell-{number}"), &wanted.cell.text);
        if wanted.fails() {
            cell["metadata"] = json!({ "tags": ["raises-exception"] });
        }
        made.push(cell);
    }
    notebook
}
