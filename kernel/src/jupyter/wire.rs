//! Messages on the wire: ZeroMQ frames to [`JupyterMessage`] and back, signed with HMAC-SHA256.
//!
//! The frames are those of the [wire protocol]: identities, the delimiter, the signature, then header, parent header,
//! metadata and content as JSON, then buffers. The signature covers the four JSON frames.
//!
//! `jupyter-zmq-client` does the same, but indexes into the frames before it counts them: a message with too few
//! frames makes it panic. A kernel's ports are on the loopback interface, where every user of a shared computer can
//! reach them without the key, so one such message would stop a stranger's kernel. Nothing here panics on any input.
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

/// What a message is signed with: HMAC-SHA256 has 32 bytes.
pub type Signature = [u8; 32];

/// The secret of a connection, with which each message is signed.
#[derive(Clone)]
pub struct Key(Option<hmac::Key>);

impl Key {
    /// The key of a connection file. An empty key switches signing off, as Jupyter defines it.
    ///
    /// # Errors
    /// [`WireError::Scheme`] when the file asks for another signature than HMAC-SHA256.
    pub fn of(connection: &ConnectionInfo) -> Result<Self, WireError> {
        if connection.key.is_empty() {
            return Ok(Self(None));
        }
        if connection.signature_scheme != SIGNATURE_SCHEME {
            return Err(WireError::Scheme(connection.signature_scheme.clone()));
        }
        Ok(Self::new(connection.key.as_bytes()))
    }

    /// The key made of these bytes; none of them means unsigned.
    pub fn new(secret: &[u8]) -> Self {
        Self((!secret.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The signature of a message's four JSON frames, in hexadecimal.
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

    /// Compares in constant time, so that the time taken tells nothing about the right signature.
    /// The right signature; `None` when there is no key to sign with.
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

/// Why a message was refused. The receiver drops such a message and goes on.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The connection file names a signature scheme that is not supported.
    #[error("signature scheme `{0}` is not supported; use `{SIGNATURE_SCHEME}`")]
    Scheme(String),
    /// No frame is the delimiter between identities and message.
    #[error("not a Jupyter message: the delimiter frame is missing")]
    Delimiter,
    /// Fewer frames after the delimiter than signature, header, parent header, metadata and content.
    #[error("not a Jupyter message: {0} frames after the delimiter, at least 5 are needed")]
    Frames(usize),
    /// The message came before.
    #[error("a repeated message")]
    Repeated,
    /// The signature is not that of the message.
    #[error("wrong signature: the sender does not know the key of this connection")]
    Signature,
    /// A frame holds something else than a JSON object.
    #[error("the {frame} is no JSON object")]
    Object {
        /// Which of the four JSON frames.
        frame: &'static str,
    },
    /// A frame holds JSON that does not fit the message type.
    #[error("the {frame} of a `{msg_type}` message is wrong: {source}")]
    Fields {
        /// Which of the four JSON frames.
        frame: &'static str,
        /// The message type that the header gives; empty if it gives none.
        msg_type: String,
        /// What does not fit.
        source: serde_json::Error,
    },
}

/// A message whose signature is right, its JSON not yet looked into.
///
/// The runner reads outputs in this form: what a kernel sends goes into the notebook unchanged, also where it is
/// not quite what the message's type asks for.
#[derive(Debug, Clone)]
pub struct RawMessage {
    /// Its signature, which was found right; `None` when messages are not signed.
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
    /// Takes the frames apart and checks the signature.
    ///
    /// # Errors
    /// Every [`WireError`] but [`WireError::Scheme`] and [`WireError::Fields`].
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

    /// The `msg_type` of the header; empty if it is missing.
    pub fn msg_type(&self) -> &str {
        text(&self.header, "msg_type")
    }

    /// What is said beside the content.
    pub fn metadata(&self) -> &Map<String, Value> {
        &self.metadata
    }

    /// The `msg_id` of the message that this one answers; empty if there is none.
    pub fn parent_id(&self) -> &str {
        text(&self.parent_header, "msg_id")
    }

    /// The message with typed header and content.
    ///
    /// # Errors
    /// [`WireError::Fields`] when a field is missing or of the wrong type.
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

    /// The message with typed header; the content is left as it came.
    ///
    /// # Errors
    /// [`WireError::Fields`] when a field of a header is missing or of the wrong type.
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

/// Decodes one message whose signature is right.
///
/// # Errors
/// Every [`WireError`] but [`WireError::Scheme`]; the message is then to be dropped.
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
    // Serialising to memory fails only for a map whose keys are no strings; the protocol's types have none.
    serde_json::to_vec(part)
        .expect("the parts of a Jupyter message are JSON")
        .into()
}

#[cfg(test)]
mod tests;
