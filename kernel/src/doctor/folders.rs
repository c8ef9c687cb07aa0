//! Checks the directories to which kernels write.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfs, StatVfsMountFlags};

use super::finding::{Finding, quoted};
use crate::crates::Quota;
use crate::prebuilt::{SharedCache, Toolchain, temporary_root, user_root};

/// The space for the helper crate and for compiled cells and temporary files of a few kernels, in bytes.
const MIN_FREE_BYTES: u64 = 500_000_000;

/// Checks the cache directory, the space on its disk, and the directory for connection files.
pub fn examine() -> Vec<Finding> {
    let mut findings = match user_root() {
        Some(cache) => cache_findings(&cache),
        None => vec![Finding::missing(
            "cache directory",
            "none, because HOME is not set",
            "export HOME=/your/home/directory",
        )],
    };
    findings.extend(shared_cache());
    let runtime = jupyter_zmq_client::runtime_dir();
    findings.push(match check_own(&runtime) {
        Ok(()) => Finding::there("runtime directory", runtime.display().to_string()),
        Err(reason) => {
            let elsewhere = "export JUPYTER_RUNTIME_DIR=/directory/on/another/disk";
            Finding::missing("runtime directory", reason, remedy(&runtime, elsewhere))
        }
    });
    findings
}

fn cache_findings(cache: &Path) -> Vec<Finding> {
    let elsewhere = "export XDG_CACHE_HOME=/directory/on/another/disk";
    let folder = match check_own(cache) {
        Ok(()) => Finding::there("cache directory", cache.display().to_string()),
        Err(reason) => match temporary_root().filter(|root| check_own(root).is_ok()) {
            Some(root) => {
                let used = format!("{}, because {reason}", root.display());
                Finding::there("cache directory", used)
            }
            None => Finding::missing("cache directory", reason, remedy(cache, elsewhere)),
        },
    };
    let disk = match rustix::fs::statvfs(existing(cache)) {
        Err(error) => Finding::missing("disk", io::Error::from(error).to_string(), elsewhere),
        Ok(disk) => match check_disk(&disk) {
            Ok(space) => Finding::there("disk", space),
            Err(reason) => Finding::missing("disk", reason, elsewhere),
        },
    };
    let crates = match Quota::at(cache) {
        Ok(quota) => Finding::there("crates", quota.to_string()),
        Err(error) => Finding::missing(
            "crates",
            format!("{error:#}"),
            "unset THREADBOOK_CRATES_SIZE",
        ),
    };
    vec![folder, disk, crates]
}

/// Checks the shared cache, if there is one.
fn shared_cache() -> Option<Finding> {
    let name = "shared cache";
    let shared = SharedCache::find()?;
    // Without a compiler, that is what is missing.
    let toolchain = Toolchain::find().ok()?;
    Some(match shared.problem(&toolchain) {
        None => Finding::there(name, shared.root().display().to_string()),
        Some(problem) => {
            let again = format!("threadbook prepare --dir {}", quoted(shared.root()));
            Finding::missing(name, problem, again).optional()
        }
    })
}

/// Checks that the disk has enough space and allows execution, because compiled cells are dynamic libraries.
fn check_disk(disk: &StatVfs) -> Result<String, String> {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let shown = format!("{:.1} GB free for the cache directory", free as f64 / 1e9);
    if disk.f_flag.contains(StatVfsMountFlags::NOEXEC) {
        return Err(
            "the disk of the cache directory is mounted with `noexec`, so cells cannot run"
                .to_owned(),
        );
    }
    if free < MIN_FREE_BYTES {
        let enough = MIN_FREE_BYTES as f64 / 1e9;
        return Err(format!("only {shown}; {enough} GB are needed"));
    }
    Ok(shown)
}

/// Checks that the user can write to the directory, or create it, and that nobody else can write to it.
fn check_own(folder: &Path) -> Result<(), String> {
    let nearest = existing(folder);
    let shown = nearest.display();
    let metadata = nearest
        .metadata()
        .map_err(|error| format!("{shown}: {error}"))?;
    if !metadata.is_dir() {
        return Err(format!("{shown} is not a directory"));
    }
    rustix::fs::access(&nearest, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|error| format!("{shown} is not writable: {}", io::Error::from(error)))?;
    if nearest == folder {
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(format!("{shown} belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(format!("{shown} is writable by other users"));
        }
    }
    Ok(())
}

/// Returns the command that makes the directory writable for the user alone, or `elsewhere` on a read-only disk. A file
/// in its place is moved, not removed.
fn remedy(folder: &Path, elsewhere: &str) -> String {
    let nearest = existing(folder);
    let disk = rustix::fs::statvfs(&nearest);
    if disk.is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY)) {
        return elsewhere.to_owned();
    }
    let path = quoted(&nearest);
    if nearest.is_file() {
        return format!("mv {path} {}", quoted(&nearest.with_added_extension("old")));
    }
    let is_ours = nearest
        .metadata()
        .is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw());
    if is_ours {
        format!("chmod u+rwx,go-w {path}")
    } else {
        format!("sudo chown -R \"$USER\" {path}")
    }
}

/// Returns the directory itself, or its nearest ancestor that exists.
fn existing(folder: &Path) -> PathBuf {
    let mut ancestors = folder.ancestors();
    let nearest = ancestors.find(|path| path.symlink_metadata().is_ok());
    nearest.unwrap_or(Path::new("/")).to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_must_be_the_users_own() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        assert_eq!(check_own(&folder), Ok(()), "it can be created");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(check_own(&folder), Ok(()));
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        let path = folder.display();
        assert_eq!(
            check_own(&folder),
            Err(format!("{path} is writable by other users"))
        );
        assert_eq!(
            remedy(&folder, "export A=b"),
            format!("chmod u+rwx,go-w {path}")
        );
        fs::write(root.path().join("file"), "").unwrap();
        let below = root.path().join("file/cache");
        assert!(
            check_own(&below)
                .unwrap_err()
                .ends_with("file is not a directory")
        );
        assert!(remedy(&below, "export A=b").starts_with("mv "));
    }
}
