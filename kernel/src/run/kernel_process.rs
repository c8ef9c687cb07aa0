//! The kernel's process: starts, watches, interrupts and stops it.
//!
//! The kernel leads its own process group, so Ctrl-C at the terminal reaches only the runner, and stopping the kernel
//! also stops what its cells started. The runner watches the process through a pidfd, which reports its death without
//! reaping it. Until it is reaped, its id, which is also the id of its group, cannot be reused.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::history::SWITCH_VAR;
use crate::jupyter::connection::{ConnectionError, ConnectionFile};
use crate::jupyter::spec::Kernel;

/// How much of a dead kernel's last output to show, in bytes.
const MAX_LAST_OUTPUT: u64 = 2000;

/// Why a kernel cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No ports or no connection file.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The program cannot be executed.
    #[error("cannot start the kernel `{name}` ({program}): {source}")]
    Spawn {
        /// The name of its kernelspec.
        name: String,
        /// The program its kernelspec names.
        program: String,
        /// The system's error.
        source: io::Error,
    },
}

/// A running kernel. Dropping it kills the kernel and its process group.
pub struct KernelProcess {
    child: Child,
    status: Option<ExitStatus>,
    exit: AsyncFd<OwnedFd>,
    printed: File,
    /// How much of `printed` has been read, in bytes.
    read: u64,
    by_message: bool,
    /// The addresses of its sockets; the file exists as long as this value.
    pub connection: ConnectionFile,
}

impl KernelProcess {
    /// Starts the kernel in this directory. Returns before the kernel is ready.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn start(kernel: &Kernel, folder: &Path) -> Result<Self, StartError> {
        let connection = ConnectionFile::create(&kernel.name)?;
        let program = program_of(kernel);
        let spawn = || -> io::Result<_> {
            let printed = tempfile::tempfile()?;
            let child = Command::new(&program)
                .args(arguments(kernel, connection.path()))
                .envs(environment(kernel))
                // A kernel that knows this variable, such as ipykernel, exits when the process with this id exits.
                .env("JPY_PARENT_PID", std::process::id().to_string())
                // The history is for code that a user typed, not for what the runner executes.
                .env(SWITCH_VAR, "0")
                .current_dir(folder)
                .stdin(Stdio::null())
                .stdout(printed.try_clone()?)
                .stderr(printed.try_clone()?)
                .process_group(0)
                .spawn()?;
            Ok((printed, child))
        };
        let failed = |source| StartError::Spawn {
            name: kernel.name.clone(),
            program: program.display().to_string(),
            source,
        };
        let (printed, mut child) = spawn().map_err(failed)?;
        match watch(&child) {
            Ok(exit) => Ok(Self {
                child,
                status: None,
                exit,
                printed,
                read: 0,
                by_message: kernel.spec.interrupt_mode.as_deref() == Some("message"),
                connection,
            }),
            Err(source) => {
                signal_group(&child, libc::SIGKILL);
                child.wait().map_err(failed)?;
                Err(failed(source))
            }
        }
    }

    /// Returns whether an `interrupt_request` interrupts it; otherwise use [`KernelProcess::signal_interrupt`].
    pub fn is_interrupted_by_message(&self) -> bool {
        self.by_message
    }

    /// Sends SIGINT to the kernel and to what its cells started, as Jupyter does.
    pub fn signal_interrupt(&self) {
        signal_group(&self.child, libc::SIGINT);
    }

    /// Waits until the process has exited. May be dropped and called again.
    pub async fn ended(&self) {
        // An error would mean that the reactor is gone, and then nothing is waiting any more.
        let _ = self.exit.readable().await;
    }

    /// Kills the kernel, if it is running, and the rest of its process group; returns its exit status as text.
    pub fn stop(&mut self) -> String {
        match self.reap() {
            Ok(status) => status.to_string(),
            Err(error) => format!("unknown status: {error}"),
        }
    }

    /// Kills the group, then reaps its leader: in this order and only once, because the id may be reused after reaping.
    fn reap(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        signal_group(&self.child, libc::SIGKILL);
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }

    /// Returns the last lines that the process printed outside of cells since the previous call.
    pub fn last_words(&mut self) -> String {
        let mut bytes = Vec::new();
        let mut read = || -> io::Result<()> {
            let end = self.printed.seek(SeekFrom::End(0))?;
            self.printed.seek(SeekFrom::Start(
                self.read.max(end.saturating_sub(MAX_LAST_OUTPUT)),
            ))?;
            self.printed.read_to_end(&mut bytes)?;
            self.read = self.printed.stream_position()?;
            Ok(())
        };
        match read() {
            Ok(()) => String::from_utf8_lossy(&bytes).trim().to_owned(),
            Err(error) => format!("(cannot read its output: {error})"),
        }
    }
}

impl Drop for KernelProcess {
    fn drop(&mut self) {
        // An error means that the child no longer exists, which is the goal.
        let _ = self.reap();
    }
}

/// Returns the program to run. A kernelspec in a venv or conda environment often says just `python` and means the one
/// in its own prefix.
fn program_of(kernel: &Kernel) -> PathBuf {
    let program = kernel.program();
    if program.components().count() > 1 {
        return program;
    }
    // PREFIX/share/jupyter/kernels/NAME
    let prefix = kernel
        .folder
        .as_deref()
        .and_then(|folder| folder.ancestors().nth(4));
    match prefix.map(|prefix| prefix.join("bin").join(&program)) {
        Some(own) if own.is_file() => own,
        _ => program,
    }
}

fn arguments(kernel: &Kernel, connection_file: &Path) -> Vec<String> {
    let fill = |argument: &String| {
        let argument = argument.replace("{connection_file}", &connection_file.to_string_lossy());
        kernel.fill(&argument)
    };
    kernel.spec.argv.iter().skip(1).map(fill).collect()
}

/// Returns the variables that the kernelspec sets; `${NAME}` in a value expands to the runner's variable.
fn environment(kernel: &Kernel) -> Vec<(String, String)> {
    let set = kernel.spec.env.iter().flatten();
    set.map(|(name, value)| (name.clone(), with_variables(value)))
        .collect()
}

fn with_variables(text: &str) -> String {
    let Some((before, rest)) = text.split_once("${") else {
        return text.to_owned();
    };
    let Some((name, after)) = rest.split_once('}') else {
        return text.to_owned();
    };
    let value = std::env::var(name).unwrap_or_else(|_| format!("${{{name}}}"));
    format!("{before}{value}{}", with_variables(after))
}

fn watch(child: &Child) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: pidfd_open takes two integers and no pointer; the kernel checks both.
    let raw = unsafe { libc::syscall(libc::SYS_pidfd_open, id_of(child), 0) };
    let raw = i32::try_from(raw)
        .ok()
        .filter(|&raw| raw >= 0)
        .ok_or_else(io::Error::last_os_error)?;
    // SAFETY: the call above succeeded, so this is an open descriptor, and nothing else owns it.
    let pidfd = unsafe { OwnedFd::from_raw_fd(raw) };
    // SAFETY: the descriptor is open, and the `AsyncFd` that registers it owns it and closes it only after it
    // deregisters.
    Ok(unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }?)
}

fn signal_group(leader: &Child, signal: i32) {
    // SAFETY: killpg takes two integers. The leader has not been reaped, so the id can only mean its group. The error
    // for a group that is empty or consists of a zombie can be ignored.
    unsafe { libc::killpg(id_of(leader), signal) };
}

fn id_of(child: &Child) -> libc::pid_t {
    // Process ids are positive i32 numbers; std returns them as u32.
    child.id().cast_signed()
}

#[cfg(test)]
mod tests;
