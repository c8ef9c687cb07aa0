//! Converts rich output to Jupyter messages.

use crate::ipc::{Content, Message};
use data_encoding::BASE64;
use jupyter_protocol::media::Media;
use jupyter_protocol::{
    ClearOutput, DisplayData, JupyterMessageContent, Transient, UpdateDisplayData,
};
use serde_json::{Map, Value};

/// Returns the message for clients, such as a `display_data`.
pub fn content(message: Message) -> JupyterMessageContent {
    match message {
        Message::Display { id, data, metadata } => DisplayData {
            data: bundle(data),
            metadata: object(&metadata),
            transient: Some(Transient { display_id: id }),
        }
        .into(),
        Message::Update { id, data, metadata } => UpdateDisplayData {
            data: bundle(data),
            metadata: object(&metadata),
            transient: Transient {
                display_id: Some(id),
            },
        }
        .into(),
        Message::Clear { wait } => ClearOutput { wait }.into(),
    }
}

/// Builds a MIME bundle.
pub fn bundle(data: impl IntoIterator<Item = (String, Content)>) -> Media {
    let contents: Map<String, Value> = data
        .into_iter()
        .map(|(mime, content)| (mime, value(content)))
        .collect();
    // Never fails: the type deserializes from any JSON object.
    serde_json::from_value(Value::Object(contents)).unwrap_or_default()
}

fn value(content: Content) -> Value {
    match content {
        Content::Text(text) => Value::String(text),
        Content::Json(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Content::Bytes(bytes) => Value::String(BASE64.encode(&bytes)),
    }
}

fn object(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn json_of(content: JupyterMessageContent) -> Value {
        match content {
            JupyterMessageContent::DisplayData(content) => serde_json::to_value(content).unwrap(),
            JupyterMessageContent::UpdateDisplayData(content) => {
                serde_json::to_value(content).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn bytes_are_base64_and_json_is_a_value() {
        let message = Message::Display {
            id: Some("7".to_owned()),
            data: vec![
                ("image/png".to_owned(), Content::Bytes(b"png".to_vec())),
                (
                    "application/json".to_owned(),
                    Content::Json("{\"a\": [1]}".to_owned()),
                ),
                (
                    "text/plain".to_owned(),
                    Content::Text("a picture".to_owned()),
                ),
            ],
            metadata: "{\"image/png\": {\"width\": 3}}".to_owned(),
        };
        let expected = json!({
            "data": {"image/png": "cG5n", "application/json": {"a": [1]}, "text/plain": "a picture"},
            "metadata": {"image/png": {"width": 3}},
            "transient": {"display_id": "7"},
        });
        assert_eq!(json_of(content(message)), expected);
    }

    #[test]
    fn invalid_json_is_shown_as_text() {
        let message = Message::Update {
            id: "7".to_owned(),
            data: vec![("application/json".to_owned(), Content::Json("{".to_owned()))],
            metadata: String::new(),
        };
        let shown = json_of(content(message));
        assert_eq!(shown["data"]["application/json"], "{");
        assert_eq!(shown["transient"]["display_id"], "7");
    }
}
