use jupyter_protocol::{ExecuteRequest, KernelInfoRequest, StreamContent};
use serde_json::json;

use super::*;

fn key() -> Key {
    Key::new(b"a-secret")
}

fn frames(message: ZmqMessage) -> Vec<Bytes> {
    message.into_vec()
}

fn message(frames: Vec<Bytes>) -> ZmqMessage {
    ZmqMessage::try_from(frames).unwrap()
}

fn request() -> JupyterMessage {
    JupyterMessage::new(ExecuteRequest::new("1 + 1".to_owned()), None)
        .with_zmq_identities(vec![
            Bytes::from_static(b"router"),
            Bytes::from_static(b"client"),
        ])
        .with_buffers(vec![Bytes::from_static(b"\0\xff"), Bytes::new()])
        .with_metadata(json!({"deletedCells": []}))
}

/// Returns frames with a valid signature over the four parts, whatever they hold.
fn signed(parts: [&str; 4]) -> ZmqMessage {
    let parts = parts.map(|part| Bytes::from(part.to_owned()));
    let mut all = vec![
        Bytes::from_static(DELIMITER),
        Bytes::from(key().sign(&parts)),
    ];
    all.extend(parts);
    message(all)
}

#[test]
fn what_was_encoded_is_decoded() {
    let sent = request();
    let got = decode(encode(&sent, &key()), &key()).unwrap();
    assert_eq!(got.zmq_identities, sent.zmq_identities);
    assert_eq!(got.header.msg_id, sent.header.msg_id);
    assert_eq!(got.header.msg_type, "execute_request");
    assert!(got.parent_header.is_none());
    assert_eq!(got.metadata, sent.metadata);
    assert_eq!(got.buffers, sent.buffers);
    let JupyterMessageContent::ExecuteRequest(content) = got.content else {
        panic!("{got:?}");
    };
    assert_eq!(content.code, "1 + 1");
}

#[test]
fn a_reply_names_its_parent() {
    let parent = request();
    let reply = StreamContent::stdout("hi\n").as_child_of(&parent);
    let raw = RawMessage::open(encode(&reply, &key()), &key()).unwrap();
    assert_eq!(raw.parent_id(), parent.header.msg_id);
    assert_eq!(raw.msg_type(), "stream");
    assert_eq!(raw.content["text"], "hi\n");
    let typed = raw.parse().unwrap();
    assert_eq!(typed.parent_header.unwrap().session, parent.header.session);
}

/// HMAC-SHA256 as in RFC 4231, over the joined parts: `printf '{}{}{}{}' | openssl dgst -sha256 -hmac a-secret`.
#[test]
fn the_signature_is_the_hmac_of_the_four_parts() {
    let parts = [const { Bytes::from_static(b"{}") }; 4];
    assert_eq!(
        key().sign(&parts),
        "e594ca8172ca964dd5716f38348136e8c7768530ec702c6c5dbe80051d7e5851"
    );
}

#[test]
fn an_empty_key_means_unsigned() {
    let none = Key::new(b"");
    let encoded = frames(encode(&request(), &none));
    assert_eq!(encoded[3], "");
    decode(message(encoded), &none).unwrap();
    decode(encode(&request(), &key()), &none).unwrap();
}

#[test]
fn another_scheme_is_refused() {
    let connection = |key: &str, scheme: &str| ConnectionInfo {
        ip: "127.0.0.1".into(),
        transport: jupyter_protocol::connection_info::Transport::TCP,
        shell_port: 1,
        iopub_port: 2,
        stdin_port: 3,
        control_port: 4,
        hb_port: 5,
        key: key.into(),
        signature_scheme: scheme.into(),
        kernel_name: None,
    };
    assert!(matches!(
        Key::of(&connection("k", "hmac-md5")),
        Err(WireError::Scheme(_))
    ));
    assert!(
        Key::of(&connection("k", "hmac-sha256"))
            .unwrap()
            .0
            .is_some()
    );
    assert!(Key::of(&connection("", "")).unwrap().0.is_none());
}

