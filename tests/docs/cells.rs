//! The Rust of the documents, executed as cells. A section is a notebook: its cells follow one another, and begin with
//! those of no other section.
//!
//! A block of `text` right below a cell is what the cell shows. A cell fails if and only if it says `should_panic`.

use super::common::notebook::{self, Cell};
use super::common::sandbox::{BOUND, Sandbox};
use super::common::{run, turn};
use super::page::{Block, Page, code_in};
use super::{expect_none, pages, project};
use serde_json::{Value, json};

const SETUP: &str = ":dep threadbook = { path = \"..\" }\nuse threadbook::prelude::*;";

/// A cell of a document, and what stands below it.
struct Wanted<'a> {
    cell: &'a Block,
    shows: Option<&'a str>,
}

impl Wanted<'_> {
    fn fails(&self) -> bool {
        self.cell.attribute.as_deref() == Some("should_panic")
    }

    /// What is wrong with what came of it.
    fn judge(&self, executed: &Cell) -> Option<String> {
        let shown = executed.shown();
        let wrong = match executed.error() {
            Some(error) if !self.fails() => format!("it fails: {}", error.traceback),
            None if self.fails() => "it does not fail".to_owned(),
            _ => {
                let wanted = self.shows?;
                if shown.trim_end() == wanted.trim_end() {
                    return None;
                }
                format!("it shows\n{shown}\nand not\n{wanted}")
            }
        };
        Some(format!("{}\n{}{wrong}", self.cell.section, self.cell.text))
    }
}

#[test]
fn cells_show_what_stands_below_them() {
    let _turn = turn::shared();
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

    let mut wrong = Vec::new();
    for (name, cells) in names.iter().zip(&sections) {
        let executed = notebook::code_cells(&notebook::read(&folder.join(name)));
        // After the cell that loads the crate.
        let pairs = cells.iter().zip(&executed[1..]);
        wrong.extend(pairs.filter_map(|(cell, executed)| cell.judge(executed)));
    }
    expect_none(&wrong);
}

/// The commands that a cell may begin with.
#[test]
fn commands_of_cells_are_there() {
    let _turn = turn::shared();
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

/// The cells of each section that has some.
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
