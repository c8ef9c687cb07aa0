//! The kernel survives whatever arrives at its sockets: malformed messages signed with the right key or a wrong one, bytes
//! that are not ZeroMQ, and connections left open.

mod client;
mod wrong;

use client::{BOUND, address, connection, dealer, is_answered, message, sign};
use serde_json::{Value, json};
use std::time::Duration;
use support::kernel::Kernel;
use support::process::memory;
use support::random::Random;
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use wrong::{frames, requests, scramble};
use zeromq::SocketSend;

const MESSAGES: usize = 10_000;

/// How many connections to break.
const BROKEN_CONNECTIONS: usize = 300;

async fn send_all(connection: &Value, random: &mut Random) {
    let key = connection["key"].as_str().expect("a key").to_owned();
    let requests = requests();
    for channel in ["shell", "control", "stdin"] {
        let mut socket = dealer(connection, channel).await;
        for number in 0..MESSAGES / 3 + 1 {
            let signing_key = if random.below(3) == 0 {
                "another key"
            } else {
                &key
            };
            let Some(message) = message(frames(random, signing_key, &requests)) else {
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

/// Returns the greeting and the READY command of a ZMTP peer with a socket of this type.
fn greeting(socket: &str) -> Vec<u8> {
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

/// Violates the ZeroMQ protocol on connections to all sockets. Returns the connections that it leaves open.
async fn send_nonsense(connection: &Value, random: &mut Random) -> Vec<TcpStream> {
    let channels = [
        ("shell", "DEALER"),
        ("control", "DEALER"),
        ("stdin", "DEALER"),
        ("iopub", "SUB"),
        ("hb", "REQ"),
    ];
    let mut open = Vec::new();
    for _ in 0..BROKEN_CONNECTIONS {
        let (channel, socket) = channels[random.below(channels.len())];
        let mut stream = TcpStream::connect(address(connection, channel))
            .await
            .expect("the kernel listens");
        let mut bytes = greeting(socket);
        match random.below(6) {
            0 => bytes = random.bytes(200),
            1 => bytes.truncate(random.below(bytes.len())),
            2 => scramble(&mut bytes, random),
            // A frame larger than any memory.
            3 => bytes.extend([2, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, b'x']),
            // An incomplete frame.
            4 => bytes.extend([2, 0, 0, 0, 0, 0, 1, 0, 0, b'x']),
            _ => bytes.extend(random.bytes(500)),
        }
        // The kernel may close the connection before it has read everything.
        let _ = stream.write_all(&bytes).await;
        if random.below(4) == 0 {
            open.push(stream);
        }
    }
    open
}

fn event_loop() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("an event loop")
}

fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the kernel runs")
        .count()
}

#[test]
fn ten_thousand_malformed_messages_change_nothing() {
    need!(python);
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
fn broken_connections_do_not_block_the_kernel() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("let v = vec![1, 2, 3];").ok();
    let connection = connection(&sandbox);
    let (memory_before, descriptors_before) = (memory(kernel.pid), descriptors(kernel.pid));
    let mut random = Random::seeded();
    let event_loop = event_loop();
    let open = event_loop.block_on(send_nonsense(&connection, &mut random));
    kernel.ask("shell", "kernel_info_request", json!({}));
    kernel.ask("control", "kernel_info_request", json!({}));
    assert_eq!(
        kernel.execute("println!(\"{v:?}\"); v").ok().result(),
        Some("[1, 2, 3]")
    );
    println!(
        "kernel {memory_before} MB before and {} MB after {} open connections",
        memory(kernel.pid),
        open.len()
    );
    assert!(memory(kernel.pid) < memory_before + 50);
    drop(open);
    // Connections past the handshake end immediately, the others after some seconds.
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

/// Whoever overhears a message must not be able to run its cell again.
#[test]
fn a_replayed_message_is_ignored() {
    need!(python);
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
        for (number, channel) in ["shell", "shell", "control"].iter().enumerate() {
            let mut socket = dealer(&connection, channel).await;
            socket
                .send(message(all.clone()).expect("frames"))
                .await
                .expect("the kernel listens");
            is_answered(&mut socket, key, &format!("after-{number}")).await;
        }
    });
    assert_eq!(kernel.execute("n").ok().result(), Some("1"));
}

/// Only the user can read the connection file and the kernel's data, and the sockets listen only on the loopback.
#[test]
fn nobody_else_can_reach_the_kernel() {
    need!(python);
    use std::os::unix::fs::PermissionsExt;
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("1").ok();
    let folder = sandbox.path("home/.local/share/jupyter/runtime");
    for entry in std::fs::read_dir(folder).expect("Jupyter's runtime directory") {
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
            .expect("a directory")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", folder.display());
    }
    // The inodes of the kernel's sockets, by which /proc/net identifies them (proc_net(5)).
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
                // 127.0.0.1 in this machine's byte order.
                assert!(fields[1].starts_with("0100007F:"), "{line}");
                listening += 1;
            }
        }
    }
    assert_eq!(listening, 5);
}
