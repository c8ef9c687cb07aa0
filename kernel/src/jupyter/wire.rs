//! Converts between ZeroMQ frames and [`JupyterMessage`]s, signed with HMAC-SHA256.
//!
//! The frames follow the [wire protocol]: identities, the delimiter, the signature, then header, parent header,
//! metadata and content as JSON, then buffers. The signature covers the four JSON frames.
//!
//! `jupyter-zmq-client` does the same, but indexes the frames before it counts them: a message with too few frames
//! makes it panic. Every user of a shared computer can reach a kernel's ports on the loopback interface without the
//! key, so one such message would stop another user's kernel. This module panics on no input.
//!
//! [wire protocol]: https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol

use bytes::Bytes;
use data_encoding::HEXLOWER;
use jupyter_protocol::{
    ConnectionInfo, Header, JupyterMessage, JupyterMessageContent, UnknownMessage,
};
use ring::hmac;
use serde_json::{Map, Value};
use zeromq::ZmqMessage;

const DELIMITER: &[u8] = b"<IDS|MSG>";
const SIGNATURE_SCHEME: &str = "hmac-sha256";

/// The signature of a message: the 32 bytes of an HMAC-SHA256.
pub type Signature = [u8; 32];

/// The key of a connection, which signs every message.
#[derive(Clone)]
pub struct Key(Option<hmac::Key>);

impl Key {
    /// Returns the key of a connection file. An empty key disables signing, as Jupyter defines it.
    ///
    /// # Errors
    /// [`WireError::Scheme`] if the file names a signature scheme other than HMAC-SHA256.
    pub fn of(connection: &ConnectionInfo) -> Result<Self, WireError> {
        if connection.key.is_empty() {
            return Ok(Self(None));
        }
        if connection.signature_scheme != SIGNATURE_SCHEME {
            return Err(WireError::Scheme(connection.signature_scheme.clone()));
        }
        Ok(Self::new(connection.key.as_bytes()))
    }

