//! Tests the sockets with clients of the crate `zeromq`, and with peers that violate the protocol.

use super::frame::{self, Limits, Received};
use super::{Publisher, Router, echo};
use bytes::Bytes;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeromq::{DealerSocket, ReqSocket, Socket, SocketRecv, SocketSend, SubSocket, ZmqMessage};

const TIMEOUT: Duration = Duration::from_secs(20);

async fn free_url() -> String {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("tcp://{}", port.local_addr().unwrap())
}

async fn stranger(url: &str) -> TcpStream {
    TcpStream::connect(url.strip_prefix("tcp://").unwrap())
        .await
        .unwrap()
}

/// Returns the bytes of the handshake of a peer with this socket type.
fn hello(socket: &str) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
    ready.extend((socket.len() as u32).to_be_bytes());
    ready.extend(socket.as_bytes());
    bytes.extend(frame::encode_command(&ready));
    bytes
}

/// Waits until the socket under test closes the connection.
async fn dropped(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let read = timeout(TIMEOUT, stream.read_to_end(&mut rest)).await;
    // It may close while data from this side is in flight.
    let _ = read.expect("the connection ends");
}

fn message(frames: &[&'static [u8]]) -> ZmqMessage {
    let frames: Vec<Bytes> = frames
        .iter()
        .map(|frame| Bytes::from_static(frame))
        .collect();
    frames.try_into().unwrap()
}

/// Sends a request over a new connection and checks the reply.
async fn ask(
    url: &str,
    router: &Router,
    messages: &mut tokio::sync::mpsc::Receiver<super::Message>,
) {
    let mut client = DealerSocket::new();
    client.connect(url).await.unwrap();
    client.send(message(&[b"a", b"", b"c"])).await.unwrap();
    let request = timeout(TIMEOUT, messages.recv()).await.unwrap().unwrap();
    assert_eq!(request[1..], [&b"a"[..], b"", b"c"]);
    let long = Bytes::from(vec![b'x'; 100_000]);
    assert!(router.send(&[request[0].clone(), long.clone()]).await);
    let answer = timeout(TIMEOUT, client.recv()).await.unwrap().unwrap();
    assert_eq!(answer.into_vec(), [long]);
}

#[tokio::test]
async fn clients_are_answered() {
    let url = free_url().await;
    let (router, mut messages) = Router::bind(&url).await.unwrap();
    for _ in 0..3 {
        ask(&url, &router, &mut messages).await;
    }
    assert!(
        !router
            .send(&[Bytes::from_static(b"nobody"), Bytes::new()])
            .await
    );
    assert!(!router.send(&[]).await);
}

#[tokio::test]
async fn the_heartbeat_goes_on_after_nonsense() {
    let url = free_url().await;
    echo(&url).await.unwrap();
    let mut wrong = stranger(&url).await;
    wrong.write_all(&hello("REQ")).await.unwrap();
    wrong.write_all(b"\x80\x00").await.unwrap();
    dropped(wrong).await;
    let mut client = ReqSocket::new();
    client.connect(&url).await.unwrap();
    for _ in 0..3 {
        client.send(message(&[b"ping"])).await.unwrap();
        let pong = timeout(TIMEOUT, client.recv()).await.unwrap().unwrap();
        assert_eq!(pong.into_vec(), [&b"ping"[..]]);
    }
}

#[tokio::test]
async fn strangers_who_break_the_rules_are_disconnected() {
    let url = free_url().await;
    let (router, mut messages) = Router::bind(&url).await.unwrap();
    let greeting = &hello("DEALER")[..64];
    let after_hello = |bytes: &[u8]| [&hello("DEALER")[..], bytes].concat();
    let after_greeting = |bytes: &[u8]| [greeting, bytes].concat();
    let all = [
        b"GET / HTTP/1.1\r\n\r\nand more than a greeting is long, so that it is read to its end"
            .to_vec(),
        // Version 2.
        [&greeting[..10], &[2], &greeting[11..]].concat(),
        // A mechanism other than NULL.
        [&greeting[..12], b"CURV", &greeting[16..]].concat(),
        // An incompatible socket type.
        hello("PUB"),
        // A command whose name is longer than the command.
        after_greeting(b"\x04\x02\xffR"),
        // A property whose value is longer than the command.
        after_greeting(b"\x04\x0b\x05READY\x01a\xff\xff\xff\xff"),
        // A message instead of READY.
        after_greeting(b"\x00\x01a"),
        // 2^63 and 2^40 bytes.
        after_hello(b"\x02\x80\x00\x00\x00\x00\x00\x00\x00"),
        after_hello(b"\x02\x00\x00\x01\x00\x00\x00\x00\x00"),
        // Reserved flags, and a command inside a message.
        after_hello(b"\xf0\x00"),
        after_hello(b"\x01\x00\x04\x00"),
        // More frames than allowed.
        after_hello(&b"\x01\x00".repeat(2000)),
    ];
    for bytes in all {
        let mut wrong = stranger(&url).await;
        // The socket may close the connection before everything is sent.
        let _ = wrong.write_all(&bytes).await;
        dropped(wrong).await;
    }
    ask(&url, &router, &mut messages).await;
}

#[tokio::test]
async fn half_a_frame_holds_up_nobody() {
    let url = free_url().await;
    let (router, mut messages) = Router::bind(&url).await.unwrap();
    let mut halves = Vec::new();
    for half in [&hello("DEALER")[..30], &hello("DEALER"), b"\xff"] {
        let mut wrong = stranger(&url).await;
        wrong.write_all(half).await.unwrap();
        // Announces a megabyte and sends less.
        wrong
            .write_all(b"\x02\x00\x00\x00\x00\x00\x10\x00\x00abc")
            .await
            .unwrap();
        halves.push(wrong);
    }
    ask(&url, &router, &mut messages).await;
}

#[tokio::test]
async fn an_identity_in_use_cannot_be_taken() {
    let url = free_url().await;
    let (router, mut messages) = Router::bind(&url).await.unwrap();
    let named = || {
        let mut bytes = hello("DEALER");
        bytes.truncate(64);
        let mut ready = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER".to_vec();
        ready.extend(b"\x08Identity\x00\x00\x00\x02me");
        bytes.extend(frame::encode_command(&ready));
        bytes.extend(frame::encode(&[Bytes::from_static(b"hi")]));
        bytes
    };
    let mut first = stranger(&url).await;
    first.write_all(&named()).await.unwrap();
    let got = timeout(TIMEOUT, messages.recv()).await.unwrap().unwrap();
    assert_eq!(got, [&b"me"[..], b"hi"]);
    let mut second = stranger(&url).await;
    second.write_all(&named()).await.unwrap();
    dropped(second).await;
    assert!(
        router
            .send(&[got[0].clone(), Bytes::from_static(b"yes")])
            .await
    );
    let mut answer = vec![0; 64 + 30 + 5];
    first.read_exact(&mut answer).await.unwrap();
    assert!(answer.ends_with(b"\x00\x03yes"), "{answer:?}");
}

#[tokio::test]
async fn subscribers_get_what_they_asked_for() {
    let url = free_url().await;
    let (publisher, mut subscriptions) = Publisher::bind(&url).await.unwrap();
    let mut all = SubSocket::new();
    all.connect(&url).await.unwrap();
    all.subscribe("").await.unwrap();
    let mut some = SubSocket::new();
    some.connect(&url).await.unwrap();
    some.subscribe("st").await.unwrap();
    for _ in 0..2 {
        let subscription = timeout(TIMEOUT, subscriptions.recv())
            .await
            .unwrap()
            .unwrap();
        let topic = subscription.topic.clone();
        publisher
            .answer(&subscription, &["welcome".into(), topic])
            .await;
    }
    publisher.publish(&["error".into(), "1".into()]).await;
    publisher.publish(&["status".into(), "2".into()]).await;
    publisher.flush().await;
    let next = async |socket: &mut SubSocket| {
        let message = timeout(TIMEOUT, socket.recv()).await.unwrap().unwrap();
        String::from_utf8(message.get(0).unwrap().to_vec()).unwrap()
    };
    assert_eq!(next(&mut all).await, "welcome");
    assert_eq!(next(&mut all).await, "error");
    assert_eq!(next(&mut all).await, "status");
    assert_eq!(next(&mut some).await, "welcome");
    assert_eq!(next(&mut some).await, "status");
}

/// Publishes more than the system buffers and an outbox hold together.
#[tokio::test]
async fn a_subscriber_who_does_not_read_is_given_up() {
    let url = free_url().await;
    let (publisher, mut subscriptions) = Publisher::bind(&url).await.unwrap();
    let mut stuck = stranger(&url).await;
    stuck.write_all(&hello("SUB")).await.unwrap();
    stuck.write_all(b"\x00\x01\x01").await.unwrap();
    timeout(TIMEOUT, subscriptions.recv())
        .await
        .unwrap()
        .unwrap();
    let mut reading = SubSocket::new();
    reading.connect(&url).await.unwrap();
    reading.subscribe("").await.unwrap();
    timeout(TIMEOUT, subscriptions.recv())
        .await
        .unwrap()
        .unwrap();
    let megabyte = Bytes::from(vec![0; 1 << 20]);
    let reader = tokio::spawn(async move {
        for _ in 0..40 {
            timeout(TIMEOUT, reading.recv()).await.unwrap().unwrap();
        }
    });
    for _ in 0..40 {
        publisher.publish(std::slice::from_ref(&megabyte)).await;
    }
    reader.await.unwrap();
    dropped(stuck).await;
}

#[tokio::test]
async fn frames_come_back_as_they_were_sent() {
    let limits = Limits {
        bytes: 1000,
        frames: 3,
    };
    for message in [
        vec![Bytes::new()],
        vec![Bytes::from(vec![1; 255]), Bytes::from(vec![2; 256])],
        vec![Bytes::from(vec![1; 1000])],
    ] {
        let encoded = frame::encode(&message);
        let mut from = &encoded[..];
        assert_eq!(
            frame::read(&mut from, limits).await.unwrap(),
            Received::Message(message)
        );
        assert!(from.is_empty());
        for cut in 0..encoded.len() {
            assert!(frame::read(&mut &encoded[..cut], limits).await.is_err());
        }
    }
    for wrong in [
        frame::encode(&[Bytes::from(vec![1; 1001])]),
        frame::encode(&[Bytes::new(), Bytes::new(), Bytes::new(), Bytes::new()]),
    ] {
        assert!(frame::read(&mut &wrong[..], limits).await.is_err());
    }
}
