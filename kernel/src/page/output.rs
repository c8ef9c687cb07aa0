//! Renders the outputs of a code cell, each in its richest MIME type that the page can show.

use jupyter_protocol::media::{Media, MediaType};
use minijinja::Value as Safe;
use nbformat::v4::Output;
use serde::Serialize;
use serde_json::{Map, Value};

use super::code;
use super::fragment;
use super::html::escape;
use super::image::Image;
use super::markdown::Markdown;
use super::math;
use super::picture::Sources;
use super::terminal;
use super::text_block::{MAX_PRINTED_LINES, folded, text_block};

/// One output, ready for the template.
#[derive(Debug, Serialize)]
pub struct RenderedOutput {
    /// The style: `stdout`, `stderr`, `display`, `result` or `error`.
    pub kind: &'static str,
    /// The execution count of a result.
    pub count: Option<usize>,
    pub html: Safe,
}

/// Renders the outputs of one page's cells.
pub struct Outputs<'a> {
    /// Shared by Markdown outputs and the page's Markdown cells.
    pub markdown: &'a mut Markdown,
    /// Where pictures may come from.
    pub sources: Sources<'a>,
    /// Whether HTML and scripts are kept unchanged.
    pub trust: bool,
}

impl Outputs<'_> {
    /// Renders the outputs of a cell in order. Adjacent pieces of one stream are joined: a `\r` in the second may
    /// overwrite what the first printed.
    pub fn show(&mut self, outputs: &[Output]) -> Vec<RenderedOutput> {
        outputs
            .chunk_by(|left, right| {
                stream_name(left).is_some() && stream_name(left) == stream_name(right)
            })
            .filter_map(|pieces| self.show_one(pieces))
            .collect()
    }

    /// Renders `pieces`: the pieces of one stream, or a single output of another kind.
    fn show_one(&mut self, pieces: &[Output]) -> Option<RenderedOutput> {
        let (kind, count, html) = match pieces.first()? {
            Output::Stream { name, .. } => {
                let html = text_block(&terminal::html_lines(&joined(pieces)))?;
                let kind = if name == "stderr" { "stderr" } else { "stdout" };
                (kind, None, html)
            }
            Output::DisplayData(display) => {
                let html = self.media(&display.data, &display.metadata)?;
                ("display", None, html)
            }
            Output::ExecuteResult(result) => {
                let html = self.media(&result.data, &result.metadata)?;
                ("result", Some(result.execution_count.0), html)
            }
            Output::Error(error) => {
                let text = if error.traceback.is_empty() {
                    format!("{}: {}", error.ename, error.evalue)
                } else {
                    error.traceback.join("\n")
                };
                ("error", None, text_block(&terminal::html_lines(&text))?)
            }
        };
        Some(RenderedOutput {
            kind,
            count,
            html: Safe::from_safe_string(html),
        })
    }

    /// Renders the richest type that the page can show; `None` if nothing is visible.
    fn media(&mut self, media: &Media, metadata: &Map<String, Value>) -> Option<String> {
        let mut ranked: Vec<&MediaType> = media
            .content
            .iter()
            .filter(|kind| self.rank(kind) > 0)
            .collect();
        ranked.sort_by_key(|kind| std::cmp::Reverse(self.rank(kind)));
        let plain = plain(media).unwrap_or("Picture in the output");
        // Falls back to the next type for an invalid picture, or HTML that contains only scripts.
        ranked
            .iter()
            .find_map(|kind| self.one_type(kind, metadata, plain))
            .or_else(|| untypeset(media))
            .or_else(|| unknown(media))
            .filter(|html| !html.is_empty())
    }

    fn one_type(
        &mut self,
        kind: &MediaType,
        metadata: &Map<String, Value>,
        plain: &str,
    ) -> Option<String> {
        let own = metadata.get(kind.mime_type());
        match kind {
            MediaType::Javascript(script) => Some(fragment::script(script)),
            MediaType::Html(html) if self.trust => Some(fragment::trusted(html)),
            MediaType::Html(html) => fragment::cleaned(html, self.sources),
            MediaType::Markdown(text) => {
                let html = self.markdown.render(text, self.sources);
                Some(format!("<div class=\"prose\">{html}</div>"))
            }
            MediaType::Svg(content)
            | MediaType::Png(content)
            | MediaType::Jpeg(content)
            | MediaType::Gif(content)
            | MediaType::Other((_, Value::String(content))) => {
                let image = Image::new(kind.mime_type(), content)?;
                let alt = own.and_then(|own| own.get("alt")?.as_str());
                Some(image.html(alt.unwrap_or(plain), &size(own)))
            }
            MediaType::Latex(text) => math::latex(text),
            MediaType::Json(json) => {
                let json = format!("{json:#}");
                let lines = json.lines().count();
                // What is too long for paper has to be cut in the middle, and so stays without colours.
                if lines > MAX_PRINTED_LINES {
                    let lines: Vec<String> = json.lines().map(escape).collect();
                    return text_block(&lines);
                }
                let pre = format!("<pre>{}</pre>", code::highlight(&json, "json"));
                Some(folded(pre, lines))
            }
            MediaType::Plain(text) => {
                Some(text_block(&terminal::html_lines(text)).unwrap_or_default())
            }
            _ => None,
        }
    }

    /// Returns how rich a type is, in the order of JupyterLab and nbconvert; 0 for types that the page does not show.
    fn rank(&self, kind: &MediaType) -> usize {
        match kind {
            MediaType::Javascript(_) if self.trust => 11,
            MediaType::Html(_) => 10,
            MediaType::Markdown(_) => 9,
            MediaType::Svg(_) => 8,
            MediaType::Latex(_) => 7,
            MediaType::Png(_) => 6,
            MediaType::Jpeg(_) => 5,
            MediaType::Other((mime_type, Value::String(_))) if mime_type == "image/webp" => 4,
            MediaType::Gif(_) => 3,
            MediaType::Json(_) => 2,
            MediaType::Plain(_) => 1,
            _ => 0,
        }
    }
}

