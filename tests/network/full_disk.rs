//! A disk that is too small: a file system in memory, which only this test's process sees.

use crate::apart;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use threadbook::csv;
use threadbook::prelude::*;
use threadbook::youtube::Error;

const FOLDER_VAR: &str = "THREADBOOK_TEST_FOLDER";

/// Runs test `name` in a process that sees a directory as a disk of 100 KiB.
#[track_caller]
fn with_small_disk(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o size=100k none "$THREADBOOK_TEST_FOLDER" && exec "$@""#;
    let before = [
        "unshare",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        mount,
        "sh",
    ];
    let mut command = apart::command(&format!("full_disk::{name}"), &before);
    command.env(FOLDER_VAR, folder.path());
    apart::expect_pass(command);
}

fn disk() -> PathBuf {
    std::env::var_os(FOLDER_VAR).unwrap().into()
}

#[track_caller]
fn expect_empty(disk: &Path) {
    assert_eq!(fs::read_dir(disk).unwrap().count(), 0);
    // The space of what was written is free again.
    let small = disk.join("small");
    fs::write(&small, [0; 90 * 1024]).unwrap();
    fs::remove_file(small).unwrap();
}

#[test]
fn a_clip_that_does_not_fit() {
    if !apart::inside() {
        return with_small_disk("a_clip_that_does_not_fit");
    }
    let clip = YouTube::new("https://youtu.be/BxuY9FET9Y4");
    let wanted = Filter::new().adaptive(true);
    let stream = clip.streams().unwrap().filter(wanted).first().unwrap();
    let path = disk().join(stream.default_filename());
    for _ in 0..2 {
        let error = stream.download(disk()).unwrap_err();
        assert!(matches!(&error, Error::File(inner) if inner.kind() == ErrorKind::StorageFull));
        let words = format!("cannot write {}: No space left", path.display());
        assert!(error.to_string().starts_with(&words), "{error}");
        expect_empty(&disk());
    }
}

#[test]
fn a_table_that_does_not_fit() {
    if !apart::inside() {
        return with_small_disk("a_table_that_does_not_fit");
    }
    let path = disk().join("data.csv");
    let write = |rows: u32| -> Result<(), Box<dyn std::error::Error>> {
        let mut writer = csv::Writer::from_writer(NewFile::create(&path)?);
        for row in 0..rows {
            writer.write_record([&row.to_string(), "Chicago"])?;
        }
        writer.into_inner()?.finish()?;
        Ok(())
    };
    let error = write(100_000).unwrap_err().to_string();
    let words = format!("cannot write {}: No space left", path.display());
    assert!(error.starts_with(&words), "{error}");
    expect_empty(&disk());

    // What was there before stays.
    write(100).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(write(100_000).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(disk()).unwrap().count(), 1);
}
