//! The outputs of a code cell, each by the richest of its types that is safe to show.

use jupyter_protocol::media::{Media, MediaType};
use minijinja::Value as Safe;
use nbformat::v4::Output;
use serde::Serialize;
use serde_json::{Map, Value};

use super::code;
use super::frame::frame;
use super::html::escape;
use super::image::Image;
use super::markdown::Markdown;
use super::terminal;
use super::text_block::text_block;

/// One output, ready for the template.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Its style: `stdout`, `stderr`, `display`, `result` or `error`.
    pub kind: &'static str,
    /// The execution count, for a result.
    pub count: Option<usize>,
    /// Its HTML.
    pub html: Safe,
}

/// The outputs of a cell in order. Neighbouring pieces of one stream are one text: a `\r` in the
/// second may overwrite what the first has printed.
pub fn show(outputs: &[Output], markdown: &mut Markdown) -> Vec<Shown> {
    outputs
        .chunk_by(|left, right| {
            stream_name(left).is_some() && stream_name(left) == stream_name(right)
        })
        .filter_map(|pieces| show_one(pieces, markdown))
        .collect()
}

fn stream_name(output: &Output) -> Option<&str> {
    match output {
        Output::Stream { name, .. } => Some(name),
        _ => None,
    }
}

/// `pieces` are the pieces of one stream, or a single output of another kind.
fn show_one(pieces: &[Output], markdown: &mut Markdown) -> Option<Shown> {
    let (kind, count, html) = match pieces.first()? {
        Output::Stream { name, .. } => {
            let html = text_block(&terminal::html_lines(&joined(pieces)))?;
            (
                if name == "stderr" { "stderr" } else { "stdout" },
                None,
                html,
            )
        }
        Output::DisplayData(display) => (
            "display",
            None,
            media(&display.data, &display.metadata, markdown)?,
        ),
        Output::ExecuteResult(result) => {
            let html = media(&result.data, &result.metadata, markdown)?;
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
    Some(Shown {
        kind,
        count,
        html: Safe::from_safe_string(html),
    })
}

fn joined(pieces: &[Output]) -> String {
    let text = |piece: &Output| match piece {
        Output::Stream { text, .. } => text.0.clone(),
        _ => String::new(),
    };
    pieces.iter().map(text).collect()
}

/// The richest type that is safe to show; `None` if there is nothing to see.
fn media(media: &Media, metadata: &Map<String, Value>, markdown: &mut Markdown) -> Option<String> {
    let mut ranked: Vec<&MediaType> = media.content.iter().filter(|kind| rank(kind) > 0).collect();
    ranked.sort_by_key(|kind| std::cmp::Reverse(rank(kind)));
    let alt = plain(media).unwrap_or("Picture in the output");
    // A picture that is none, or HTML that is all script, gives way to the next best type.
    ranked
        .iter()
        .find_map(|kind| {
            let mime_type = kind.mime_type();
            match kind {
                MediaType::Svg(content)
                | MediaType::Png(content)
                | MediaType::Jpeg(content)
                | MediaType::Gif(content)
                | MediaType::Other((_, Value::String(content))) => Image::new(mime_type, content)
                    .map(|image| image.html(alt, &size(metadata.get(mime_type)))),
                MediaType::Markdown(text) => Some(format!(
                    "<div class=\"prose\">{}</div>",
                    markdown.render(text, None)
                )),
                MediaType::Html(html) => frame(html),
                MediaType::Json(json) => Some(format!(
                    "<pre>{}</pre>",
                    code::highlight(&format!("{json:#}"), "json")
                )),
                MediaType::Latex(text) | MediaType::Plain(text) => {
                    Some(text_block(&terminal::html_lines(text)).unwrap_or_default())
                }
                _ => None,
            }
        })
        .or_else(|| unknown(media))
        .filter(|html| !html.is_empty())
}

/// How rich a type is; 0 for what the page cannot show, or not without running it.
fn rank(kind: &MediaType) -> usize {
    match kind {
        MediaType::Svg(_) => 10,
        MediaType::Png(_) => 9,
        MediaType::Jpeg(_) => 8,
        MediaType::Other((mime_type, Value::String(_))) if mime_type == "image/webp" => 7,
        MediaType::Gif(_) => 6,
        MediaType::Markdown(_) => 5,
        MediaType::Html(_) => 4,
        MediaType::Json(_) => 3,
        MediaType::Plain(_) => 2,
        MediaType::Latex(_) => 1,
        _ => 0,
    }
}

fn plain(media: &Media) -> Option<&str> {
    media.content.iter().find_map(|kind| match kind {
        MediaType::Plain(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The size that the kernel asks for, in CSS pixels, as attributes.
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

fn unknown(media: &Media) -> Option<String> {
    let mut types: Vec<&str> = media.content.iter().map(MediaType::mime_type).collect();
    types.sort_unstable();
    (!types.is_empty()).then(|| {
        format!(
            "<p class=\"note\">An output that a page cannot show: {}</p>",
            escape(&types.join(", "))
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(outputs: Value) -> Vec<(&'static str, String)> {
        let outputs: Vec<Output> = serde_json::from_value(outputs).expect("outputs");
        show(&outputs, &mut Markdown::default())
            .into_iter()
            .map(|output| (output.kind, output.html.to_string()))
            .collect()
    }

    fn displayed(data: Value) -> String {
        let mut outputs =
            shown(json!([{"output_type": "display_data", "data": data, "metadata": {}}]));
        assert_eq!(outputs.len(), 1);
        outputs.remove(0).1
    }

    #[test]
    fn pieces_of_one_stream_are_one_text() {
        let stream =
            |name: &str, text: &str| json!({"output_type": "stream", "name": name, "text": text});
        assert_eq!(
            shown(json!([
                stream("stdout", "10%\r"),
                stream("stdout", "100%\n"),
                stream("stderr", "<oh>\n"),
                stream("stdout", "end"),
                stream("stdout", ""),
            ])),
            [
                ("stdout", "<pre>100%</pre>".to_owned()),
                ("stderr", "<pre>&lt;oh&gt;</pre>".to_owned()),
                ("stdout", "<pre>end</pre>".to_owned()),
            ]
        );
        assert_eq!(shown(json!([stream("stdout", "")])), []);
    }

    #[test]
    fn the_richest_safe_type_is_shown() {
        let all = json!({
            "text/plain": "plain", "text/html": "<b>x</b>", "image/png": "iVBORw0K",
            "text/markdown": "*m*", "application/json": {}, "application/javascript": "alert(1)",
        });
        assert_eq!(
            displayed(all),
            "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" alt=\"plain\">"
        );
        assert_eq!(
            displayed(json!({"text/markdown": "*m*", "text/plain": "plain"})),
            "<div class=\"prose\"><p><em>m</em></p>\n</div>"
        );
        assert_eq!(
            displayed(json!({"application/json": {"b": 1}, "text/plain": "plain"})),
            "<pre>{\n  <span class=\"s\">&quot;b&quot;</span>: <span class=\"n\">1\n</span>}</pre>"
        );
        assert_eq!(
            displayed(json!({"application/javascript": "alert(1)", "text/plain": "\u{1b}[1mp"})),
            "<pre><span class=\"bold\">p</span></pre>"
        );
    }

    #[test]
    fn a_picture_takes_the_size_that_the_kernel_asks_for() {
        let outputs = json!([{
            "output_type": "display_data", "data": {"image/png": "iVBORw0K"},
            "metadata": {"image/png": {"width": 320.4, "height": "1\" onload=\"x"}},
        }]);
        assert_eq!(
            shown(outputs)[0].1,
            "<img class=\"paper\" src=\"data:image/png;base64,iVBORw0K\" \
             alt=\"Picture in the output\" width=\"320\">"
        );
    }

    #[test]
    fn what_cannot_be_shown_gives_way_or_says_so() {
        assert_eq!(
            displayed(json!({"image/png": "no base64!", "text/plain": "plain"})),
            "<pre>plain</pre>"
        );
        assert_eq!(
            displayed(json!({"text/html": "<script>draw()</script>", "text/plain": "plain"})),
            "<pre>plain</pre>"
        );
        assert_eq!(
            displayed(json!({"b/<x>": {}, "application/javascript": "alert(1)"})),
            "<p class=\"note\">An output that a page cannot show: \
             application/javascript, b/&lt;x&gt;</p>"
        );
    }

    #[test]
    fn errors_keep_their_colours() {
        let error = |traceback: Value| json!([{"output_type": "error", "ename": "E", "evalue": "<v>", "traceback": traceback}]);
        assert_eq!(
            shown(error(json!(["\u{1b}[31mone", "two\u{1b}[0m <three>"]))),
            [(
                "error",
                "<pre><span class=\"fg1\">one</span>\n<span class=\"fg1\">two</span> &lt;three&gt;</pre>"
                    .to_owned()
            )]
        );
        assert_eq!(
            shown(error(json!([]))),
            [("error", "<pre>E: &lt;v&gt;</pre>".to_owned())]
        );
    }
}
