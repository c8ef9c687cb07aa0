//! The source of the helper crate, which this program contains (`build.rs`).

use super::archive::{ARCHIVE, embedded_key};
use super::cache::{Cache, Lock};
use super::trust::check_owner;
use anyhow::{Context, Result};
use flate2::read::GzDecoder;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use tar::Archive;

/// Cargo removes from it what this platform does not need, so it is not compared.
const LOCK_FILE: &str = "Cargo.lock";

/// The first part of the name of the source's directory in a cache.
const KIND: &str = "source";

/// Returns the directory with the source: the one in the shared cache, else the one in the user's, where it is unpacked
/// first unless it is there.
///
/// # Errors
/// When it cannot be unpacked, or belongs to another user.
pub fn embedded_source(cache: &Cache) -> Result<PathBuf> {
    let folder = cache.find(KIND, &[embedded_key()], is_intact);
    if !cache.is_shared(&folder) && !is_intact(&folder) {
        let _lock = Lock::take(&cache.root().join("source-lock"), || ())?;
        if !is_intact(&folder) {
            unpack(&folder)?;
        }
    }
    check_owner(&folder)?;
    Ok(folder)
}

/// Returns the content of a file of the source, such as `src/prelude.rs`.
pub fn embedded_file(path: &str) -> Option<String> {
    let mut archive = archive();
    let mut entries = archive.entries().ok()?.flatten();
    let mut file = entries.find(|entry| entry.path().is_ok_and(|own| own == Path::new(path)))?;
    let mut content = String::new();
    file.read_to_string(&mut content).ok()?;
    Some(content)
}

/// Replaces `folder` by the unpacked source. Other processes see all of it or nothing.
fn unpack(folder: &Path) -> Result<()> {
    let parent = folder.parent().context("the path has no directory")?;
    let failed = || {
        format!(
            "cannot unpack the helper crate's source into {}",
            parent.display()
        )
    };
    let unpacked = tempfile::Builder::new()
        .prefix("unpacking-")
        .tempdir_in(parent)
        .with_context(failed)?;
    let mut archive = archive();
    archive.set_preserve_mtime(false);
    archive
        .unpack(unpacked.path().join(KIND))
        .with_context(failed)?;
    if folder.exists() {
        fs::rename(folder, unpacked.path().join("damaged")).with_context(failed)?;
    }
    fs::rename(unpacked.path().join(KIND), folder).with_context(failed)
}

/// Whether all files are there as they were packed: programs that clean up may have removed some.
fn is_intact(folder: &Path) -> bool {
    let is_same = |entry: std::io::Result<tar::Entry<'_, _>>| -> std::io::Result<bool> {
        let mut entry = entry?;
        let path = folder.join(entry.path()?);
        if path.ends_with(LOCK_FILE) {
            return Ok(path.is_file());
        }
        let mut packed = Vec::new();
        entry.read_to_end(&mut packed)?;
        Ok(fs::read(path)? == packed)
    };
    let mut archive = archive();
    let entries = archive.entries().into_iter().flatten();
    entries.map(is_same).all(|same| same.unwrap_or_default())
}

fn archive() -> Archive<GzDecoder<&'static [u8]>> {
    Archive::new(GzDecoder::new(ARCHIVE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_unpacked_once_and_repaired() {
        let root = tempfile::tempdir().unwrap();
        let cache = Cache::at(root.path());
        let folder = embedded_source(&cache).unwrap();
        let file = folder.join("src/prelude.rs");
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert_eq!(
            fs::read(&file).unwrap(),
            fs::read(project.join("src/prelude.rs")).unwrap()
        );
        assert_eq!(
            embedded_file("src/prelude.rs").unwrap().as_bytes(),
            fs::read(&file).unwrap()
        );
        let manifest = folder.join("Cargo.toml");
        fs::File::open(&manifest)
            .unwrap()
            .set_modified(std::time::SystemTime::now())
            .unwrap();
        let before = time(&manifest);
        assert_eq!(embedded_source(&cache).unwrap(), folder);
        assert_eq!(time(&manifest), before, "it was there");
        fs::remove_file(&file).unwrap();
        embedded_source(&cache).unwrap();
        assert!(file.is_file());
        let left: Vec<_> = fs::read_dir(root.path()).unwrap().flatten().collect();
        assert_eq!(left.len(), 2, "the source and its lock: {left:?}");
    }
}
