//! Removes the segments that no one has unlinked when the program's last process has exited.
//!
//! The tracker is a shell, a program of its own: a fork would keep a copy of all memory of the notebook, and it must not
//! be killed with the program. Its stdin is a pipe, into which processes write a line for each segment that is created
//! or unlinked. All processes of the program inherit the pipe, so it ends when the last one has exited, in whatever way.
//! Then the shell removes the segments that are left, if they are still the files that were created: the name may have
//! been unlinked by another program and used again.

use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::files;
use crate::mapping::{Shared, Zeroed};
use crate::os;

/// The pipe to the tracker, which all processes of the program have.
struct Tracker {
    lines: PipeWriter,
    /// Kept by all, since any of them may be the one that starts the tracker.
    reader: PipeReader,
    state: Shared<State>,
}

#[repr(C)]
struct State {
    /// The process that has started the tracker; 0: none yet.
    starter: AtomicU32,
}

// SAFETY: one atomic.
unsafe impl Zeroed for State {}

/// Created before the first fork, so that all processes have it.
static TRACKER: OnceLock<Option<Tracker>> = OnceLock::new();

/// The name that the tracker has in place of `sh`. The kernel knows it by that name (`kernel/src/server/reaper.rs`).
const NAME: &str = "threadbook-shared-memory-tracker";

/// A line is `+INODE/NAME` or `-INODE/NAME`. Its argument is the directory.
pub(super) const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
cd "$1" || exit 1
set --
while IFS= read -r line; do
    case $line in
    +*) set -- "$@" "${line#+}" ;;
    -*)
        for segment; do
            shift
            [ "-$segment" = "$line" ] || set -- "$@" "$segment"
        done
        ;;
    esac
done
for segment; do
    found=$(ls -di "./${segment#*/}") || continue
    [ "${found%% ./*}" = "${segment%%/*}" ] && rm -f "./${segment#*/}"
done
"#;

/// Creates the pipe, unless it exists; the caller is the main process, or has inherited it. An error shows up when a
/// segment is created.
pub(crate) fn share() {
    tracker();
}

/// Has a segment removed at the end.
pub(super) fn add(inode: u64, name: &str) -> io::Result<()> {
    let tracker = tracker().ok_or_else(|| {
        io::Error::other("cannot create shared memory: no descriptors were left to track it with")
    })?;
    tracker.start()?;
    tracker.send(&format!("+{inode}/{name}\n"))
}

/// The segment was unlinked, or shall stay.
pub(super) fn remove(inode: u64, name: &str) {
    if let Some(tracker) = tracker() {
        // Without it the tracker tries in vain to remove the segment, which does no harm after an unlink.
        let _ = tracker.send(&format!("-{inode}/{name}\n"));
    }
}

fn tracker() -> Option<&'static Tracker> {
    let new = || -> io::Result<Tracker> {
        let (reader, lines) = io::pipe()?;
        os::set_nonblocking(lines.as_fd())?;
        Ok(Tracker {
            lines,
            reader,
            state: Shared::new("tracker of shared memory"),
        })
    };
    TRACKER.get_or_init(|| new().ok()).as_ref()
}

impl Tracker {
    /// Starts the shell, unless a process of this program has done so.
    fn start(&self) -> io::Result<()> {
        let starter = &self.state.starter;
        let me = os::process_id();
        if starter.compare_exchange(0, me, SeqCst, SeqCst).is_err() {
            return Ok(());
        }
        self.spawn().map_err(|error| {
            starter.store(0, SeqCst);
            io::Error::new(
                error.kind(),
                format!("cannot track shared memory with /bin/sh: {error}"),
            )
        })
    }

    fn spawn(&self) -> io::Result<()> {
        let nowhere = || File::options().write(true).open("/dev/null");
        let mut shell = Command::new("/bin/sh");
        shell
            .arg0(NAME)
            // In the background, so that it is no child of this process, which would have to reap it. The kernel would
            // also take a child for a part of the cell, which may still wake others that wait.
            .args(["-c", &format!("exec 3<&0\n({SCRIPT}) <&3 3<&- &"), NAME])
            .arg(files::DIRECTORY)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            // A signal to the program's process group is not for the tracker.
            .process_group(0)
            .stdin(Stdio::from(self.reader.try_clone()?))
            // The program's stdout and stderr would stay open as long as it runs.
            .stdout(nowhere()?)
            .stderr(nowhere()?);
        match shell.status()? {
            status if status.success() => Ok(()),
            status => Err(io::Error::other(status.to_string())),
        }
    }

    /// Sends a line, in one write, which is not mixed with those of other processes.
    fn send(&self, line: &str) -> io::Result<()> {
        /// How long the shell may take to make room.
        const TIMEOUT: Duration = Duration::from_secs(5);

        let deadline = Instant::now() + TIMEOUT;
        loop {
            match (&self.lines).write(line.as_bytes()) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => return Err(error),
                Err(_) if os::wait_writable_until(self.lines.as_fd(), deadline) => {}
                Err(_) => {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        "the process that tracks shared memory does not answer: was it killed?",
                    ));
                }
            }
        }
    }
}
