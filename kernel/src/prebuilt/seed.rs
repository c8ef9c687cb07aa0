//! Initializes a target directory of cargo with the content of another one.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;

/// Larger files are hard-linked, in bytes. Cargo and rustc replace those when they change; they overwrite small ones.
const MIN_LINKED_BYTES: u64 = 64 << 10;

/// Links or copies all files of the directory `from` into `to` and keeps their times, so that cargo does not rebuild
/// what is the same.
///
/// # Errors
/// When a file cannot be read, linked or written.
pub fn seed(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let about = entry.metadata()?;
        if about.is_dir() {
            // The data of incremental compilation is useless in another directory.
            if entry.file_name() != "incremental" {
                seed(&path, &copy)?;
            }
        } else if about.is_file()
            && (about.len() <= MIN_LINKED_BYTES || fs::hard_link(&path, &copy).is_err())
        {
            fs::copy(&path, &copy)?;
            File::options()
                .write(true)
                .open(&copy)?
                .set_modified(about.modified()?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_there_with_their_times() {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| folder.path().join(name));
        fs::create_dir_all(from.join("deps")).unwrap();
        fs::write(from.join("deps/small"), "a").unwrap();
        fs::write(from.join("large"), vec![0; MIN_LINKED_BYTES as usize + 1]).unwrap();
        seed(&from, &to).unwrap();
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        for name in ["deps/small", "large"] {
            assert_eq!(time(&from.join(name)), time(&to.join(name)));
        }
        fs::write(to.join("deps/small"), "b").unwrap();
        assert_eq!(fs::read_to_string(from.join("deps/small")).unwrap(), "a");
    }
}
