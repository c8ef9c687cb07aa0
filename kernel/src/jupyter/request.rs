//! Decodes requests of clients to a kernel: well-formed ones, and ones that the kernel can only reject.

use super::replay::Replay;
use super::wire::{Key, RawMessage, WireError};
use jupyter_protocol::{JupyterMessage, JupyterMessageContent, UnknownMessage};
use serde_json::{Value, json};
use zeromq::ZmqMessage;

/// A message with a valid signature and header.
#[derive(Debug)]
pub enum Request {
    WellFormed(JupyterMessage),
    /// The content is not valid for the message type; `message` has it as received.
    Malformed {
        message: JupyterMessage,
        why: String,
    },
}

impl Request {
    /// Decodes a message and verifies its signature, which must be new to `replay`.
    ///
    /// # Errors
    /// Every [`WireError`] except [`WireError::Scheme`]; the caller drops the message.
    pub fn decode(
        frames: ZmqMessage,
        key: &Key,
        replay: &mut Replay,
    ) -> Result<Request, WireError> {
        let raw = RawMessage::open(frames, key)?;
        if raw
            .signature
            .is_some_and(|signature| replay.is_repeated(signature))
        {
            return Err(WireError::Repeated);
        }
        let mut message = raw.parse_header()?;
        let JupyterMessageContent::UnknownMessage(UnknownMessage { msg_type, content }) =
            &message.content
        else {
            return Ok(Request::WellFormed(message));
        };
        // jupyter-protocol requires fields that are optional in the protocol.
        if msg_type == "history_request" {
            return Ok(Request::WellFormed(message));
        }
        let filled = with_defaults(msg_type, content.clone());
        Ok(
            match JupyterMessageContent::from_type_and_content(msg_type, filled) {
                Ok(typed) => {
                    message.content = typed;
                    Request::WellFormed(message)
                }
                Err(error) => Request::Malformed {
                    why: format!("invalid content in this {msg_type}: {error}"),
                    message,
                },
            },
        )
    }

    /// Returns the message, well-formed or not.
    pub fn message(&self) -> &JupyterMessage {
        match self {
            Request::WellFormed(message) | Request::Malformed { message, .. } => message,
        }
    }
}

/// Adds the defaults that ipykernel assumes too.
fn with_defaults(msg_type: &str, mut content: Value) -> Value {
    let defaults = match msg_type {
        "execute_request" => {
            json!({"silent": false, "store_history": true, "user_expressions": {}})
        }
        "shutdown_request" => json!({"restart": false}),
        "comm_open" | "comm_msg" | "comm_close" => json!({"data": {}}),
        _ => return content,
    };
    if let (Some(content), Value::Object(defaults)) = (content.as_object_mut(), defaults) {
        for (field, default) in defaults {
            content.entry(field).or_insert(default);
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::super::wire::encode;
    use super::*;
    use jupyter_protocol::KernelInfoRequest;

    fn decode(msg_type: &str, content: Value) -> Request {
        let key = Key::new(b"k");
        let mut message = JupyterMessage::new(KernelInfoRequest {}, None);
        message.header.msg_type = msg_type.to_owned();
        message.content = JupyterMessageContent::UnknownMessage(UnknownMessage {
            msg_type: msg_type.to_owned(),
            content,
        });
        Request::decode(encode(&message, &key), &key, &mut Replay::default()).unwrap()
    }

    #[test]
    fn what_may_be_left_out_is_filled_in() {
        let Request::WellFormed(message) = decode("execute_request", json!({"code": "1"})) else {
            panic!("refused");
        };
        let JupyterMessageContent::ExecuteRequest(request) = message.content else {
            panic!("{message:?}");
        };
        assert!(request.store_history && !request.silent && request.stop_on_error);
    }

    #[test]
    fn a_wrong_content_is_told_with_its_message() {
        let Request::Malformed { message, why } = decode("execute_request", json!({"code": 1}))
        else {
            panic!("accepted");
        };
        assert_eq!(message.header.msg_type, "execute_request");
        assert!(why.contains("execute_request"), "{why}");
    }

    #[test]
    fn a_message_that_came_before_is_dropped() {
        let key = Key::new(b"k");
        let frames = encode(&JupyterMessage::new(KernelInfoRequest {}, None), &key);
        let mut replay = Replay::default();
        Request::decode(frames.clone(), &key, &mut replay).unwrap();
        let again = Request::decode(frames.clone(), &key, &mut replay);
        assert!(matches!(again, Err(WireError::Repeated)));
        let unsigned = Key::new(b"");
        for _ in 0..2 {
            Request::decode(frames.clone(), &unsigned, &mut replay).unwrap();
        }
    }

    #[test]
    fn unknown_types_are_left_to_the_kernel() {
        let decoded = decode("dance_request", json!({"steps": 3}));
        assert!(matches!(decoded, Request::WellFormed(_)));
        assert_eq!(decoded.message().header.msg_type, "dance_request");
    }
}
