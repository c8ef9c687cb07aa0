//! A file that appears under its name when it is complete, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A file that appears under its name when it is complete, or not at all.
///
/// What is written goes to a file beside it, which takes the name at [`finish`](NewFile::finish). If it is dropped
/// before that, as when an error or a panic ends the function, it leaves nothing; an older file of the name stays as it
/// was.
///
/// ```
/// use std::io::Write;
/// use threadbook::csv;
/// use threadbook::prelude::*;
///
/// # let folder = std::env::temp_dir().join(format!("threadbook-new-{}", std::process::id()));
/// # let path = &folder.join("data.csv");
/// let mut writer = csv::Writer::from_writer(NewFile::create(path)?);
/// writer.write_record(["ID", "City"])?;
/// writer.write_record(["1", "Chicago"])?;
/// writer.into_inner()?.finish()?;
/// assert_eq!(std::fs::read_to_string(path)?, "ID,City\n1,Chicago\n");
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NewFile {
    file: File,
    /// Whether it has the temporary name already. Without one it vanishes even if the process is killed.
    has_name: bool,
    /// A name beside the target. Removed when this is dropped.
    temporary: PathBuf,
    target: PathBuf,
}

impl NewFile {
    /// Creates the file `path`, and its directory if necessary.
    ///
    /// # Errors
    /// If the file cannot be created in the directory. The message of each error names the file.
    pub fn create(path: impl AsRef<Path>) -> io::Result<NewFile> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let target = path.as_ref();
        let failed = |error: io::Error| describe(target, &error);
        let folder = match target.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(failed)?;
        // Unique among the processes of this machine.
        let number = NUMBER.fetch_add(1, Relaxed);
        let temporary = folder.join(format!(".threadbook-{}-{number}.part", process::id()));
        let (file, has_name) = match nameless::create(folder) {
            Ok(file) => (file, false),
            // Some file systems, and some systems, do not support such files.
            Err(_) => {
                let file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(&temporary);
                (file.map_err(failed)?, true)
            }
        };
        Ok(NewFile {
            file,
            has_name,
            temporary,
            target: target.to_owned(),
        })
    }

    /// Gives the file its name, replacing another that has it.
    ///
    /// # Errors
    /// If the file cannot be renamed. Then it leaves nothing.
    pub fn finish(mut self) -> io::Result<()> {
        self.appear().map_err(|error| self.describe(&error))
    }

    fn appear(&mut self) -> io::Result<()> {
        if !self.has_name {
            nameless::name(&self.file, &self.temporary)?;
            self.has_name = true;
        }
        fs::rename(&self.temporary, &self.target)?;
        self.has_name = false;
        Ok(())
    }

    /// Adds the name of the file to the error.
    fn describe(&self, error: &io::Error) -> io::Error {
        describe(&self.target, error)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file
            .write(bytes)
            .map_err(|error| self.describe(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| self.describe(&error))
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if self.has_name {
            // There is nowhere to report an error.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

fn describe(target: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("cannot write {}: {error}", target.display()),
    )
}

/// Files without a name (`O_TMPFILE` of open(2)).
#[cfg(target_os = "linux")]
mod nameless {
    use std::ffi::CString;
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    pub(super) fn create(folder: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options
            .write(true)
            .mode(0o666)
            .custom_flags(libc::O_TMPFILE)
            .open(folder)
    }

    pub(super) fn name(file: &File, path: &Path) -> io::Result<()> {
        let open_file = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
        let path = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: both strings are NUL-terminated and live during the call.
        let result = unsafe {
            libc::linkat(
                libc::AT_FDCWD,
                open_file.as_ptr(),
                libc::AT_FDCWD,
                path.as_ptr(),
                libc::AT_SYMLINK_FOLLOW,
            )
        };
        match result {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod nameless {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn create(_: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn name(_: &File, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
