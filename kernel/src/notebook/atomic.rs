//! Replaces files atomically: a reader sees the old or the new content, even after a crash.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Replaces `path` by a file with this content. Keeps the permissions of an existing file; a symbolic link stays a
/// link.
///
/// # Errors
/// The system's error; the old file is then unchanged, and no temporary file is left.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let (target, mut file) = prepare(path)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(&target).map_err(|error| error.error)?;
    // The rename survives a crash only once the directory is on disk too.
    File::open(folder_of(&target))?.sync_all()
}

/// Checks that [`write()`] can replace `path`, by preparing to do so.
///
/// # Errors
/// The error that `write` would return, except for a full disk.
pub fn check(path: &Path) -> io::Result<()> {
    prepare(path).map(drop)
}

/// Resolves `path` to a file, and creates a temporary file next to it with the final permissions.
fn prepare(path: &Path) -> io::Result<(PathBuf, NamedTempFile)> {
    let existing = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) => Some(metadata.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(permissions) = existing else {
        return Ok((
            path.to_owned(),
            beside(path, Permissions::from_mode(0o666))?,
        ));
    };
    // A rename needs only the permissions of the directory, so this checks those of the file.
    if permissions.readonly() {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file is read-only",
        ));
    }
    OpenOptions::new().write(true).open(path)?;
    let target = path.canonicalize()?;
    let file = beside(&target, permissions.clone())?;
    file.as_file().set_permissions(permissions)?;
    Ok((target, file))
}

fn beside(target: &Path, permissions: Permissions) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(".threadbook-")
        .permissions(permissions)
        .tempfile_in(folder_of(target))
        .map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot write to its directory: {error}"),
            )
        })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn permissions_and_links_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ipynb");
        let link = folder.path().join("link.ipynb");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("a.ipynb", &link).unwrap();
        check(&link).unwrap();
        write(&link, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(names(folder.path()), ["a.ipynb", "link.ipynb"]);
    }

    #[test]
    fn a_new_file_has_the_permissions_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
        write(&ours, b"").unwrap();
        fs::write(&other, "").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&other));
    }

    #[test]
    fn what_cannot_be_written_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ipynb");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        for refused in [check(&file), write(&file, b"new")] {
            assert_eq!(refused.unwrap_err().to_string(), "the file is read-only");
        }
        assert_eq!(fs::read(&file).unwrap(), b"old");
        let missing = check(&folder.path().join("missing/a.ipynb")).unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("cannot write to its directory"),
            "{missing}"
        );
        assert_eq!(
            check(folder.path()).unwrap_err().kind(),
            io::ErrorKind::IsADirectory
        );
        assert_eq!(names(folder.path()), ["a.ipynb"]);
    }
}