fn stream_name(output: &Output) -> Option<&str> {
    match output {
        Output::Stream { name, .. } => Some(name),
        _ => None,
    }
}

fn joined(pieces: &[Output]) -> String {
    let text = |piece: &Output| match piece {
        Output::Stream { text, .. } => text.0.clone(),
        _ => String::new(),
    };
    pieces.iter().map(text).collect()
}

fn plain(media: &Media) -> Option<&str> {
    media.content.iter().find_map(|kind| match kind {
        MediaType::Plain(text) => Some(text.as_str()),
        _ => None,
    })
}

/// Returns the size that the kernel requests, in CSS pixels, as attributes.
fn size(metadata: Option<&Value>) -> String {
    ["width", "height"]
        .iter()
        .filter_map(|name| {
            let pixels = metadata?.get(name)?.as_f64()?.round();
            (1.0..=10_000.0)
                .contains(&pixels)
                .then(|| format!(" {name}=\"{pixels}\""))
        })
        .collect()
}

/// Returns LaTeX that holds no formula, as it is written.
fn untypeset(media: &Media) -> Option<String> {
    media.content.iter().find_map(|kind| match kind {
        MediaType::Latex(text) => Some(format!("<pre class=\"tex\">{}</pre>", escape(text))),
        _ => None,
    })
}

fn unknown(media: &Media) -> Option<String> {
    let mut types: Vec<&str> = media.content.iter().map(MediaType::mime_type).collect();
    types.sort_unstable();
    (!types.is_empty()).then(|| {
        format!(
            "<p class=\"note\">This output cannot be shown on a page: {}</p>",
            escape(&types.join(", "))
        )
    })
}

#[cfg(test)]
mod tests;
