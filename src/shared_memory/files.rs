//! The files behind segments.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Where segments are files: POSIX's `shm_open` uses this directory too, and so does Python.
pub(super) const DIRECTORY: &str = "/dev/shm";

/// The user alone may read and write.
const MODE: u32 = 0o600;

/// A file of the right size that has no name yet, so a process that is killed now leaves nothing behind.
pub(super) struct UnnamedFile {
    file: File,
    pub(super) inode: u64,
}

impl UnnamedFile {
    pub(super) fn new(size: u64) -> io::Result<Self> {
        let file = open_unnamed()?;
        file.set_len(size)?;
        let inode = file.metadata()?.ino();
        Ok(Self { file, inode })
    }

    /// Gives the file its name. `AlreadyExists`: another file has it.
    pub(super) fn link(self, name: &str) -> io::Result<File> {
        give_name(&self.file, &Path::new(DIRECTORY).join(name))
            .map_err(|error| named(name, error))?;
        Ok(self.file)
    }
}

#[cfg(target_os = "linux")]
fn open_unnamed() -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).mode(MODE);
    options.custom_flags(libc::O_TMPFILE).open(DIRECTORY)
}

#[cfg(target_os = "linux")]
fn give_name(file: &File, path: &Path) -> io::Result<()> {
    use std::ffi::CString;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;

    // The documented way to name a file without one (open(2)); the other needs a privilege.
    let source = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let target = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: both are C strings that outlive the call.
    let result = unsafe {
        libc::linkat(
            libc::AT_FDCWD,
            source.as_ptr(),
            libc::AT_FDCWD,
            target.as_ptr(),
            libc::AT_SYMLINK_FOLLOW,
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_unnamed() -> io::Result<File> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "shared memory with a name needs Linux",
    ))
}

#[cfg(not(target_os = "linux"))]
fn give_name(_: &File, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn open(name: &str) -> io::Result<File> {
    let path = Path::new(DIRECTORY).join(name);
    let file = OpenOptions::new().read(true).write(true).open(path);
    file.map_err(|error| named(name, error))
}

pub(super) fn remove(name: &str) -> io::Result<()> {
    fs::remove_file(Path::new(DIRECTORY).join(name)).map_err(|error| named(name, error))
}

/// Returns a name that no segment has yet, in all likelihood: `psm_` and 8 hexadecimal digits, as Python's.
pub(super) fn random_name() -> String {
    format!("psm_{:08x}", rand::random::<u32>())
}

/// Checks a name that the caller has chosen, and removes the slash before it, which POSIX has and Python allows.
pub(super) fn checked(name: &str) -> io::Result<&str> {
    const MAX_LEN: usize = 255;
    let name = name.strip_prefix('/').unwrap_or(name);
    let is_valid = !name.is_empty()
        && name.len() <= MAX_LEN
        && !matches!(name, "." | "..")
        && !name.contains(['/', '\0', '\n']);
    match is_valid {
        true => Ok(name),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "invalid name of shared memory: {name:?}: use 1 to {MAX_LEN} bytes without '/' and line breaks"
            ),
        )),
    }
}

fn named(name: &str, error: io::Error) -> io::Error {
    let what = match error.kind() {
        io::ErrorKind::AlreadyExists => "shared memory with this name exists",
        io::ErrorKind::NotFound => "there is no shared memory with this name",
        _ => return io::Error::new(error.kind(), format!("shared memory {name:?}: {error}")),
    };
    io::Error::new(error.kind(), format!("{what}: {name:?}"))
}
