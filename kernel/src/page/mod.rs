//! A notebook as one self-contained HTML page.
//!
//! The page needs no network and lets nothing of the notebook run: text is escaped, HTML is cleaned, HTML outputs stand
//! in shadow trees of their own, pictures are data URIs in `<img>`, and a Content Security Policy allows only the page's
//! own script, by its hash. A notebook that is trusted keeps its HTML and its scripts.

mod autolink;
mod clean;
mod code;
mod css;
mod display_math;
mod folder;
mod footnotes;
mod fragment;
mod html;
mod image;
mod markdown;
mod math;
mod output;
mod picture;
mod placeholders;
mod policy;
mod table_math;
mod tags;
pub mod terminal;
mod text_block;

use std::collections::BTreeMap;
use std::path::Path;

use minijinja::{AutoEscape, Environment, Value, context};
use nbformat::v4::{Cell, CellMetadata, Metadata, Notebook};
use serde::Serialize;

use folder::Folder;
use markdown::{Heading, Markdown};
use output::{Outputs, RenderedOutput};
use picture::Sources;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// Why a notebook could not become a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("the page's template could not be filled in: {0}")]
    Template(#[from] minijinja::Error),
}

/// What a page is told beside the notebook.
#[derive(Clone, Copy, Debug)]
pub struct PageOptions<'a> {
    /// Names the document. It is also shown as the heading of a notebook that has no heading of the first level itself.
    pub title: &'a str,
    /// Whether HTML and scripts of the notebook are kept, and may load what they need.
    pub trust: bool,
    /// Where the pictures are that the notebook names by their paths. Those in this folder and below go into the page.
    pub folder: Option<&'a Path>,
    /// A line below a code cell, by the cell's id.
    pub notes: &'a BTreeMap<String, String>,
}

/// Renders `notebook` as a complete HTML document.
///
/// # Errors
///
/// [`PageError::Template`] if the template cannot be filled in. The notebook's content, however
/// broken, is no reason for an error.
pub fn render(notebook: &Notebook, options: &PageOptions) -> Result<String, PageError> {
    let folder = options.folder.and_then(|path| Folder::new(path).ok());
    let mut view = View {
        language: language(&notebook.metadata),
        trust: options.trust,
        folder: folder.as_ref(),
        markdown: Markdown::new(ids_of_the_page(notebook), options.trust),
        notes: options.notes,
    };
    let cells: Vec<RenderedCell> = notebook
        .cells
        .iter()
        .filter_map(|cell| view.show(cell))
        .collect();
    let headings = view.markdown.headings;
    let has_title = headings.iter().any(|heading| heading.level == 1);

    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    Ok(environment.template_from_str(TEMPLATE)?.render(context! {
        title => options.title,
        policy => policy::content_security_policy(SCRIPT, options.trust),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        show_title => !has_title,
        contents => contents(&headings),
        cells,
    })?)
}

/// A cell, ready for the template.
#[derive(Debug, Serialize)]
struct RenderedCell {
    /// `markdown`, `code` or `raw`.
    kind: &'static str,
    anchor: String,
    /// What stands in the brackets before a code cell: its execution count, or a blank.
    count: String,
    /// The same in words.
    executed: String,
    /// The HTML of its text or code.
    source: Value,
    source_hidden: bool,
    outputs: Vec<RenderedOutput>,
    outputs_hidden: bool,
    /// Below the outputs.
    note: Option<String>,
}

/// What the cells of one page have in common.
struct View<'a> {
    language: &'a str,
    trust: bool,
    folder: Option<&'a Folder>,
    markdown: Markdown,
    notes: &'a BTreeMap<String, String>,
}

