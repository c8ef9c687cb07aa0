//! Parses a Markdown document.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::fs;
use std::ops::Range;
use support::sandbox::root;

/// A document of the project.
pub struct Page {
    pub name: &'static str,
    pub text: String,
    /// The anchors of its headings, without `#`.
    pub anchors: Vec<String>,
    pub blocks: Vec<Block>,
    pub tables: Vec<Table>,
    pub links: Vec<String>,
    section: String,
}

/// A fenced block of code.
#[derive(Clone, Debug)]
pub struct Block {
    /// The language, such as `rust`.
    pub language: String,
    /// The text after the language and a comma, such as `should_panic`.
    pub attribute: Option<String>,
    pub text: String,
    /// The heading of the first or second level above it.
    pub section: String,
    /// Whether there is nothing between it and the previous block.
    pub follows_a_block: bool,
    range: Range<usize>,
}

/// A table. Its cells are Markdown.
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// The heading of the first or second level above it.
    pub section: String,
}

impl Page {
    /// Reads a document in the project's root.
    pub fn read(name: &'static str) -> Page {
        let text = fs::read_to_string(root().join(name)).expect("a document");
        let mut page = Page {
            name,
            text: text.clone(),
            anchors: Vec::new(),
            blocks: Vec::new(),
            tables: Vec::new(),
            links: Vec::new(),
            section: String::new(),
        };
        page.take_apart(&text);
        page
    }

    fn take_apart(&mut self, text: &str) {
        let mut heading = None;
        let mut in_block = false;
        let mut row = Vec::new();
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(level)) => {
                    self.end_heading(level, &heading.take().unwrap_or_default());
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    in_block = true;
                    self.begin_block(&info, range);
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Start(Tag::Table(_)) => self.tables.push(Table {
                    head: Vec::new(),
                    rows: Vec::new(),
                    section: self.section.clone(),
                }),
                Event::End(TagEnd::TableCell) => {
                    let cell = text[range].trim_matches(['|', ' ']);
                    row.push(cell.replace("\\|", "|"));
                }
                Event::End(TagEnd::TableHead) => self.table().head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => {
                    let row = std::mem::take(&mut row);
                    self.table().rows.push(row);
                }
                Event::Start(Tag::Link { dest_url, .. }) => self.links.push(dest_url.into_string()),
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        *heading += &part;
                    } else if in_block {
                        self.blocks.last_mut().expect("a block has begun").text += &part;
                    }
                }
                _ => {}
            }
        }
    }

    fn end_heading(&mut self, level: HeadingLevel, heading: &str) {
        let anchor = anchor(heading);
        assert!(
            !self.anchors.contains(&anchor),
            "{}: two headings are named `{heading}`, so a link to it is ambiguous",
            self.name
        );
        self.anchors.push(anchor);
        if level <= HeadingLevel::H2 {
            self.section = heading.to_owned();
        }
    }

    fn begin_block(&mut self, info: &str, range: Range<usize>) {
        let (language, attribute) = match info.split_once(',') {
            Some((language, attribute)) => (language, Some(attribute.to_owned())),
            None => (info, None),
        };
        let follows_a_block = self
            .blocks
            .last()
            .is_some_and(|before| self.text[before.range.end..range.start].trim().is_empty());
        self.blocks.push(Block {
            language: language.to_owned(),
            attribute,
            text: String::new(),
            section: self.section.clone(),
            follows_a_block,
            range,
        });
    }

    fn table(&mut self) -> &mut Table {
        self.tables.last_mut().expect("a table has begun")
    }

    /// Returns the blocks in this language.
    pub fn blocks_in(&self, language: &str) -> impl Iterator<Item = &Block> {
        self.blocks
            .iter()
            .filter(move |block| block.language == language)
    }

    /// Returns the tables whose first column has this head.
    pub fn tables_of(&self, head: &str) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(move |table| table.head[0] == head)
    }
}

/// Returns GitHub's anchor for a heading: lower case, without punctuation, with `-` for each space.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// Returns the code spans of a piece of Markdown.
pub fn code_in(markdown: &str) -> Vec<String> {
    Parser::new(markdown)
        .filter_map(|event| match event {
            Event::Code(code) => Some(code.into_string()),
            _ => None,
        })
        .collect()
}
