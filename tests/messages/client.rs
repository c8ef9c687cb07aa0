//! A client that knows the kernel's key.

use bytes::Bytes;
use data_encoding::HEXLOWER;
use ring::hmac;
use serde_json::{Value, json};
use std::time::Duration;
use support::sandbox::Sandbox;
use tokio::time::timeout;
use zeromq::{DealerSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

/// How long a reply may take.
pub const BOUND: Duration = Duration::from_secs(30);

/// Ends the routing frames of a message.
pub const DELIMITER: &[u8] = b"<IDS|MSG>";

/// Reads the connection file that Jupyter wrote for the sandbox's kernel.
pub fn connection(sandbox: &Sandbox) -> Value {
    let folder = sandbox.path("home/.local/share/jupyter/runtime");
    let entries = std::fs::read_dir(folder).expect("Jupyter's runtime directory");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let mut found = files.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    let path = found.next().expect("a connection file");
    serde_json::from_slice(&std::fs::read(path).expect("a connection file")).expect("JSON")
}

pub fn address(connection: &Value, channel: &str) -> String {
    format!("127.0.0.1:{}", connection[format!("{channel}_port")])
}

pub async fn dealer(connection: &Value, channel: &str) -> DealerSocket {
    let mut socket = DealerSocket::new();
    let url = format!("tcp://{}", address(connection, channel));
    socket.connect(&url).await.expect("the kernel listens");
    socket
}

/// Returns the signature of a message.
pub fn sign(key: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    HEXLOWER.encode(context.sign().as_ref()).into_bytes()
}

/// Sends a kernel_info_request and waits for its reply, which follows the replies to earlier requests.
pub async fn is_answered(socket: &mut DealerSocket, key: &str, id: &str) {
    let header = json!({
        "msg_id": id, "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z",
        "msg_type": "kernel_info_request", "version": "5.5",
    });
    let parts = [header, json!({}), json!({}), json!({})]
        .map(|part| serde_json::to_vec(&part).expect("JSON"));
    let mut all = vec![DELIMITER.to_vec(), sign(key, &parts)];
    all.extend(parts);
    socket
        .send(message(all).expect("frames"))
        .await
        .expect("the kernel listens");
    let reply = async {
        loop {
            let frames = socket.recv().await.expect("the kernel answers").into_vec();
            // A reply repeats the frames before the delimiter of its request.
            let delimiter = frames.iter().position(|frame| frame == DELIMITER);
            let [_signature, _header, parent, _metadata, content] =
                &frames[delimiter.expect("a delimiter") + 1..]
            else {
                panic!("{} frames: {frames:?}", frames.len());
            };
            let parent: Value = serde_json::from_slice(parent).expect("a parent header");
            if parent["msg_id"] == id {
                let content: Value = serde_json::from_slice(content).expect("a content");
                assert_eq!(content["status"], "ok");
                return;
            }
        }
    };
    timeout(BOUND, reply).await.expect("a reply in time");
}

pub fn message(frames: Vec<Vec<u8>>) -> Option<ZmqMessage> {
    let frames: Vec<Bytes> = frames.into_iter().map(Bytes::from).collect();
    ZmqMessage::try_from(frames).ok()
}
