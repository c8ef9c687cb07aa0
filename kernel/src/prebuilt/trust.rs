//! Whose files are run as this user's own.
//!
//! Cells load libraries from the caches, so whoever can write there runs code as the user. The user trusts root, and the
//! owner of this program, whose code runs already.

use anyhow::{Context, Result, bail};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The permission for others than the owner to write (inode(7)).
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// Only the owner of an entry of such a directory can rename or remove it (inode(7), `S_ISVTX`).
const STICKY: u32 = 0o1000;

/// Checks that only trusted users can change the directory `folder`, an absolute path without links, or put another one in
/// its place.
///
/// # Errors
/// When another user can; the message names the directory and what to do.
pub fn check_trust(folder: &Path) -> Result<()> {
    for ancestor in folder.ancestors() {
        check_owner(ancestor)?;
        let mode = metadata(ancestor)?.mode();
        let is_replaceable = ancestor == folder || mode & STICKY == 0;
        if mode & WRITABLE_BY_OTHERS != 0 && is_replaceable {
            let path = ancestor.display();
            bail!(
                "{path} is writable by other users, whose programs would run; run `chmod go-w {path}`"
            );
        }
    }
    Ok(())
}

/// Checks that the directory belongs to a trusted user and is no link.
///
/// # Errors
/// When it does not.
pub fn check_owner(folder: &Path) -> Result<()> {
    let about = metadata(folder)?;
    let path = folder.display();
    if !about.is_dir() {
        bail!("{path} is not a directory");
    }
    if !is_trusted(about.uid()) {
        bail!(
            "{path} belongs to another user ({}), whose programs would run",
            about.uid()
        );
    }
    Ok(())
}

fn metadata(path: &Path) -> Result<Metadata> {
    fs::symlink_metadata(path).with_context(|| format!("cannot read {}", path.display()))
}

fn is_trusted(user: u32) -> bool {
    let program = std::env::current_exe().and_then(fs::metadata);
    user == 0
        || user == rustix::process::geteuid().as_raw()
        || program.is_ok_and(|program| user == program.uid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn nobody_else_can_change_a_trusted_directory() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let folder = root.join("a/b");
        fs::create_dir_all(&folder).unwrap();
        let set =
            |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        set(&folder, 0o755);
        check_trust(&folder).unwrap();
        set(&folder, 0o775);
        let error = check_trust(&folder).unwrap_err().to_string();
        assert!(error.contains("a/b is writable by other users"), "{error}");
        // Not even a sticky one, for others could add to it.
        set(&folder, 0o1777);
        assert!(check_trust(&folder).is_err());
        set(&folder, 0o755);
        set(&root.join("a"), 0o777);
        assert!(
            check_trust(&folder).is_err(),
            "another one could take its place"
        );
        set(&root.join("a"), 0o1777);
        check_trust(&folder).unwrap();
        symlink(&folder, root.join("link")).unwrap();
        assert!(check_owner(&root.join("link")).is_err());
    }

    #[test]
    fn only_root_the_user_and_the_owner_of_the_program_are_trusted() {
        let own = rustix::process::geteuid().as_raw();
        assert!(is_trusted(0) && is_trusted(own));
        assert!(!is_trusted(own.wrapping_add(4711)));
    }
}