    /// Creates a key from these bytes; an empty `secret` disables signing.
    pub fn new(secret: &[u8]) -> Self {
        Self((!secret.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// Returns the signature of a message's four JSON frames, in hexadecimal.
    pub fn sign(&self, parts: &[Bytes]) -> String {
        let Some(key) = &self.0 else {
            return String::new();
        };
        let mut context = hmac::Context::with_key(key);
        for part in parts {
            context.update(part);
        }
        HEXLOWER.encode(context.sign().as_ref())
    }

    /// Verifies and returns the signature; `None` if signing is disabled. Compares in constant time, so that the timing
    /// reveals nothing about the correct signature.
    fn verify(&self, parts: &[Bytes], signature: &[u8]) -> Result<Option<Signature>, WireError> {
        let Some(key) = &self.0 else {
            return Ok(None);
        };
        let tag = HEXLOWER
            .decode(signature)
            .map_err(|_| WireError::Signature)?;
        hmac::verify(key, &parts.concat(), &tag).map_err(|_| WireError::Signature)?;
        tag.try_into().map(Some).map_err(|_| WireError::Signature)
    }
}

/// Why a message was rejected. The receiver drops it and continues.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The connection file names a signature scheme that is not supported.
    #[error("signature scheme `{0}` is not supported; use `{SIGNATURE_SCHEME}`")]
    Scheme(String),
    /// The delimiter frame between identities and message is missing.
    #[error("not a Jupyter message: the delimiter frame is missing")]
    Delimiter,
    /// Fewer frames follow the delimiter than signature, header, parent header, metadata and content.
    #[error("not a Jupyter message: {0} frames after the delimiter, expected at least 5")]
    Frames(usize),
    /// The message was received before.
    #[error("repeated message")]
    Repeated,
    /// The signature does not match the message.
    #[error("invalid signature: the sender does not know the key of this connection")]
    Signature,
    /// A frame is not a JSON object.
    #[error("the {frame} is not a JSON object")]
    Object {
        /// Which of the four JSON frames.
        frame: &'static str,
    },
    /// The JSON of a frame is not valid for the message type.
    #[error("invalid {frame} in a `{msg_type}` message: {source}")]
    Fields {
        /// Which of the four JSON frames.
        frame: &'static str,
        /// The message type in the header; empty if it is missing.
        msg_type: String,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// A message with a valid signature whose JSON objects are not yet converted to types.
///
/// The runner reads outputs in this form: they go into the notebook as the kernel sent them, even if they deviate from
/// the message type.
#[derive(Debug, Clone)]
pub struct RawMessage {
    /// The verified signature; `None` if messages are not signed.
    pub signature: Option<Signature>,
    identities: Vec<Bytes>,
    header: Map<String, Value>,
    parent_header: Map<String, Value>,
    metadata: Map<String, Value>,
    /// The content frame.
    pub content: Map<String, Value>,
    buffers: Vec<Bytes>,
}

impl RawMessage {
    /// Splits the frames and verifies the signature.
    ///
    /// # Errors
    /// Every [`WireError`] except [`WireError::Scheme`], [`WireError::Repeated`] and [`WireError::Fields`].
    pub fn open(message: ZmqMessage, key: &Key) -> Result<Self, WireError> {
        let mut identities = message.into_vec();
        let delimiter = identities
            .iter()
            .position(|frame| &frame[..] == DELIMITER)
            .ok_or(WireError::Delimiter)?;
        let mut parts = identities.split_off(delimiter + 1);
        identities.truncate(delimiter);
        if parts.len() < 5 {
            return Err(WireError::Frames(parts.len()));
        }
        let buffers = parts.split_off(5);
        let signature = parts.remove(0);
        let signature = key.verify(&parts, &signature)?;
        Ok(Self {
            signature,
            identities,
            header: object(&parts[0], "header")?,
            parent_header: object(&parts[1], "parent header")?,
            metadata: object(&parts[2], "metadata")?,
            content: object(&parts[3], "content")?,
            buffers,
        })
    }

    /// Returns the `msg_type` of the header; empty if it is missing.
    pub fn msg_type(&self) -> &str {
        text(&self.header, "msg_type")
    }

    /// Returns the metadata frame.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// Returns the `msg_id` of the message that this one answers; empty if there is none.
    pub fn parent_id(&self) -> &str {
        text(&self.parent_header, "msg_id")
    }

    /// Converts the message to one with typed header and content.
    ///
    /// # Errors
    /// [`WireError::Fields`] if a field is missing or of the wrong type.
    pub fn parse(self) -> Result<JupyterMessage, WireError> {
        let mut message = self.parse_header()?;
        let JupyterMessageContent::UnknownMessage(UnknownMessage { msg_type, content }) =
            message.content
        else {
            return Ok(message);
        };
        message.content = JupyterMessageContent::from_type_and_content(&msg_type, content)
            .map_err(|source| WireError::Fields {
                frame: "content",
                msg_type,
                source,
            })?;
        Ok(message)
    }

    /// Converts the message to one with typed header; the content stays as received.
    ///
    /// # Errors
    /// [`WireError::Fields`] if a field of a header is missing or of the wrong type.
    pub fn parse_header(self) -> Result<JupyterMessage, WireError> {
        let msg_type = self.msg_type().to_owned();
        let wrong = |frame| {
            let msg_type = msg_type.clone();
            move |source| WireError::Fields {
                frame,
                msg_type,
                source,
            }
        };
        let header: Header =
            serde_json::from_value(Value::Object(self.header)).map_err(wrong("header"))?;
        let parent_header = match self.parent_header.is_empty() {
            true => None,
            false => Some(
                serde_json::from_value(Value::Object(self.parent_header))
                    .map_err(wrong("parent header"))?,
            ),
        };
        Ok(JupyterMessage {
            zmq_identities: self.identities,
            header,
            parent_header,
            metadata: Value::Object(self.metadata),
            content: JupyterMessageContent::UnknownMessage(UnknownMessage {
                msg_type,
                content: Value::Object(self.content),
            }),
            buffers: self.buffers,
            channel: None,
        })
    }
}

/// Decodes one message and verifies its signature.
///
/// # Errors
/// Every [`WireError`] except [`WireError::Scheme`] and [`WireError::Repeated`]; the caller drops the message.
#[cfg(test)]
pub fn decode(message: ZmqMessage, key: &Key) -> Result<JupyterMessage, WireError> {
    RawMessage::open(message, key)?.parse()
}

/// Encodes and signs one message.
pub fn encode(message: &JupyterMessage, key: &Key) -> ZmqMessage {
    let parent = match &message.parent_header {
        Some(header) => json(header),
        None => Bytes::from_static(b"{}"),
    };
    let parts = [
        json(&message.header),
        parent,
        json(&message.metadata),
        json(&message.content),
    ];
    let mut frames = ZmqMessage::from(DELIMITER.to_vec());
    for identity in message.zmq_identities.iter().rev() {
        frames.push_front(identity.clone());
    }
    frames.push_back(Bytes::from(key.sign(&parts)));
    for frame in parts.into_iter().chain(message.buffers.iter().cloned()) {
        frames.push_back(frame);
    }
    frames
}

fn object(frame: &[u8], name: &'static str) -> Result<Map<String, Value>, WireError> {
    serde_json::from_slice(frame).map_err(|_| WireError::Object { frame: name })
}

fn text<'a>(object: &'a Map<String, Value>, field: &str) -> &'a str {
    object
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn json(part: &impl serde::Serialize) -> Bytes {
    // Serializing to memory fails only for maps with keys that are not strings; the protocol's types have none.
    serde_json::to_vec(part)
        .expect("the parts of a Jupyter message are JSON")
        .into()
}

#[cfg(test)]
mod tests;
