//! Cuts a program into the parts that can be cells.

use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{Edition, SourceFile};
use std::path::Path;

/// What a program writes between two statements of its `main`.
pub const MARK: &str = "\u{1}\n";

pub struct Program {
    pub name: String,
    pub parts: Vec<Part>,
    text: String,
    /// Where marks are written, as byte offsets.
    marks: Vec<usize>,
}

/// An item, or a statement of `main`.
#[derive(Clone)]
pub struct Part {
    pub text: String,
    pub is_item: bool,
    /// The place among what is in `main`.
    pub statement: Option<usize>,
}

impl Program {
    pub fn read(path: &Path) -> Program {
        let text = std::fs::read_to_string(path).expect("a program");
        let file = SourceFile::parse(&text, Edition::Edition2024).tree();
        let mut parts = Vec::new();
        let mut marks = Vec::new();
        let attributes: Vec<String> = file
            .syntax()
            .children()
            .filter(|node| ast::Attr::can_cast(node.kind()))
            .map(|node| node.text().to_string())
            .collect();
        if !attributes.is_empty() {
            parts.push(Part {
                text: attributes.join("\n"),
                is_item: true,
                statement: None,
            });
        }
        let is_main = |item: &ast::Fn| item.name().is_some_and(|name| name.text() == "main");
        for item in file.items() {
            let body = match &item {
                ast::Item::Fn(main) if is_main(main) => {
                    main.body().and_then(|body| body.stmt_list())
                }
                _ => None,
            };
            let Some(body) = body else {
                parts.push(Part {
                    text: item.syntax().text().to_string(),
                    is_item: true,
                    statement: None,
                });
                continue;
            };
            let nodes: Vec<_> = body.syntax().children().collect();
            for (index, node) in nodes.iter().enumerate() {
                parts.push(Part {
                    text: node.text().to_string(),
                    is_item: ast::Item::can_cast(node.kind()),
                    statement: Some(index),
                });
                let is_last = index + 1 == nodes.len();
                // Nothing can follow what a function evaluates to.
                if !is_last || body.tail_expr().is_none() {
                    marks.push(node.text_range().end().into());
                }
            }
        }
        let name = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        Program {
            name,
            parts,
            text,
            marks,
        }
    }

    /// The program with marks.
    pub fn marked(&self) -> String {
        let mut text = self.text.clone();
        for at in self.marks.iter().rev() {
            text.insert_str(*at, " println!(\"\\u{1}\");");
        }
        text
    }
}
