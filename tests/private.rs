//! Nobody else on the machine or the network can listen in: sockets listen on the loopback, and files are readable only by
//! their user.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use support::kernel::{Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

#[test]
fn all_sockets_listen_on_the_loopback() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    // Starts the class network's server, too.
    let cell = "requests::get(\"https://example.com\").unwrap().status_code()";
    assert_eq!(kernel.execute(cell).ok().result(), Some("200"));
    let own: BTreeSet<String> = sandbox
        .processes()
        .iter()
        .filter(|process| process.arguments[0].ends_with("threadbook"))
        .flat_map(|process| sockets_of(process.id))
        .collect();
    let listening: Vec<(String, String)> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .flat_map(|table| listening(table))
        .filter(|(_, inode)| own.contains(inode))
        .collect();
    // Shell, control, stdin, heartbeat, iopub, and the class network.
    assert!(listening.len() >= 6, "{listening:?}");
    for (address, _) in &listening {
        // 127.0.0.1 in the table's notation.
        assert!(address.starts_with("0100007F:"), "{address}");
    }
}

/// Returns the addresses of listening sockets and the inodes of the sockets (proc(5), `/proc/net/tcp`).
fn listening(table: &str) -> Vec<(String, String)> {
    const LISTEN: &str = "0A";
    let text = fs::read_to_string(table).unwrap_or_default();
    text.lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_listening = *fields.get(3)? == LISTEN;
            is_listening.then_some(((*fields.get(1)?).to_owned(), (*fields.get(9)?).to_owned()))
        })
        .collect()
}

/// Returns the inodes of a process's sockets.
fn sockets_of(process: u32) -> Vec<String> {
    let descriptors = fs::read_dir(format!("/proc/{process}/fd"))
        .into_iter()
        .flatten();
    descriptors
        .filter_map(|descriptor| {
            let target = fs::read_link(descriptor.ok()?.path()).ok()?;
            let inode = target
                .to_str()?
                .strip_prefix("socket:[")?
                .strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect()
}

#[test]
fn files_are_readable_only_by_their_user() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute("let secret = 42;").ok();
    expect_private(&sandbox.cache().join("threadbook"));
    // Jupyter's client creates the connection file; `threadbook run` has its own in a private directory, too.
    for file in files_named(&sandbox.path("home"), "history") {
        expect_private(&file);
    }
    for name in sandbox.left_in_tmp() {
        expect_private(&sandbox.path("tmp").join(name));
    }
}

/// Checks that neither the group nor others have any permission.
#[track_caller]
fn expect_private(path: &Path) {
    let mode = fs::metadata(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .mode();
    assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
}

/// Returns the files below a directory whose names contain `part`.
fn files_named(folder: &Path, part: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                return files_named(&path, part);
            }
            let is_wanted = entry.file_name().to_string_lossy().contains(part);
            if is_wanted { vec![path] } else { Vec::new() }
        })
        .collect()
}
