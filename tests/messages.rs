//! Whatever arrives at a kernel's sockets, it goes on: wrong frames under the right key and under
//! wrong ones, bytes that are no ZeroMQ, and connections that are left hanging.

mod common;

use bytes::Bytes;
use common::kernel::Kernel;
use common::process;
use common::sandbox::Sandbox;
use common::turn;
use common::venv::Venv;
use data_encoding::HEXLOWER;
use ring::hmac;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use zeromq::{DealerSocket, Socket, SocketRecv, SocketSend, ZmqMessage};

const MESSAGES: usize = 10_000;

/// Connections that say something else than ZeroMQ does.
const STRANGERS: usize = 300;

const BOUND: Duration = Duration::from_secs(30);

/// What Jupyter wrote into the connection file of the sandbox's kernel.
fn connection(sandbox: &Sandbox) -> Value {
    let folder = sandbox.path("home/.local/share/jupyter/runtime");
    let entries = std::fs::read_dir(folder).expect("Jupyter's runtime folder");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let mut found = files.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    let path = found.next().expect("a connection file");
    serde_json::from_slice(&std::fs::read(path).expect("a connection file")).expect("JSON")
}

fn address(connection: &Value, channel: &str) -> String {
    format!("127.0.0.1:{}", connection[format!("{channel}_port")])
}

async fn dealer(connection: &Value, channel: &str) -> DealerSocket {
    let mut socket = DealerSocket::new();
    let url = format!("tcp://{}", address(connection, channel));
    socket.connect(&url).await.expect("the kernel listens");
    socket
}

/// Knuth's MMIX generator: the same messages in every run with the same seed.
struct Random(u64);

impl Random {
    /// Seeded by the variable `SEED`, or by the time; printed, for a failure to be repeated.
    fn seeded() -> Random {
        let seed = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.expect("a time after 1970").as_nanos() as u64
        });
        println!("SEED={seed}");
        Random(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    /// JSON of any kind, not deep.
    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1 << 31) as i64 - (1 << 30)),
            3 => json!(self.below(1000) as f64 / 7.0),
            4 => json!(String::from_utf8_lossy(&self.bytes(20))),
            5 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.below(4))
                .map(|_| {
                    (
                        String::from_utf8_lossy(&self.bytes(8)).into_owned(),
                        self.value(depth - 1),
                    )
                })
                .collect(),
        }
    }
}

/// What clients ask, but for what ends the kernel or runs a cell for long.
fn requests() -> Vec<(&'static str, Value)> {
    vec![
        ("kernel_info_request", json!({})),
        ("connect_request", json!({})),
        (
            "execute_request",
            json!({"code": "", "silent": true, "store_history": false, "user_expressions": {}}),
        ),
        ("complete_request", json!({"code": ":he", "cursor_pos": 3})),
        (
            "inspect_request",
            json!({"code": ":help", "cursor_pos": 3, "detail_level": 0}),
        ),
        ("is_complete_request", json!({"code": "fn f("})),
        (
            "history_request",
            json!({"hist_access_type": "tail", "n": 3, "output": false, "raw": true}),
        ),
        ("comm_info_request", json!({"target_name": "a"})),
        (
            "comm_open",
            json!({"comm_id": "a", "target_name": "b", "data": {}}),
        ),
        ("comm_msg", json!({"comm_id": "a", "data": {}})),
        ("comm_close", json!({"comm_id": "a", "data": {}})),
        (
            "debug_request",
            json!({"type": "request", "seq": 1, "command": "attach"}),
        ),
        ("interrupt_request", json!({})),
        ("input_reply", json!({"value": "x", "status": "ok"})),
        ("unheard_of_request", json!({})),
    ]
}

