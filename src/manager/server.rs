//! The server process.

use std::collections::HashMap;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::endpoint;
use super::error::ManagerError;
use super::object::{Answer, Client, Object};
use super::transport::Transport;
use super::wire::{Message, Op};
use crate::notebook::{Blocked, BlockedOn};
use crate::process::threads::spawn_own_large;
use crate::sync::lock;

#[derive(Default)]
struct ObjectTable {
    all: Mutex<(u32, HashMap<u32, Arc<Object>>)>,
}

/// The body of the server: a thread for each connection. It exits on [`Op::Shutdown`], or with its parent.
pub(super) fn serve(listener: &UnixListener) {
    // SAFETY: ignoring a signal runs no code of ours. Ctrl-C is for the main process, which shuts down the server when
    // it is done with it.
    unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
    close_inherited_descriptors(listener.as_raw_fd());
    let objects = Arc::new(ObjectTable::default());
    loop {
        let blocked = Blocked::on(BlockedOn::Idle, false);
        let accepted = listener.accept();
        drop(blocked);
        let started = accepted.and_then(|(stream, _)| {
            let objects = Arc::clone(&objects);
            spawn_own_large("threadbook-manager", move || serve_client(stream, &objects))
        });
        if started.is_err() {
            // No descriptor or no thread is left: some client must go first.
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Serves one connection until it is closed.
fn serve_client(socket: UnixStream, objects: &ObjectTable) {
    let Some(pid) = endpoint::check_peer(&socket) else {
        return;
    };
    // An error means that the client has exited, or that no descriptors are left: the client then sees its connection
    // closed.
    let Ok(mut transport) = Transport::to_client(&socket) else {
        return;
    };
    drop(socket);
    let (mut incoming, mut outgoing) = (Vec::new(), Vec::new());
    let connection = Arc::new(());
    while let Ok(request) = Message::receive(&mut transport, &mut incoming) {
        let op = Op::from_code(request.code);
        if op == Some(Op::Shutdown) {
            // SAFETY: takes an integer and does not return. The other threads have nothing to clean up.
            unsafe { libc::_exit(0) };
        }
        let client = Client {
            pid,
            transport: &transport,
            connection: &connection,
        };
        let answer = match op {
            Some(op) => objects.answer(op, &request, &client),
            None => Err(ManagerError::Value("unknown request".into())),
        };
        let text;
        let reply = match &answer {
            Ok((number, parts)) => Message {
                number: *number,
                parts: parts.iter().map(|part| &**part).collect(),
                ..Message::default()
            },
            Err(error) => {
                text = error.to_string();
                Message {
                    code: error.code(),
                    number: error.number(),
                    parts: vec![text.as_bytes()],
                    ..Message::default()
                }
            }
        };
        let object = request.object;
        if reply.send(&mut transport, &mut outgoing).is_err() {
            objects.undo(op, object, answer);
            return;
        }
    }
}

impl ObjectTable {
    fn answer(&self, op: Op, request: &Message, client: &Client) -> Answer {
        if op == Op::Ping {
            return Ok((0, Vec::new()));
        }
        let mut all = lock(&self.all);
        if let Some(object) = Object::new(op, request.number, &request.parts) {
            let number = all.0;
            all.0 += 1;
            all.1.insert(number, Arc::new(object));
            return Ok((i64::from(number), Vec::new()));
        }
        let object = all.1.get(&request.object).cloned();
        drop(all);
        match object {
            Some(object) => object.answer(op, request.number, &request.parts, client),
            None => Err(ManagerError::Value("no such object".into())),
        }
    }

    /// A client was killed while it waited: what it was given goes to the next.
    fn undo(&self, op: Option<Op>, object: u32, answer: Answer) {
        let all = lock(&self.all);
        let object = all.1.get(&object).cloned();
        drop(all);
        if let (Some(object), Some(op), Ok((number, parts))) = (object, op, answer) {
            object.undo(op, number, parts);
        }
    }
}

/// Closes every descriptor except the listener and the standard streams. Otherwise pipes that the parent had when it
/// created the manager would stay open until the manager exits.
fn close_inherited_descriptors(listener: RawFd) {
    #[cfg(target_os = "linux")]
    const FD_DIRECTORY: &str = "/proc/self/fd";
    #[cfg(not(target_os = "linux"))]
    const FD_DIRECTORY: &str = "/dev/fd";
    let Ok(entries) = std::fs::read_dir(FD_DIRECTORY) else {
        return;
    };
    // Collected first, since the directory that is read has a descriptor of its own.
    let open: Vec<RawFd> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            // The thread of `parent_exit` watches the parent with these.
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            if target.to_string_lossy().contains("[pidfd]") {
                return None;
            }
            entry.file_name().to_str()?.parse().ok()
        })
        .collect();
    for fd in open {
        if fd > libc::STDERR_FILENO && fd != listener {
            // SAFETY: the objects that own these descriptors are copies of the parent's; this process runs none of the
            // code that uses them, and never drops them.
            unsafe { libc::close(fd) };
        }
    }
}