#[test]
fn a_wrong_signature_is_refused() {
    let refused = |change: fn(&mut Vec<Bytes>)| {
        let mut all = frames(encode(&request(), &key()));
        change(&mut all);
        matches!(decode(message(all), &key()), Err(WireError::Signature))
    };
    assert!(refused(|all| all[3] = Bytes::new()), "no signature");
    assert!(refused(|all| all[3] = Bytes::from_static(b"zz")), "no hex");
    assert!(
        refused(|all| all[3] = Bytes::from(vec![b'0'; 64])),
        "another one"
    );
    assert!(refused(|all| all[3] = all[3].slice(..62)), "cut short");
    assert!(refused(|all| all.swap(4, 7)), "parts in another order");
    assert!(
        refused(|all| all[6] = Bytes::from_static(b"{}")),
        "another metadata"
    );
    assert!(!refused(|_| ()), "the right one");
}

#[test]
fn too_few_frames_are_refused() {
    let all = frames(encode(&request(), &key()));
    for kept in 1..8 {
        let short = decode(message(all[..kept].to_vec()), &key());
        match (kept, short) {
            (1 | 2, Err(WireError::Delimiter)) => (),
            (3..8, Err(WireError::Frames(after))) => assert_eq!(after, kept - 3),
            (_, other) => panic!("{kept} frames: {other:?}"),
        }
    }
}

#[test]
fn wrong_json_is_refused() {
    let header = serde_json::to_string(&request().header).unwrap();
    let refused = |parts| decode(signed(parts), &key()).unwrap_err().to_string();
    assert_eq!(
        refused(["nothing", "{}", "{}", "{}"]),
        "the header is not a JSON object"
    );
    assert_eq!(
        refused([&header, "[]", "{}", "{}"]),
        "the parent header is not a JSON object"
    );
    assert_eq!(
        refused([&header, "{}", "1", "{}"]),
        "the metadata is not a JSON object"
    );
    assert_eq!(
        refused([&header, "{}", "{}", "\"\""]),
        "the content is not a JSON object"
    );
    let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert_eq!(
        refused([&header, "{}", "{}", &deep]),
        "the content is not a JSON object"
    );
    assert!(refused(["{}", "{}", "{}", "{}"]).starts_with("invalid header in a `` message"));
    let content = refused([&header, "{}", "{}", "{\"code\": 1}"]);
    assert!(
        content.starts_with("invalid content in a `execute_request` message"),
        "{content}"
    );
}

/// No input may stop a kernel: decodes ten thousand mutated messages, with and without a key.
#[test]
fn no_frames_make_it_panic() {
    let original = frames(encode(
        &JupyterMessage::new(KernelInfoRequest {}, Some(&request())),
        &key(),
    ));
    let mut random = Random(0x5eed);
    let mut accepted = 0;
    for _ in 0..10_000 {
        let mut all = original.clone();
        for _ in 0..=random.below(3) {
            random.mutate(&mut all);
        }
        // An empty list is not a ZeroMQ message.
        let Ok(mutated) = ZmqMessage::try_from(all) else {
            continue;
        };
        let key = if random.below(2) == 0 {
            key()
        } else {
            Key::new(b"")
        };
        accepted += usize::from(decode(mutated, &key).is_ok());
    }
    assert!(
        (1..5000).contains(&accepted),
        "{accepted} of the changed messages were accepted"
    );
}

/// Knuth's MMIX generator: the same messages in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn mutate(&mut self, all: &mut Vec<Bytes>) {
        if all.is_empty() {
            return;
        }
        let at = self.below(all.len());
        match self.below(6) {
            0 => drop(all.remove(at)),
            1 => all.insert(at, all[self.below(all.len())].clone()),
            2 => all.truncate(at),
            3 => {
                let other = self.below(all.len());
                all.swap(at, other);
            }
            4 => {
                let wrong = [
                    &b""[..],
                    b"{}",
                    b"null",
                    b"[]",
                    b"{\"msg_id\":1}",
                    b"\xff\xfe",
                    DELIMITER,
                ];
                all[at] = Bytes::from_static(wrong[self.below(wrong.len())]);
            }
            _ => {
                let mut bytes = all[at].to_vec();
                if !bytes.is_empty() {
                    let index = self.below(bytes.len());
                    bytes[index] = self.below(256) as u8;
                }
                all[at] = Bytes::from(bytes);
            }
        }
    }
}
