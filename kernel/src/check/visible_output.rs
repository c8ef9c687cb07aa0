//! The visible output of a cell: its streams as a terminal renders them, its results and displays, and its error.

use serde_json::{Map, Value};

use super::line::Line;
use super::mask::{Kind, Masks};
use crate::terminal::Screen;
use data_encoding::HEXLOWER;

/// A widget has a new id in each run, and the output does not contain what it shows.
const WIDGET: &str = "application/vnd.jupyter.widget-view+json";

/// The key of our metadata.
const NAMESPACE: &str = "threadbook";

/// A cell's outputs, split into parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisibleOutput {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
struct Part {
    name: String,
    text: String,
    is_image: bool,
}

impl VisibleOutput {
    /// Returns the outputs of a code cell.
    pub fn of(cell: &Value) -> Self {
        let outputs: &[Value] = cell["outputs"].as_array().map_or(&[], Vec::as_slice);
        let mut shown = Self::default();
        // The order between the two streams is random.
        for stream in ["stdout", "stderr"] {
            let text: String = outputs
                .iter()
                .filter(|output| output["output_type"] == "stream" && output["name"] == stream)
                .filter_map(|output| output["text"].as_str())
                .collect();
            if !text.is_empty() {
                shown.add(stream, screen(&text));
            }
        }
        let mut displays = 0;
        for output in outputs {
            let own = &output["metadata"][NAMESPACE];
            // What threads did when is never the same twice.
            if own["timeline"] == true {
                continue;
            }
            // How an outcome came about is not either, unlike the outcomes of all orders.
            if own["explored"].is_object() {
                if let Some(outcomes) = own["explored"]["text"].as_str() {
                    shown.add("orders", outcomes.to_owned());
                }
                continue;
            }
            match output["output_type"].as_str() {
                Some("execute_result") => shown.add_data("result", output["data"].as_object()),
                Some("display_data") => {
                    displays += 1;
                    shown.add_data(&format!("display {displays}"), output["data"].as_object());
                }
                Some("error") => {
                    let field = |name: &str| output[name].as_str().unwrap_or_default();
                    let text = format!("{}: {}", field("ename"), field("evalue"));
                    shown.add("error", screen(&text));
                }
                _ => (),
            }
        }
        shown
    }

    fn add(&mut self, name: &str, text: String) {
        self.parts.push(Part {
            name: name.to_owned(),
            text,
            is_image: false,
        });
    }

    /// Adds each format of a result or display, sorted by name.
    fn add_data(&mut self, name: &str, data: Option<&Map<String, Value>>) {
        let mut formats: Vec<_> = data.into_iter().flatten().collect();
        formats.sort_by_key(|(format, _)| *format);
        for (format, content) in formats {
            let is_image = format.starts_with("image/") && format != "image/svg+xml";
            let text = match content {
                _ if format == WIDGET => "a widget".to_owned(),
                Value::String(text) if is_image => {
                    let content: String = text.split_whitespace().collect();
                    format!("picture {}", digest(&content))
                }
                Value::String(text) if format == "text/plain" => screen(text),
                Value::String(text) => text.clone(),
                other => pretty(other),
            };
            self.parts.push(Part {
                name: format!("{name}: {format}"),
                text,
                is_image,
            });
        }
    }

    /// Returns the lines of all parts. A text that ends with a newline has an empty last line, which distinguishes it
    /// from one that does not.
    pub fn lines(&self, masks: &Masks) -> Vec<Line> {
        let mut lines = Vec::new();
        let leaves_out = |part: &&Part| part.name == "stderr" && masks.has(Kind::Stderr);
        for part in self.parts.iter().filter(|part| !leaves_out(part)) {
            if part.is_image && masks.has(Kind::Images) {
                lines.push(Line::new(&part.name, Kind::Images.placeholder(), masks));
                continue;
            }
            let own = part.text.split('\n');
            lines.extend(own.map(|line| Line::new(&part.name, line, masks)));
        }
        lines
    }

    /// Returns the lines that a property is about: stdout and plain-text results and displays.
    pub fn plain_lines(&self) -> Vec<String> {
        let is_plain = |part: &&Part| part.name == "stdout" || part.name.ends_with(": text/plain");
        let lines = self
            .parts
            .iter()
            .filter(is_plain)
            .flat_map(|part| part.text.lines());
        lines.map(str::to_owned).collect()
    }

