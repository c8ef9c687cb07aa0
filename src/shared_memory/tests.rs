//! What a crash leaves behind, and what two languages make of one list.

use std::path::Path;
use std::process::{Command, Stdio};

use super::files::DIRECTORY;
use super::*;
use crate::ipc::testing::within;

#[test]
fn words_and_bytes_at_any_place_are_read_as_written() {
    within(30, || {
        let memory = SharedMemory::create(67).unwrap();
        for start in 0..20 {
            for length in 0..40 {
                let bytes: Vec<u8> = (0..length).map(|n| n as u8 + start as u8 + 1).collect();
                let mut expected = memory.read(0..67);
                expected[start..start + length].copy_from_slice(&bytes);
                memory.write(start, &bytes);
                assert_eq!(memory.read(start..start + length), bytes);
                assert_eq!(
                    memory.read(0..67),
                    expected,
                    "{length} bytes from {start} on"
                );
            }
        }
        memory.unlink().unwrap();
    });
}

#[test]
fn a_damaged_segment_is_an_error_and_no_crash() {
    within(30, || {
        let memory = SharedMemory::create(64).unwrap();
        let kind = |memory: &SharedMemory| ShareableList::attach(memory.name()).unwrap_err().kind();
        let numbers = memory.view::<i64>();
        for length in [-1, 3, 4, 5, i64::MAX] {
            numbers.set(0, length);
            assert_eq!(kind(&memory), std::io::ErrorKind::InvalidData, "{length}");
        }
        memory.unlink().unwrap();

        let list = ShareableList::new(["a".into(), 1.into()]).unwrap();
        list.shm().write(list.shm().size() - 2 - 16, b"9999999s");
        assert!(list.get(0).unwrap_err().to_string().contains("damaged"));
        assert_eq!(list.get(1).unwrap(), Shareable::Int(1));
        assert!(format!("{list:?}").starts_with("ShareableList([<damaged>, 1], name='psm_"));
        list.shm().unlink().unwrap();
    });
}

#[test]
fn the_file_of_a_segment_is_the_users_alone() {
    use std::os::unix::fs::MetadataExt;

    within(30, || {
        let memory = SharedMemory::create(10).unwrap();
        let file = Path::new(DIRECTORY).join(memory.name());
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
        memory.unlink().unwrap();
        assert!(!file.exists());
    });
}

#[test]
fn the_tracker_removes_what_it_was_told_of_and_nothing_else() {
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, name).unwrap();
        path.metadata().unwrap().ino()
    };
    let left = file("left behind; rm *");
    let unlinked = file("unlinked");
    // Another program has used the name again, so it is another file.
    let other = file("other") + 1_000_000;
    file("never told");
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", tracker::SCRIPT, "tracker"])
        .arg(folder.path());
    let mut shell = shell
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = shell.stdin.take().unwrap();
    write!(
        lines,
        "+{left}/left behind; rm *\n+{unlinked}/unlinked\n+{other}/other\n-{unlinked}/unlinked\n+5/gone\n"
    )
    .unwrap();
    drop(lines);
    shell.wait().unwrap();
    let entries = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["never told", "other", "unlinked"]);
}