/// The frames of a message, its signature made with this key.
fn frames(random: &mut Random, key: &str, requests: &[(&str, Value)]) -> Vec<Vec<u8>> {
    let (kind, content) = &requests[random.below(requests.len())];
    let mut content = content.clone();
    let mut header = json!({
        "msg_id": format!("m{}", random.below(1 << 31)), "session": "s", "username": "u",
        "date": "2026-01-01T00:00:00Z", "msg_type": kind, "version": "5.5",
    });
    let mut parent = json!({});
    let mut metadata = json!({});
    // JSON that is right, but not what the type asks for.
    for _ in 0..random.below(3) {
        let part = match random.below(6) {
            0 => &mut header,
            1 => &mut parent,
            2 => &mut metadata,
            _ => &mut content,
        };
        spoil(part, random);
    }
    // Cells that a change makes run must be short.
    if content["code"] != json!("") && *kind == "execute_request" {
        content["code"] = json!("");
    }
    let mut parts: Vec<Vec<u8>> = [header, parent, metadata, content]
        .iter()
        .map(|part| serde_json::to_vec(part).expect("JSON"))
        .collect();
    // What is no JSON at all.
    if random.below(4) == 0 {
        let at = random.below(4);
        scramble(&mut parts[at], random);
    }
    let mut signature = sign(key, &parts);
    if random.below(6) == 0 {
        scramble(&mut signature, random);
    }
    let mut all = vec![b"<IDS|MSG>".to_vec(), signature];
    all.extend(parts);
    // Frames that are missing, doubled, exchanged, cut or huge.
    for _ in 0..random.below(3) {
        if random.below(2) == 0 {
            rearrange(&mut all, random);
        }
    }
    all
}

fn sign(key: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    HEXLOWER.encode(context.sign().as_ref()).into_bytes()
}

/// Changes a field of an object.
fn spoil(part: &mut Value, random: &mut Random) {
    let Some(object) = part.as_object_mut() else {
        return;
    };
    let keys: Vec<String> = object.keys().cloned().collect();
    let value = random.value(3);
    match keys.get(random.below(keys.len() + 1)) {
        Some(key) if random.below(3) == 0 => drop(object.remove(key)),
        Some(key) => drop(object.insert(key.clone(), value)),
        None => drop(object.insert("extra".to_owned(), value)),
    }
}

/// Changes bytes.
fn scramble(part: &mut Vec<u8>, random: &mut Random) {
    match random.below(5) {
        0 => *part = random.bytes(300),
        1 => part.truncate(random.below(part.len() + 1)),
        2 => {
            *part = random
                .one_of(&[
                    &b""[..],
                    b"null",
                    b"[]",
                    b"{}",
                    b"\xff\xfe",
                    b"{\"a\":",
                    b"<IDS|MSG>",
                ])
                .to_vec()
        }
        3 => *part = b"{\"a\":".repeat(random.below(5000)),
        _ => {
            for _ in 0..=random.below(4) {
                if !part.is_empty() {
                    let at = random.below(part.len());
                    part[at] = random.below(256) as u8;
                }
            }
        }
    }
}

/// Changes the row of frames.
fn rearrange(all: &mut Vec<Vec<u8>>, random: &mut Random) {
    if all.is_empty() {
        return;
    }
    let at = random.below(all.len());
    match random.below(7) {
        0 => drop(all.remove(at)),
        1 => {
            let twin = all[at].clone();
            all.insert(at, twin);
        }
        2 => all.truncate(at),
        3 => {
            let other = random.below(all.len());
            all.swap(at, other);
        }
        4 => all.insert(at, random.bytes(300)),
        5 => all.extend(vec![Vec::new(); random.below(40)]),
        _ if random.below(50) == 0 => all.insert(at, vec![b'x'; 1 << 20]),
        _ => all.insert(at, b"<IDS|MSG>".to_vec()),
    }
}