    /// Returns only the error.
    pub fn error_only(&self) -> Self {
        self.only(&["error"])
    }

    /// Returns only the error and the outcomes of all orders, which a race does not change.
    pub fn without_race(&self) -> Self {
        self.only(&["error", "orders"])
    }

    fn only(&self, names: &[&str]) -> Self {
        let parts = self.parts.iter();
        let parts = parts.filter(|part| names.contains(&&*part.name));
        Self {
            parts: parts.cloned().collect(),
        }
    }
}

/// Renders the text as a terminal would, without colours.
fn screen(text: &str) -> String {
    let rows = Screen::of(text).into_rows();
    let lines: Vec<String> = rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.0).collect())
        .collect();
    lines.join("\n")
}

fn pretty(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    // Serializing a JSON value to memory cannot fail.
    serde_json::to_string_pretty(&sorted).unwrap_or_default()
}

/// Returns a short hash of the content.
fn digest(content: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, content.as_bytes());
    HEXLOWER.encode(&digest.as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(outputs: Value) -> Vec<(String, String)> {
        let shown = VisibleOutput::of(&json!({"outputs": outputs}));
        let lines = shown.lines(&Masks::default());
        lines
            .iter()
            .map(|line| (line.part.clone(), line.shape()))
            .collect()
    }

    fn expected(lines: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(part, line): &(&str, &str)| (part.to_string(), line.to_string());
        lines.iter().map(owned).collect()
    }

    #[test]
    fn streams_are_joined_and_drawn_on_a_screen() {
        let outputs = json!([
            {"output_type": "stream", "name": "stdout", "text": "10%\r"},
            {"output_type": "stream", "name": "stderr", "text": "\u{1b}[31moh\u{1b}[0m"},
            {"output_type": "stream", "name": "stdout", "text": "100%\nab\u{8}c\n"},
        ]);
        let lines = [
            ("stdout", "100%"),
            ("stdout", "ac"),
            ("stdout", ""),
            ("stderr", "oh"),
        ];
        assert_eq!(shown(outputs), expected(&lines));
    }

    #[test]
    fn results_displays_and_errors_are_parts() {
        let outputs = json!([
            {"output_type": "display_data", "data": {"text/plain": "0%\r9%", "application/json": {"b": 1, "a": []}}},
            {"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["where"]},
            {"output_type": "execute_result", "data": {"text/plain": "4", (WIDGET): {"model_id": "x"}}},
            {"output_type": "display_data", "data": {"image/png": "aGk=\n", "text/html": "<b>"}},
        ]);
        let picture = format!("picture {}", digest("aGk="));
        let result = format!("result: {WIDGET}");
        let lines = [
            ("display 1: application/json", "{"),
            ("display 1: application/json", "  \"a\": [],"),
            ("display 1: application/json", "  \"b\": 1"),
            ("display 1: application/json", "}"),
            ("display 1: text/plain", "9%"),
            ("error", "E: no"),
            (&result, "a widget"),
            ("result: text/plain", "4"),
            ("display 2: image/png", &picture),
            ("display 2: text/html", "<b>"),
        ];
        assert_eq!(shown(outputs), expected(&lines));
    }

    #[test]
    fn of_pictures_only_the_outcomes_of_all_orders_count() {
        let picture = |what: Value| json!({"output_type": "display_data", "data": {"text/html": "<p>"}, "metadata": {(NAMESPACE): what}});
        let outputs = json!([
            picture(json!({"timeline": true})),
            picture(json!({"explored": {"text": null}})),
            picture(json!({"explored": {"text": "All 6 orders: `2`\n  6 × `2`"}})),
        ]);
        let lines = [("orders", "All 6 orders: `2`"), ("orders", "  6 × `2`")];
        assert_eq!(shown(outputs), expected(&lines));
    }

    #[test]
    fn a_property_is_about_what_is_printed() {
        let outputs = json!([
            {"output_type": "stream", "name": "stdout", "text": "a\nb\n"},
            {"output_type": "stream", "name": "stderr", "text": "c\n"},
            {"output_type": "execute_result", "data": {"text/plain": "4", "text/html": "<b>"}},
            {"output_type": "error", "ename": "E", "evalue": "no"},
        ]);
        let shown = VisibleOutput::of(&json!({"outputs": outputs}));
        assert_eq!(shown.plain_lines(), ["a", "b", "4"]);
        let error = shown.error_only();
        let names: Vec<&str> = error.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["error"]);
    }
}
