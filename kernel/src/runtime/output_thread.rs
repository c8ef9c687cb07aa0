//! The handle of the output thread, which forwards the cells' output to the kernel.

use super::cell_output::CellReaders;
use super::descriptors::Descriptors;
use super::limits;
use super::output_commands::{OutputCommand, Question};
use super::output_relay::OutputRelay;
use super::private_descriptors::Private;
use crate::ipc::RuntimeReply;
use anyhow::{Context, Result};
use crossbeam_channel::{Sender, bounded, unbounded};
use std::io::{self, PipeWriter, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Sends commands to the output thread.
#[derive(Clone)]
pub struct OutputThread {
    commands: Sender<OutputCommand>,
    wakeup: Arc<PipeWriter>,
    _private: Arc<Private>,
}

impl OutputThread {
    pub fn start(descriptors: &Descriptors, kernel: UnixStream) -> Result<OutputThread> {
        let (commands, received) = unbounded();
        let (wakeups, wakeup) = io::pipe()?;
        let private = Private::register(&wakeup);
        let relay = OutputRelay::new(descriptors, kernel, received, wakeups)?;
        std::thread::Builder::new()
            .name("threadbook-output".to_owned())
            .spawn(move || {
                // Without a kernel or an engine there is nobody to run cells for.
                if let Err(error) = relay.run() {
                    tracing::debug!("output: {error:#}");
                }
                // SAFETY: kills the group that this process leads: the process itself, with the cell it may be running, and all
                // processes the cell started.
                unsafe { libc::kill(0, libc::SIGKILL) };
            })
            .context("cannot start the output thread")?;
        Ok(OutputThread {
            commands,
            wakeup: Arc::new(wakeup),
            _private: Arc::new(private),
        })
    }

    /// Starts to forward the output of a cell.
    pub fn begin(&self, readers: CellReaders) {
        let limit = limits::output();
        self.send_command(OutputCommand::Begin { readers, limit });
    }

    /// Sends a frame after all output written before it.
    pub fn send(&self, reply: RuntimeReply) {
        self.send_command(OutputCommand::Send(reply));
    }

    /// Waits until all output written so far has been forwarded.
    pub fn drain(&self) {
        let (done, wait) = bounded(1);
        self.send_command(OutputCommand::Drain(done));
        // An error means that the thread has ended and is killing the process.
        let _ = wait.recv();
    }

    /// Asks the user for a line. Returns `None` when nobody can be asked.
    pub fn ask(&self, question: Question) -> Option<String> {
        let (answer, wait) = bounded(1);
        self.send_command(OutputCommand::Ask { question, answer });
        wait.recv().ok().flatten()
    }

    fn send_command(&self, command: OutputCommand) {
        let _ = self.commands.send(command);
        let _ = (&*self.wakeup).write_all(&[1]);
    }
}