/// Sends a kernel_info_request and waits for its answer, also to what was sent before it.
async fn is_answered(socket: &mut DealerSocket, key: &str, id: &str) {
    let header = json!({
        "msg_id": id, "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z",
        "msg_type": "kernel_info_request", "version": "5.5",
    });
    let parts = [header, json!({}), json!({}), json!({})]
        .map(|part| serde_json::to_vec(&part).expect("JSON"));
    let mut all = vec![b"<IDS|MSG>".to_vec(), sign(key, &parts)];
    all.extend(parts);
    socket
        .send(message(all).expect("frames"))
        .await
        .expect("the kernel listens");
    let answer = async {
        loop {
            let frames = socket.recv().await.expect("the kernel answers").into_vec();
            // Delimiter, signature, header, parent.
            let parent: Value = serde_json::from_slice(&frames[3]).expect("a parent header");
            if parent["msg_id"] == id {
                let content: Value = serde_json::from_slice(&frames[5]).expect("a content");
                assert_eq!(content["status"], "ok");
                return;
            }
        }
    };
    timeout(BOUND, answer).await.expect("an answer in time");
}

fn message(frames: Vec<Vec<u8>>) -> Option<ZmqMessage> {
    let frames: Vec<Bytes> = frames.into_iter().map(Bytes::from).collect();
    ZmqMessage::try_from(frames).ok()
}

async fn send_all(connection: &Value, random: &mut Random) {
    let key = connection["key"].as_str().expect("a key").to_owned();
    let requests = requests();
    for channel in ["shell", "control", "stdin"] {
        let mut socket = dealer(connection, channel).await;
        for number in 0..MESSAGES / 3 + 1 {
            let with = if random.below(3) == 0 {
                "another key"
            } else {
                &key
            };
            let Some(message) = message(frames(random, with, &requests)) else {
                continue;
            };
            socket.send(message).await.expect("the kernel listens");
            if channel != "stdin" && number % 500 == 0 {
                is_answered(&mut socket, &key, &format!("{channel}-{number}")).await;
            }
        }
        if channel != "stdin" {
            is_answered(&mut socket, &key, &format!("{channel}-last")).await;
        }
    }
}

/// The greeting and the first command of a peer that speaks ZMTP.
fn hello(socket: &str) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[0] = 0xff;
    bytes[9] = 0x7f;
    bytes[10] = 3;
    bytes[12..16].copy_from_slice(b"NULL");
    let mut ready = b"\x05READY\x0bSocket-Type".to_vec();
    ready.extend((socket.len() as u32).to_be_bytes());
    ready.extend(socket.as_bytes());
    bytes.extend([4, ready.len() as u8]);
    bytes.extend(ready);
    bytes
}

/// Connects to every socket and breaks the protocol of ZeroMQ. The connections are kept.
async fn send_nonsense(connection: &Value, random: &mut Random) -> Vec<TcpStream> {
    let channels = [
        ("shell", "DEALER"),
        ("control", "DEALER"),
        ("stdin", "DEALER"),
        ("iopub", "SUB"),
        ("hb", "REQ"),
    ];
    let mut kept = Vec::new();
    for _ in 0..STRANGERS {
        let (channel, socket) = channels[random.below(channels.len())];
        let mut stream = TcpStream::connect(address(connection, channel))
            .await
            .expect("the kernel listens");
        let mut bytes = hello(socket);
        match random.below(6) {
            0 => bytes = random.bytes(200),
            1 => bytes.truncate(random.below(bytes.len())),
            2 => scramble(&mut bytes, random),
            // More than there is memory for.
            3 => bytes.extend([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, b'x']),
            // Half a frame.
            4 => bytes.extend([2, 0, 0, 0, 0, 0, 1, 0, 0, b'x']),
            _ => bytes.extend(random.bytes(500)),
        }
        // The kernel may end the connection before it has all.
        let _ = stream.write_all(&bytes).await;
        if random.below(4) == 0 {
            kept.push(stream);
        }
    }
    kept
}

fn event_loop() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("an event loop")
}

fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the kernel runs");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("VmRSS");
    line.trim()
        .trim_end_matches(" kB")
        .parse::<u64>()
        .expect("a number")
        / 1024
}

fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the kernel runs")
        .count()
}

