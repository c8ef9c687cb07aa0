//! A folder of cargo's that begins with what another one has.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;

/// Above so many bytes a file is shared. Cargo and rustc write those anew when they change; small ones they write over.
const SHARED: u64 = 64 << 10;

/// Gives the folder `to` all files of the folder `from`, with their times: cargo then has nothing to do for what is the same.
///
/// # Errors
/// When a file cannot be read, shared or written.
pub fn seed(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let about = entry.metadata()?;
        if about.is_dir() {
            // What is compiled piece by piece is no use to another folder.
            if entry.file_name() != "incremental" {
                seed(&path, &copy)?;
            }
        } else if about.is_file() && (about.len() <= SHARED || fs::hard_link(&path, &copy).is_err())
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
        fs::write(from.join("large"), vec![0; SHARED as usize + 1]).unwrap();
        seed(&from, &to).unwrap();
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        for name in ["deps/small", "large"] {
            assert_eq!(time(&from.join(name)), time(&to.join(name)));
        }
        fs::write(to.join("deps/small"), "b").unwrap();
        assert_eq!(fs::read_to_string(from.join("deps/small")).unwrap(), "a");
    }
}
