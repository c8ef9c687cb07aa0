//! A Markdown document, taken apart.

use super::common::sandbox::root;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::fs;
use std::ops::Range;

/// A document of the project.
pub struct Page {
    pub name: &'static str,
    pub text: String,
    /// What links to its headings end with.
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
    /// What stands behind the language and a comma, such as `should_panic`.
    pub attribute: Option<String>,
    pub text: String,
    /// The heading of the first or second level above it.
    pub section: String,
    /// Whether nothing stands between it and the block before it.
    pub follows_a_block: bool,
    place: Range<usize>,
}

/// The cells of a table are kept as Markdown.
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// The heading of the first or second level above it.
    pub section: String,
}

impl Page {
    /// Reads a document in the project's folder.
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
        for (event, place) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(level)) => {
                    self.end_heading(level, &heading.take().unwrap_or_default());
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    in_block = true;
                    self.begin_block(&info, place);
                }
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Start(Tag::Table(_)) => self.tables.push(Table {
                    head: Vec::new(),
                    rows: Vec::new(),
                    section: self.section.clone(),
                }),
                Event::End(TagEnd::TableCell) => {
                    let cell = text[place].trim_matches(['|', ' ']);
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
                        self.blocks.last_mut().expect("it has begun").text += &part;
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
            "{}: two headings are called `{heading}`, so a link cannot tell them apart",
            self.name
        );
        self.anchors.push(anchor);
        if level <= HeadingLevel::H2 {
            self.section = heading.to_owned();
        }
    }

    fn begin_block(&mut self, info: &str, place: Range<usize>) {
        let (language, attribute) = match info.split_once(',') {
            Some((language, attribute)) => (language, Some(attribute.to_owned())),
            None => (info, None),
        };
        let follows_a_block = self
            .blocks
            .last()
            .is_some_and(|before| self.text[before.place.end..place.start].trim().is_empty());
        self.blocks.push(Block {
            language: language.to_owned(),
            attribute,
            text: String::new(),
            section: self.section.clone(),
            follows_a_block,
            place,
        });
    }

    fn table(&mut self) -> &mut Table {
        self.tables.last_mut().expect("it has begun")
    }

    /// Its blocks in this language.
    pub fn blocks_in(&self, language: &str) -> impl Iterator<Item = &Block> {
        self.blocks
            .iter()
            .filter(move |block| block.language == language)
    }

    /// Its tables whose first column has this head.
    pub fn tables_of(&self, head: &str) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(move |table| table.head[0] == head)
    }
}

/// How GitHub names a heading in links: in small letters, without punctuation, with `-` for each space.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}

/// What stands in backticks in a piece of Markdown.
pub fn code_in(markdown: &str) -> Vec<String> {
    Parser::new(markdown)
        .filter_map(|event| match event {
            Event::Code(code) => Some(code.into_string()),
            _ => None,
        })
        .collect()
}
