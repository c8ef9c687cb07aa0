//! A disk that is too small for the clip: a file system in memory, which only this test's process sees.

use crate::apart;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use threadbook::prelude::*;
use threadbook::youtube::Error;

const FOLDER_VAR: &str = "THREADBOOK_TEST_FOLDER";

#[test]
fn a_clip_that_does_not_fit() {
    if apart::inside() {
        let folder = std::env::var(FOLDER_VAR).unwrap();
        return fill(Path::new(&folder));
    }
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
    let mut command = apart::command("full_disk::a_clip_that_does_not_fit", &before);
    command.env(FOLDER_VAR, folder.path());
    apart::expect_pass(command);
}

fn fill(folder: &Path) {
    let clip = YouTube::new("https://youtu.be/BxuY9FET9Y4");
    let stream = clip
        .streams()
        .unwrap()
        .filter(Filter::new().adaptive(true))
        .first()
        .unwrap();
    for _ in 0..2 {
        let error = stream.download(folder).unwrap_err();
        let Error::File(inner) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(inner.kind(), ErrorKind::StorageFull);
        let path = folder.join(stream.default_filename());
        assert!(
            error
                .to_string()
                .starts_with(&format!("cannot write {}: No space left", path.display())),
            "{error}"
        );
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }
    // What was written is given back.
    fs::write(folder.join("small"), [0; 90 * 1024]).unwrap();
}
