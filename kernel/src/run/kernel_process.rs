//! The kernel's process: started, watched, interrupted, stopped.
//!
//! It is the leader of a process group of its own. A Ctrl-C at the terminal then reaches the runner alone, and stopping
//! the kernel also stops what its cells started. The process is watched through a pidfd: that tells of its death
//! without reaping it, and until it is reaped its id, which is also that of its group, cannot become another process's.

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

/// How much of what a dead kernel printed is shown, in bytes.
const LAST_WORDS: u64 = 2000;

/// Why a kernel cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No ports or no connection file.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    /// The program cannot be run.
    #[error("cannot start the kernel `{name}` ({program}): {source}")]
    Spawn {
        /// The name of its kernelspec.
        name: String,
        /// The program its kernelspec names.
        program: String,
        /// What the system says.
        source: io::Error,
    },
}

/// A running kernel. Dropping it kills the kernel and its process group.
pub struct KernelProcess {
    child: Child,
    status: Option<ExitStatus>,
    exit: AsyncFd<OwnedFd>,
    printed: File,
    /// How much of it was read before, in bytes.
    read: u64,
    by_message: bool,
    /// Where its sockets are; the file is there as long as the kernel is.
    pub connection: ConnectionFile,
}

impl KernelProcess {
    /// Starts the kernel in this folder. It is not ready yet when this returns.
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
                // A kernel that knows this variable, as ipykernel does, ends when the process of this id has ended.
                .env("JPY_PARENT_PID", std::process::id().to_string())
                // What a notebook runs by itself is not what somebody typed.
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

    /// Whether it wants an `interrupt_request`; otherwise [`KernelProcess::signal_interrupt`] is its way.
    pub fn is_interrupted_by_message(&self) -> bool {
        self.by_message
    }

    /// Sends SIGINT to the kernel and what its cells started, as Jupyter does.
    pub fn signal_interrupt(&self) {
        signal_group(&self.child, libc::SIGINT);
    }

    /// Returns when the process has ended. May be dropped and called again.
    pub async fn ended(&self) {
        // An error would mean that the reactor is gone, and then nothing waits any more.
        let _ = self.exit.readable().await;
    }

    /// Ends the kernel, if it runs, and what is left of its process group; says how it ended.
    pub fn stop(&mut self) -> String {
        match self.reap() {
            Ok(status) => status.to_string(),
            Err(error) => format!("unknown status: {error}"),
        }
    }

    /// Kills the group, then reaps its leader: in this order and once, for the reaped leader's id may be given away.
    fn reap(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        signal_group(&self.child, libc::SIGKILL);
        let status = self.child.wait()?;
        self.status = Some(status);
        Ok(status)
    }

    /// The last lines that the process printed, other than in a cell, since this was called before.
    pub fn last_words(&mut self) -> String {
        let mut words = Vec::new();
        let mut read = || -> io::Result<()> {
            let end = self.printed.seek(SeekFrom::End(0))?;
            self.printed.seek(SeekFrom::Start(
                self.read.max(end.saturating_sub(LAST_WORDS)),
            ))?;
            self.printed.read_to_end(&mut words)?;
            self.read = self.printed.stream_position()?;
            Ok(())
        };
        match read() {
            Ok(()) => String::from_utf8_lossy(&words).trim().to_owned(),
            Err(error) => format!("(what it printed cannot be read: {error})"),
        }
    }
}

impl Drop for KernelProcess {
    fn drop(&mut self) {
        // An error says that there is no such child any more, which is what is wanted.
        let _ = self.reap();
    }
}

/// A kernelspec from a venv or a conda environment often says just `python`: the one of its own prefix is meant.
fn program_of(kernel: &Kernel) -> PathBuf {
    let program = PathBuf::from(kernel.spec.argv.first().map_or("", String::as_str));
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
    let resources = kernel.folder.as_deref().unwrap_or(Path::new(""));
    let fill = |argument: &String| {
        argument
            .replace("{connection_file}", &connection_file.to_string_lossy())
            .replace("{resource_dir}", &resources.to_string_lossy())
    };
    kernel.spec.argv.iter().skip(1).map(fill).collect()
}

/// The variables that the kernelspec sets; `${NAME}` in a value stands for the runner's own variable.
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
    // SAFETY: the call above succeeded, so this is an open descriptor, and nobody else knows of it.
    let pidfd = unsafe { OwnedFd::from_raw_fd(raw) };
    // SAFETY: the descriptor is open and is owned by what registers it, which closes it last of all.
    Ok(unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) }?)
}

fn signal_group(leader: &Child, signal: i32) {
    // SAFETY: killpg takes two integers. The leader has not been reaped, so the id means its group and no other. That
    // the group may be empty, or consist of a zombie, is reported and of no interest.
    unsafe { libc::killpg(id_of(leader), signal) };
}

fn id_of(child: &Child) -> libc::pid_t {
    // Process ids are positive i32 numbers; the standard library gives them as u32.
    child.id().cast_signed()
}

#[cfg(test)]
mod tests;
