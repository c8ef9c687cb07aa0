//! The folders that kernels write to.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, StatVfs, StatVfsMountFlags};

use super::finding::{Finding, quoted};
use crate::crates::Quota;

/// What the helper crate, the compiled cells of a few kernels and their temporary files take, in bytes.
const MIN_FREE_BYTES: u64 = 500_000_000;

/// The cache folder, the room on its disk, and the folder for connection files.
pub fn examine() -> Vec<Finding> {
    let mut findings = match dirs::cache_dir() {
        Some(cache) => cache_findings(&cache.join("threadbook")),
        None => vec![Finding::missing(
            "cache folder",
            "there is none, for HOME is not set",
            "export HOME=/your/folder",
        )],
    };
    let runtime = jupyter_zmq_client::runtime_dir();
    findings.push(match own(&runtime) {
        Ok(()) => Finding::there("runtime folder", runtime.display().to_string()),
        Err(reason) => {
            let elsewhere = "export JUPYTER_RUNTIME_DIR=/folder/on/another/disk";
            Finding::missing("runtime folder", reason, mend(&runtime, elsewhere))
        }
    });
    findings
}

fn cache_findings(cache: &Path) -> Vec<Finding> {
    let elsewhere = "export XDG_CACHE_HOME=/folder/on/another/disk";
    let folder = match own(cache) {
        Ok(()) => Finding::there("cache folder", cache.display().to_string()),
        Err(reason) => Finding::missing("cache folder", reason, mend(cache, elsewhere)),
    };
    let disk = match rustix::fs::statvfs(existing(cache)) {
        Err(error) => Finding::missing("disk", io::Error::from(error).to_string(), elsewhere),
        Ok(disk) => match room(&disk) {
            Ok(room) => Finding::there("disk", room),
            Err(reason) => Finding::missing("disk", reason, elsewhere),
        },
    };
    let crates = match Quota::at(cache) {
        Ok(room) => Finding::there("crates", room.to_string()),
        Err(error) => Finding::missing(
            "crates",
            format!("{error:#}"),
            "unset THREADBOOK_CRATES_SIZE",
        ),
    };
    vec![folder, disk, crates]
}

/// Cells are libraries: they need some room, and a disk that programs may be run from.
fn room(disk: &StatVfs) -> Result<String, String> {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let shown = format!("{:.1} GB free for the cache folder", free as f64 / 1e9);
    if disk.f_flag.contains(StatVfsMountFlags::NOEXEC) {
        return Err(
            "the cache folder's disk is mounted with `noexec`, so cells cannot be run".to_owned(),
        );
    }
    if free < MIN_FREE_BYTES {
        let enough = MIN_FREE_BYTES as f64 / 1e9;
        return Err(format!("only {shown}; {enough} GB are needed"));
    }
    Ok(shown)
}

/// Whether the user can write into the folder, or make it, and nobody else can write into it.
fn own(folder: &Path) -> Result<(), String> {
    let there = existing(folder);
    let shown = there.display();
    let metadata = there
        .metadata()
        .map_err(|error| format!("{shown}: {error}"))?;
    if !metadata.is_dir() {
        return Err(format!("{shown} is no folder"));
    }
    rustix::fs::access(&there, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|error| format!("{shown} cannot be written to: {}", io::Error::from(error)))?;
    if there == folder {
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(format!("{shown} belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(format!("{shown} can be written to by other users"));
        }
    }
    Ok(())
}

/// The command that makes the folder the user's own, or on a disk that cannot be written to, the one that takes it `elsewhere`. A file
/// in its way is put aside, not removed.
fn mend(folder: &Path, elsewhere: &str) -> String {
    let there = existing(folder);
    let disk = rustix::fs::statvfs(&there);
    if disk.is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY)) {
        return elsewhere.to_owned();
    }
    let path = quoted(&there);
    if there.is_file() {
        return format!("mv {path} {}", quoted(&there.with_added_extension("old")));
    }
    let is_ours = there
        .metadata()
        .is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw());
    if is_ours {
        format!("chmod u+rwx,go-w {path}")
    } else {
        format!("sudo chown -R \"$USER\" {path}")
    }
}

/// The folder itself, or the nearest one above it that is there.
fn existing(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    let there = above.find(|path| path.symlink_metadata().is_ok());
    there.unwrap_or(Path::new("/")).to_owned()
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
        assert_eq!(own(&folder), Ok(()), "it can be made");
        fs::create_dir_all(&folder).unwrap();
        assert_eq!(own(&folder), Ok(()));
        fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        let path = folder.display();
        assert_eq!(
            own(&folder),
            Err(format!("{path} can be written to by other users"))
        );
        assert_eq!(
            mend(&folder, "export A=b"),
            format!("chmod u+rwx,go-w {path}")
        );
        fs::write(root.path().join("file"), "").unwrap();
        let below = root.path().join("file/cache");
        assert!(own(&below).unwrap_err().ends_with("file is no folder"));
        assert!(mend(&below, "export A=b").starts_with("mv "));
    }
}
