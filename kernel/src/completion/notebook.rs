//! The notebook as one Rust file: the items of earlier cells, and a function with the variables and the current cell.

use super::messages::Variable;
use crate::cell::commands::code_start;
use crate::cell::{Item, Space, items};

/// The items and variables that the cells so far have defined.
#[derive(Clone, Default)]
pub struct Notebook {
    items: Vec<Item>,
    variables: Vec<Variable>,
}

impl Notebook {
    /// Adds the definitions of a cell.
    pub fn execute(&mut self, code: &str, variables: Vec<Variable>) {
        for item in items(code) {
            // A redefined type loses the methods of the old one.
            if let Some((Space::Types, name)) = &item.name {
                self.items
                    .retain(|old| old.implemented.as_ref() != Some(name));
            }
            self.items.retain(|old| {
                old.text != item.text && (old.name.is_none() || old.name != item.name)
            });
            self.items.push(item);
        }
        self.variables = variables;
    }

    pub fn forget(&mut self) {
        *self = Notebook::default();
    }

    /// Returns the whole file with `code` as the current cell, and the cell's offset in it. Relative to that, offsets
    /// are those in `code`.
    pub fn with_cell(&self, code: &str) -> (String, usize) {
        let mut text = String::new();
        for item in &self.items {
            text.push_str(&item.text);
            text.push('\n');
        }
        text.push_str("fn cell() -> Result<(), Box<dyn std::error::Error>> {\n");
        for Variable { name, written } in &self.variables {
            text.push_str(&format!("let mut {name}: {written};\n"));
        }
        let start = text.len();
        let commands = code_start(code);
        text.extend(std::iter::repeat_n(' ', commands));
        text.push_str(&code[commands..]);
        text.push_str("\n}\n");
        (text, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cells: &[&str]) -> Notebook {
        let mut notebook = Notebook::default();
        cells
            .iter()
            .for_each(|code| notebook.execute(code, Vec::new()));
        notebook
    }

    fn items_after(cells: &[&str]) -> Vec<String> {
        let notebook = after(cells);
        notebook.items.into_iter().map(|item| item.text).collect()
    }

    #[test]
    fn only_items_are_kept() {
        assert_eq!(
            items_after(&[":dep a = \"1\"\nuse std::thread;\nlet x = 1;\nfn f() {}\nf(); x"]),
            ["use std::thread;", "fn f() {}"]
        );
    }

    #[test]
    fn a_later_definition_replaces_an_earlier_one() {
        assert_eq!(
            items_after(&["fn f() {}", "struct f;", "fn f() -> u8 { 1 }"]),
            ["struct f;", "fn f() -> u8 { 1 }"]
        );
    }

    #[test]
    fn a_new_type_has_none_of_the_old_ones_methods() {
        assert_eq!(
            items_after(&[
                "struct P; impl P { fn a(&self) {} }",
                "struct P(u8); impl P { fn b(&self) {} }"
            ]),
            ["struct P(u8);", "impl P { fn b(&self) {} }"]
        );
    }

    #[test]
    fn a_cell_that_runs_again_changes_nothing() {
        let cell = "use a::b; impl T for P {}";
        assert_eq!(items_after(&[cell, cell]), items_after(&[cell]));
    }

    #[test]
    fn offsets_in_the_cell_are_kept() {
        let mut notebook = after(&["fn f() {}"]);
        let variable = Variable {
            name: "v".into(),
            written: "Vec<i32>".into(),
        };
        notebook.execute("let v = vec![1];", vec![variable]);
        let code = ":dep größe = \"1\"\nlet w = v;";
        let (text, start) = notebook.with_cell(code);
        let at = code.find("let w").unwrap();
        assert_eq!(&text[start + at..start + code.len()], "let w = v;");
        assert!(text[..start].contains("let mut v: Vec<i32>;"));
        assert!(!text.contains(":dep"));
    }
}
