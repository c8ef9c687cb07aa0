//! Renders a notebook as one self-contained HTML page.
//!
//! The page needs no network and runs nothing from the notebook: text is escaped, HTML is sanitized, each HTML output
//! has its own shadow tree, pictures are data URIs in `<img>`, and a Content Security Policy allows only the page's own
//! script, by its hash. A trusted notebook keeps its HTML and scripts.

mod autolink;
mod clean;
mod code;
mod css;
mod display_math;
mod folder;
mod footnotes;
mod fragment;
pub mod html;
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
use nbformat::v4::{Cell, CellMetadata, Metadata};
use serde::Serialize;

use crate::notebook;
use folder::Folder;
use markdown::{Heading, Markdown};
use output::{Outputs, RenderedOutput};
use picture::Sources;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// Why a notebook cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("cannot render the page template: {0}")]
    Template(#[from] minijinja::Error),
}

/// What the page needs besides the notebook.
#[derive(Clone, Copy, Debug)]
pub struct PageOptions<'a> {
    /// The document's title; also shown as the heading if the notebook has no first-level heading.
    pub title: &'a str,
    /// Whether the notebook's HTML and scripts are kept, and may load what they need.
    pub trust: bool,
    /// The directory for pictures that the notebook names by path. Pictures in it or below it are inlined.
    pub folder: Option<&'a Path>,
    /// Lines to show below code cells, by cell id.
    pub notes: &'a BTreeMap<String, String>,
}

/// Renders `notebook` as a complete HTML document.
///
/// # Errors
///
/// [`PageError::Template`] if the template cannot be rendered. The notebook's content, however broken, never causes an
/// error.
pub fn render(notebook: &notebook::View, options: &PageOptions) -> Result<String, PageError> {
    let folder = options.folder.and_then(|path| Folder::new(path).ok());
    let mut view = View {
        language: language(notebook.metadata()),
        trust: options.trust,
        folder: folder.as_ref(),
        markdown: Markdown::new(ids_of_the_page(notebook), options.trust),
        notes: options.notes,
    };
    let cells: Vec<RenderedCell> = notebook
        .cells()
        .filter_map(|cell| view.show(&cell))
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
    /// The text in the brackets before a code cell: its execution count, or a space.
    count: String,
    /// `count` in words.
    executed: String,
    /// The HTML of the cell's text or code.
    source: Value,
    source_hidden: bool,
    outputs: Vec<RenderedOutput>,
    outputs_hidden: bool,
    /// Shown below the outputs.
    note: Option<String>,
}

/// The state that the cells of one page share.
struct View<'a> {
    language: &'a str,
    trust: bool,
    folder: Option<&'a Folder>,
    markdown: Markdown,
    notes: &'a BTreeMap<String, String>,
}

impl View<'_> {
    /// Renders `cell`; `None` if nothing in it is visible.
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
            anchor: anchor(cell.id().as_str()),
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

    /// Renders a raw cell: as HTML if its format is HTML, as text if it names no format. `None` for any other format.
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

/// Returns the target format of a raw cell in lowercase; empty if the cell names none.
fn format(metadata: &CellMetadata) -> String {
    let raw_mimetype = metadata.additional.get("raw_mimetype");
    let format = raw_mimetype
        .and_then(|name| name.as_str())
        .or(metadata.format.as_deref());
    format.unwrap_or_default().to_lowercase()
}

fn ids_of_the_page(notebook: &notebook::View) -> impl Iterator<Item = String> {
    let cells = notebook.ids().iter().map(|id| anchor(id));
    cells.chain(["notebook".to_owned()])
}

fn anchor(id: &str) -> String {
    format!("cell-{id}")
}

/// Whether the author collapsed a cell's source, and its outputs, as JupyterLab records it.
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

/// Returns the language of the code cells. A notebook that was never executed may lack `language_info`.
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

/// Returns the headings for the table of contents; none if there are fewer than three. A single first-level heading is
/// the notebook's title and not listed.
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