#[test]
fn ten_thousand_wrong_messages_change_nothing() {
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("let v = vec![1, 2, 3];").ok();
    let connection = connection(&sandbox);
    let mut random = Random::seeded();
    event_loop().block_on(send_all(&connection, &mut random));
    kernel.ask("shell", "kernel_info_request", json!({}));
    kernel.ask("control", "kernel_info_request", json!({}));
    assert_eq!(kernel.execute("v").ok().result(), Some("[1, 2, 3]"));
    println!(
        "kernel {} MB, {} descriptors",
        memory(kernel.pid),
        descriptors(kernel.pid)
    );
}

#[test]
fn strangers_hold_up_nobody() {
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("let v = vec![1, 2, 3];").ok();
    let connection = connection(&sandbox);
    let (memory_before, descriptors_before) = (memory(kernel.pid), descriptors(kernel.pid));
    let mut random = Random::seeded();
    let event_loop = event_loop();
    let kept = event_loop.block_on(send_nonsense(&connection, &mut random));
    kernel.ask("shell", "kernel_info_request", json!({}));
    kernel.ask("control", "kernel_info_request", json!({}));
    assert_eq!(
        kernel.execute("println!(\"{v:?}\"); v").ok().result(),
        Some("[1, 2, 3]")
    );
    println!(
        "kernel {memory_before} MB before and {} MB after {} open connections",
        memory(kernel.pid),
        kept.len()
    );
    assert!(memory(kernel.pid) < memory_before + 50);
    drop(kept);
    // Those that had shaken hands are over at once, the others after some seconds.
    let begin = std::time::Instant::now();
    while descriptors(kernel.pid) > descriptors_before + 5 {
        assert!(
            begin.elapsed() < BOUND,
            "{} descriptors",
            descriptors(kernel.pid)
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The same message twice: whoever hears one must not be able to run its cell again.
#[test]
fn a_message_is_taken_once() {
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("let mut n = 0;").ok();
    let connection = connection(&sandbox);
    let key = connection["key"].as_str().expect("a key");
    let header = json!({
        "msg_id": "once", "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z",
        "msg_type": "execute_request", "version": "5.5",
    });
    let parts = [header, json!({}), json!({}), json!({"code": "n += 1;"})]
        .map(|part| serde_json::to_vec(&part).expect("JSON"));
    let mut all = vec![b"<IDS|MSG>".to_vec(), sign(key, &parts)];
    all.extend(parts);
    event_loop().block_on(async {
        for channel in ["shell", "shell", "control"] {
            let mut socket = dealer(&connection, channel).await;
            socket
                .send(message(all.clone()).expect("frames"))
                .await
                .expect("the kernel listens");
            is_answered(
                &mut socket,
                key,
                &format!("after-{channel}-{}", process::all().len()),
            )
            .await;
        }
    });
    assert_eq!(kernel.execute("n").ok().result(), Some("1"));
}

/// The connection file, what it names, and what the kernel keeps are the user's alone.
#[test]
fn nobody_else_can_reach_the_kernel() {
    use std::os::unix::fs::PermissionsExt;
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("1").ok();
    let folder = sandbox.path("home/.local/share/jupyter/runtime");
    for entry in std::fs::read_dir(folder).expect("Jupyter's runtime folder") {
        let mode = entry
            .expect("an entry")
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
    for folder in [
        sandbox.path("home/.local/share/threadbook"),
        sandbox.cache().join("threadbook"),
    ] {
        let mode = std::fs::metadata(&folder)
            .expect("a folder")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", folder.display());
    }
    // proc_net(5): the kernel's listening sockets are among those with these inodes.
    let inodes: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", kernel.pid))
        .expect("the kernel runs")
        .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| {
            Some(
                link.to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect();
    let mut listening = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let table = std::fs::read_to_string(table).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_listening = fields[3] == "0A";
            if is_listening && inodes.iter().any(|inode| inode == fields[9]) {
                // 127.0.0.1 in the order of this computer's bytes.
                assert!(fields[1].starts_with("0100007F:"), "{line}");
                listening += 1;
            }
        }
    }
    assert_eq!(listening, 5);
}
