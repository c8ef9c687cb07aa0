//! How two ends prove to each other that they have the same key, without sending it.
//!
//! One end sends random bytes, and the other answers with their HMAC under the key; then the same the other way round.
//! The messages are those of CPython since 3.12 with SHA-256, so the other end may be a Python program. The older HMAC
//! with MD5 is refused in both directions.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use rand::RngCore;
use sha2::Sha256;

use super::socket::SocketEnd;

const CHALLENGE: &[u8] = b"#CHALLENGE#";
const WELCOME: &[u8] = b"#WELCOME#";
const FAILURE: &[u8] = b"#FAILURE#";
const DIGEST: &[u8] = b"{sha256}";
const RANDOM_LEN: usize = 40;

/// A longer message is no part of this protocol.
const MAX_MESSAGE_LEN: usize = 256;

/// How long each side may take for the whole exchange. In Python a client that sends nothing blocks the listener for
/// ever.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// The other end of a connection has another key: Python's `multiprocessing.AuthenticationError`.
///
/// It is within an [`io::Error`] of kind `PermissionDenied`:
/// `error.get_ref().is_some_and(|inner| inner.is::<AuthenticationError>())`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticationError(String);

impl fmt::Display for AuthenticationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AuthenticationError {}

/// Checks that the other end has the key.
pub(super) fn deliver_challenge(
    socket: &SocketEnd,
    key: &[u8],
    deadline: Instant,
) -> io::Result<()> {
    let mut random = [0; RANDOM_LEN];
    rand::rng().fill_bytes(&mut random);
    let message = [DIGEST, &random].concat();
    socket.send(&[CHALLENGE, &message].concat())?;
    let response = receive(socket, deadline)?;
    let is_right = response
        .strip_prefix(DIGEST)
        // In constant time: the answer says nothing about how much was right.
        .is_some_and(|digest| mac(key, &message).verify_slice(digest).is_ok());
    if !is_right {
        // The other end may be gone.
        let _ = socket.send(FAILURE);
        return Err(denied("digest received was wrong"));
    }
    socket.send(WELCOME)
}

/// Shows the other end that this one has the key.
pub(super) fn answer_challenge(
    socket: &SocketEnd,
    key: &[u8],
    deadline: Instant,
) -> io::Result<()> {
    let challenge = receive(socket, deadline)?;
    let Some(message) = challenge.strip_prefix(CHALLENGE) else {
        return Err(denied("expected a challenge: the other end uses no key"));
    };
    let is_strong = message
        .strip_prefix(DIGEST)
        .is_some_and(|random| random.len() >= RANDOM_LEN);
    if !is_strong {
        return Err(denied(
            "the other end does not use SHA-256: Python does from 3.12 on",
        ));
    }
    let digest = mac(key, message).finalize().into_bytes();
    socket.send(&[DIGEST, &digest].concat())?;
    match receive(socket, deadline)? == WELCOME {
        true => Ok(()),
        false => Err(denied("digest sent was rejected")),
    }
}

fn receive(socket: &SocketEnd, deadline: Instant) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let received = socket.recv(&mut message, MAX_MESSAGE_LEN, Some(deadline));
    received
        .map(|()| message)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => denied("the other end closed the connection"),
            io::ErrorKind::InvalidData => denied("the other end does not answer with a digest"),
            io::ErrorKind::TimedOut => {
                denied(&format!("the other end did not answer within {TIMEOUT:?}"))
            }
            _ => error,
        })
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac
}

fn denied(message: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::PermissionDenied,
        AuthenticationError(message.into()),
    )
}