impl View<'_> {
    /// `None` for a cell in which there is nothing to see.
    fn show(&mut self, cell: &Cell) -> Option<RenderedCell> {
        let source = cell.source().concat();
        let mut sources = Sources {
            attachments: None,
            folder: self.folder,
        };
        let (kind, count, html, outputs) = match cell {
            Cell::Markdown { attachments, .. } => {
                sources.attachments = attachments.as_ref();
                let html = self.markdown.render(&source, sources);
                ("markdown", None, html, Vec::new())
            }
            Cell::Code {
                execution_count,
                outputs,
                ..
            } => {
                let mut shown = Outputs {
                    markdown: &mut self.markdown,
                    sources,
                    trust: self.trust,
                };
                let html = code::highlight(&source, self.language);
                ("code", *execution_count, html, shown.show(outputs))
            }
            Cell::Raw { metadata, .. } => ("raw", None, self.raw(&source, metadata)?, Vec::new()),
        };
        let (source_hidden, outputs_hidden) = hidden(cell.metadata());
        (!source.trim().is_empty() || !outputs.is_empty()).then(|| RenderedCell {
            kind,
            anchor: anchor(cell),
            count: count.map_or_else(|| " ".to_owned(), |count| count.to_string()),
            executed: count.map_or_else(
                || "not executed".to_owned(),
                |count| format!("execution {count}"),
            ),
            source: Value::from_safe_string(html),
            source_hidden,
            outputs,
            outputs_hidden,
            note: self.notes.get(cell.id().as_str()).cloned(),
        })
    }

    /// A raw cell for pages is HTML, and one for any format is text. One for another format is not for this page.
    fn raw(&self, source: &str, metadata: &CellMetadata) -> Option<String> {
        let sources = Sources {
            attachments: None,
            folder: self.folder,
        };
        match format(metadata).as_str() {
            "" => Some(format!("<pre class=\"raw\">{}</pre>", html::escape(source))),
            "text/html" if self.trust => Some(fragment::trusted(source)),
            "text/html" => fragment::cleaned(source, sources),
            _ => None,
        }
    }
}

/// The format that a raw cell is written for, in small letters; empty if it does not say.
fn format(metadata: &CellMetadata) -> String {
    let raw_mimetype = metadata.additional.get("raw_mimetype");
    let format = raw_mimetype
        .and_then(|name| name.as_str())
        .or(metadata.format.as_deref());
    format.unwrap_or_default().to_lowercase()
}

fn ids_of_the_page(notebook: &Notebook) -> impl Iterator<Item = String> {
    let cells = notebook.cells.iter().map(anchor);
    cells.chain(["notebook".to_owned()])
}

fn anchor(cell: &Cell) -> String {
    format!("cell-{}", cell.id())
}

/// Whether the author has folded a cell's source and outputs away, as JupyterLab notes it.
fn hidden(metadata: &CellMetadata) -> (bool, bool) {
    let jupyter = metadata.jupyter.as_ref();
    (
        jupyter
            .and_then(|jupyter| jupyter.source_hidden)
            .unwrap_or(false),
        jupyter
            .and_then(|jupyter| jupyter.outputs_hidden)
            .or(metadata.collapsed)
            .unwrap_or(false),
    )
}

/// The language of the code cells. A notebook that was never executed may lack `language_info`.
fn language(metadata: &Metadata) -> &str {
    let from_kernel = || {
        metadata
            .kernelspec
            .as_ref()
            .and_then(|spec| spec.language.as_deref())
            .unwrap_or("")
    };
    metadata
        .language_info
        .as_ref()
        .map_or_else(from_kernel, |info| &info.name)
}

/// A table of contents is of use from the third heading on. The only heading of the first level is
/// the notebook's title, not a part of it.
fn contents(headings: &[Heading]) -> Vec<&Heading> {
    let is_named = |heading: &&Heading| !heading.html.trim().is_empty();
    if headings.iter().filter(is_named).count() < 3 {
        return Vec::new();
    }
    let titles = headings.iter().filter(|heading| heading.level == 1).count();
    headings
        .iter()
        .filter(is_named)
        .filter(|heading| titles > 1 || heading.level > 1)
        .collect()
}

#[cfg(test)]
mod contrast_tests;
#[cfg(test)]
mod tests;
