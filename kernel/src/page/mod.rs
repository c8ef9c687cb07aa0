//! A notebook as one self-contained HTML page.
//!
//! The page needs no network and lets nothing of the notebook run: all text is escaped, pictures
//! are data URIs in `<img>`, HTML outputs are cleaned and stand in sandboxed frames, and a Content Security Policy
//! allows only the page's own script, by its hash.

mod ansi;
mod code;
mod frame;
mod html;
mod image;
mod inert;
mod markdown;
mod output;
mod picture;
mod plain_text;
pub mod screen;
pub mod terminal;
mod text_block;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment, Value, context};
use nbformat::v4::{Cell, CellMetadata, Metadata, Notebook};
use serde::Serialize;
use sha2::{Digest, Sha256};

use markdown::{Heading, Markdown};
use output::Shown;

const TEMPLATE: &str = include_str!("template.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");

/// Why a notebook could not become a page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("the page's template could not be filled in: {0}")]
    Template(#[from] minijinja::Error),
}

/// Renders `notebook` as a complete HTML document.
///
/// `title` names the document. It is also shown as the heading of a notebook that has no heading
/// of the first level itself.
///
/// # Errors
///
/// [`PageError::Template`] if the template cannot be filled in. The notebook's content, however
/// broken, is no reason for an error.
pub fn render(notebook: &Notebook, title: &str) -> Result<String, PageError> {
    let language = language(&notebook.metadata);
    let mut markdown = Markdown::with_taken_ids(notebook.cells.iter().map(anchor));
    let cells: Vec<ShownCell> = notebook
        .cells
        .iter()
        .filter_map(|cell| show(cell, language, &mut markdown))
        .collect();
    let has_title = markdown.headings.iter().any(|heading| heading.level == 1);

    let mut environment = Environment::new();
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    Ok(environment.template_from_str(TEMPLATE)?.render(context! {
        title,
        policy => content_security_policy(),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        show_title => !has_title,
        contents => contents(&markdown.headings),
        cells,
    })?)
}

/// A cell, ready for the template.
#[derive(Debug, Serialize)]
struct ShownCell {
    /// `markdown`, `code` or `raw`.
    kind: &'static str,
    anchor: String,
    /// What stands in the brackets before a code cell: its execution count, or a blank.
    count: String,
    /// The HTML of its text or code.
    source: Value,
    source_hidden: bool,
    outputs: Vec<Shown>,
    outputs_hidden: bool,
}

/// `None` for a cell in which there is nothing to see.
fn show(cell: &Cell, language: &str, markdown: &mut Markdown) -> Option<ShownCell> {
    let source = cell.source().concat();
    let (kind, count, html, outputs) = match cell {
        Cell::Markdown { attachments, .. } => (
            "markdown",
            None,
            markdown.render(&source, attachments.as_ref()),
            Vec::new(),
        ),
        Cell::Code {
            execution_count,
            outputs,
            ..
        } => (
            "code",
            *execution_count,
            code::highlight(&source, language),
            output::show(outputs, markdown),
        ),
        Cell::Raw { .. } => ("raw", None, html::escape(&source), Vec::new()),
    };
    let (source_hidden, outputs_hidden) = hidden(cell.metadata());
    (!source.trim().is_empty() || !outputs.is_empty()).then(|| ShownCell {
        kind,
        anchor: anchor(cell),
        count: count.map_or_else(|| " ".to_owned(), |count| count.to_string()),
        source: Value::from_safe_string(html),
        source_hidden,
        outputs,
        outputs_hidden,
    })
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

/// A table of contents is of use from the second entry on. The only heading of the first level is
/// the notebook's title, not a part of it.
fn contents(headings: &[Heading]) -> Vec<&Heading> {
    let titles = headings.iter().filter(|heading| heading.level == 1).count();
    let entries: Vec<&Heading> = headings
        .iter()
        .filter(|heading| !heading.text.is_empty() && (titles > 1 || heading.level > 1))
        .collect();
    if entries.len() > 1 {
        entries
    } else {
        Vec::new()
    }
}

/// Nothing is loaded, nothing is sent, and no script runs but the page's own.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT));
    format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
         script-src 'sha256-{hash}'; frame-src 'none'; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests;
