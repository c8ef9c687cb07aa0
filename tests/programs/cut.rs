//! Cuts a program into the parts that can be cells.

use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{Edition, SourceFile};
use std::ops::Range;
use std::path::Path;

/// What a program writes between two statements of its `main`.
pub const MARK: &str = "\u{1}\n";

pub struct Program {
    pub name: String,
    pub parts: Vec<Part>,
    text: String,
    /// The bytes between the braces of `main`.
    body: Range<usize>,
    /// Whether `main` ends with what it evaluates to, which nothing can follow.
    has_tail: bool,
}

/// An item, or a statement of `main`.
#[derive(Clone)]
pub struct Part {
    pub text: String,
    pub is_item: bool,
    /// Whether it stands in `main`.
    pub is_in_main: bool,
}

impl Program {
    pub fn read(path: &Path) -> Program {
        let text = std::fs::read_to_string(path).expect("a program");
        let file = SourceFile::parse(&text, Edition::Edition2024).tree();
        let mut parts = Vec::new();
        let (mut body_bytes, mut has_tail) = (0..0, false);
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
                is_in_main: false,
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
                    is_in_main: false,
                });
                continue;
            };
            let range = body.syntax().text_range();
            body_bytes = usize::from(range.start()) + 1..usize::from(range.end()) - 1;
            has_tail = body.tail_expr().is_some();
            parts.extend(body.syntax().children().map(|node| Part {
                text: node.text().to_string(),
                is_item: ast::Item::can_cast(node.kind()),
                is_in_main: true,
            }));
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
            body: body_bytes,
            has_tail,
        }
    }

    /// Whether what the program prints may depend on the order in which threads run, if it does more than it was written to do.
    pub fn has_threads(&self) -> bool {
        self.text.contains("thread")
    }

    /// The program whose `main` runs the statements of these cells, and writes a mark after each cell with something from `main`.
    pub fn of_cells(&self, cells: &[Vec<&Part>]) -> String {
        let is_in_main = |cell: &&Vec<&Part>| cell.iter().any(|part| part.is_in_main);
        let mut body = String::new();
        let mut items: Vec<&str> = Vec::new();
        let mut cells = cells.iter().filter(is_in_main).peekable();
        while let Some(cell) = cells.next() {
            for part in cell.iter().filter(|part| part.is_in_main) {
                let text = part.text.as_str();
                // An item of a block stands there once.
                if part.is_item && items.contains(&text) {
                    continue;
                }
                items.extend(part.is_item.then_some(text));
                body.push_str(text);
                body.push('\n');
            }
            if cells.peek().is_some() || !self.has_tail {
                body.push_str("println!(\"\\u{1}\");\n");
            }
        }
        let mut text = self.text.clone();
        text.replace_range(self.body.clone(), &body);
        text
    }
}
