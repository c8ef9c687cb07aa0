//! Forwards the cells' output to the kernel at once, byte by byte if need be, and results to the
//! engine.

use super::cell_pipes::{CellPipes, Item};
use super::descriptors::Descriptors;
use super::display_record;
use super::held_descriptors;
use super::memory::MemoryWatch;
use super::output_commands::{OutputCommand, Question};
use super::output_order;
use super::private_descriptors::Private;
use super::process_group;
use super::waits::{self, DeadlockWatch};
use crate::ipc::{self, Message, RuntimeReply, RuntimeRequest, Stream, read_frame, write_frame};
use anyhow::Result;
use crossbeam_channel::{Receiver, Sender};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;

pub struct OutputRelay {
    /// The cells whose output has not ended, the newest last.
    sources: Vec<CellPipes>,
    records: OwnedFd,
    engine: File,
    kernel: UnixStream,
    commands: Receiver<OutputCommand>,
    /// Readable when a command has arrived.
    wakeups: PipeReader,
    _private: Vec<Private>,
    memory: MemoryWatch,
    deadlocks: DeadlockWatch,
    in_cell: bool,
    /// The readers that wait for an answer, by cell; the user is being asked the first question.
    questions: VecDeque<(u32, Question, Sender<Option<String>>)>,
    /// The question of the next reader of stdin, as `evcxr_input` announces it.
    announced_question: Option<Question>,
}

/// How long to hold back text that could become a control line, in milliseconds.
const HOLD_BACK_MS: libc::c_int = 20;

/// How many descriptors are polled before those of the sources.
const SOURCES_START: usize = 3;

impl OutputRelay {
    pub fn new(
        descriptors: &Descriptors,
        kernel: UnixStream,
        commands: Receiver<OutputCommand>,
        wakeups: PipeReader,
    ) -> Result<OutputRelay> {
        let records = descriptors.display.try_clone()?;
        let engine = descriptors.replies.try_clone()?;
        let private = vec![
            Private::register(&records),
            Private::register(&engine),
            Private::register(&kernel),
            Private::register(&wakeups),
        ];
        Ok(OutputRelay {
            sources: Vec::new(),
            records,
            engine,
            kernel,
            commands,
            wakeups,
            _private: private,
            memory: descriptors.memory.clone(),
            deadlocks: descriptors.deadlocks.clone(),
            in_cell: false,
            questions: VecDeque::new(),
            announced_question: None,
        })
    }

    /// Forwards output until the kernel closes the connection.
    pub fn run(mut self) -> Result<()> {
        process_group::become_relay();
        held_descriptors::become_own_thread();
        loop {
            let ready = self.wait()?;
            self.memory.check();
            // A cell that asks the user waits, but not in vain.
            if self.in_cell && self.questions.is_empty() && self.commands.is_empty() {
                self.end_deadlock()?;
            }
            for (index, of_source) in ready[SOURCES_START..].chunks_exact(2).enumerate() {
                self.relay_from(index, of_source[0], of_source[1])?;
            }
            // Before the records: the `Begin` command of a cell precedes the cell's records.
            while !self.commands.is_empty() {
                self.execute_command()?;
            }
            if ready[0] {
                self.take_record()?;
            }
            if ready[1] && !self.answer_kernel()? {
                return Ok(());
            }
            self.remove_ended()?;
        }
    }

    /// Waits for something to do. Returns which descriptors are readable: the relay's own three, then stdout
    /// and stderr of each source.
    fn wait(&self) -> io::Result<Vec<bool>> {
        let own = [
            self.records.as_raw_fd(),
            self.kernel.as_raw_fd(),
            self.wakeups.as_raw_fd(),
        ];
        let of_sources = self.sources.iter().flat_map(|source| {
            [Stream::Stdout, Stream::Stderr].map(|stream| source.descriptor(stream))
        });
        let mut polled: Vec<libc::pollfd> = own
            .into_iter()
            .chain(of_sources)
            .map(|fd| libc::pollfd {
                fd,
                events: libc::POLLIN,
                revents: 0,
            })
            .collect();
        let timeout = if self.sources.iter().any(CellPipes::is_waiting) {
            HOLD_BACK_MS
        } else {
            MemoryWatch::poll_interval(self.in_cell)
        };
        // SAFETY: `poll` gets an array of descriptors and its length.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as _, timeout) };
        if ready < 0 && io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return Err(io::Error::last_os_error());
        }
        Ok(polled
            .iter()
            .map(|file| ready > 0 && file.revents != 0)
            .collect())
    }

    /// Ends the cell if its threads wait for each other.
    fn end_deadlock(&mut self) -> Result<()> {
        if let Some(threads) = self.deadlocks.check() {
            self.send_watched()?;
            self.deadlocks.end(threads);
        }
        Ok(())
    }

    /// Sends what the threads of a watched cell have done so far, since it is about to be ended.
    fn send_watched(&mut self) -> Result<()> {
        match waits::watch::end() {
            Some(watched) => self.send(&RuntimeReply::Watched(watched)),
            None => Ok(()),
        }
    }

    fn relay_from(&mut self, index: usize, stdout: bool, stderr: bool) -> Result<()> {
        if stdout {
            self.read(index, Stream::Stdout, usize::MAX)?;
        }
        if stderr {
            self.read(index, Stream::Stderr, usize::MAX)?;
        }
        if !stdout && !stderr {
            let items = self.sources[index].give_up_waiting();
            self.forward(index, items)?;
        }
        Ok(())
    }

    fn execute_command(&mut self) -> Result<()> {
        self.wakeups.read_exact(&mut [0])?;
        match self.commands.recv()? {
            OutputCommand::Begin { readers, limit } => {
                self.in_cell = true;
                self.deadlocks.begin_cell();
                let cell = readers.cell;
                self.sources.push(CellPipes::new(readers, limit));
                self.send(&RuntimeReply::Began { cell })?;
            }
            OutputCommand::Send(reply) => {
                self.drain()?;
                self.send(&reply)?;
            }
            OutputCommand::Drain(done) => {
                self.drain()?;
                self.in_cell = false;
                // An error means that the caller no longer waits.
                let _ = done.send(());
            }
            OutputCommand::Ask { question, answer } => {
                self.drain()?;
                let question = self.announced_question.take().unwrap_or(question);
                let cell = self.sources.last().map_or(0, |source| source.cell);
                self.questions.push_back((cell, question, answer));
                if self.questions.len() == 1 {
                    self.ask()?;
                }
            }
        }
        Ok(())
    }

    /// Answers one request of the kernel. Returns false when the kernel has closed the connection.
    fn answer_kernel(&mut self) -> Result<bool> {
        match read_frame(&mut self.kernel)? {
            Some(RuntimeRequest::Sync) => {
                self.drain()?;
                self.send(&RuntimeReply::Synced)?;
            }
            Some(RuntimeRequest::Waiting) => {
                let threads = match self.in_cell {
                    true => waits::waiting_threads(),
                    false => Vec::new(),
                };
                self.send(&RuntimeReply::Waiting(threads))?;
                self.send_watched()?;
                self.send(&RuntimeReply::Synced)?;
            }
            Some(RuntimeRequest::Input(line)) => {
                if let Some((_, _, answer)) = self.questions.pop_front() {
                    // An error means that the reader no longer waits.
                    let _ = answer.send(line);
                }
                self.ask()?;
            }
            None => return Ok(false),
        }
        Ok(true)
    }

    /// Sends the first question to the kernel.
    fn ask(&mut self) -> Result<()> {
        let Some((cell, question, _)) = self.questions.front() else {
            return Ok(());
        };
        let request = RuntimeReply::InputRequest {
            cell: *cell,
            prompt: question.prompt.clone(),
            password: question.password,
        };
        self.send(&request)
    }

    /// Forwards everything that is in the channels now, and all that was held back.
    fn drain(&mut self) -> Result<()> {
        for index in 0..self.sources.len() {
            for stream in [Stream::Stdout, Stream::Stderr] {
                // A process may go on writing; read only what is already there.
                let mut left = self.sources[index].unread(stream);
                while left > 0 {
                    left = left.saturating_sub(self.read(index, stream, left)?);
                }
            }
            let items = self.sources[index].finish();
            self.forward(index, items)?;
        }
        while self.take_record()? {}
        Ok(())
    }

    /// Reads once, at most `limit` bytes. Returns the number of bytes read.
    fn read(&mut self, index: usize, stream: Stream, limit: usize) -> Result<usize> {
        let (items, length) = self.sources[index].read(stream, limit)?;
        self.forward(index, items)?;
        // Only after the output is forwarded: a writer that waits for this may be about to end the process.
        output_order::notify_read();
        Ok(length)
    }

    /// Forwards one record. Returns false when there was none.
    fn take_record(&mut self) -> Result<bool> {
        let Some((cell, record)) = display_record::take(&self.records)? else {
            return Ok(false);
        };
        // The text held back from its cell was written before the record.
        if let Some(index) = self.sources.iter().position(|source| source.cell == cell) {
            let items = self.sources[index].give_up_waiting();
            self.forward(index, items)?;
        }
        match ipc::decode::<Message>(&record) {
            Ok(message) => self.send(&RuntimeReply::Rich { cell, message })?,
            Err(error) => tracing::warn!("invalid rich output: {error}"),
        }
        output_order::notify_read();
        Ok(true)
    }

    fn forward(&mut self, index: usize, items: Vec<Item>) -> Result<()> {
        let cell = self.sources[index].cell;
        // Only the running cell has a result.
        let is_last = index + 1 == self.sources.len();
        for item in items {
            match item {
                Item::Text(stream, bytes) => self.send(&RuntimeReply::Output {
                    cell,
                    stream,
                    bytes,
                })?,
                Item::Control(line) if is_last => self.control(&line)?,
                Item::Control(line) => self.send(&RuntimeReply::Output {
                    cell,
                    stream: Stream::Stdout,
                    bytes: line,
                })?,
            }
        }
        Ok(())
    }

    fn control(&mut self, line: &[u8]) -> Result<()> {
        let text = String::from_utf8_lossy(line);
        if let Some(question) = parse_announcement(&text) {
            self.announced_question = Some(question);
            return Ok(());
        }
        self.engine.write_all(text.as_bytes())?;
        Ok(())
    }

    /// Removes the cells whose output has ended.
    fn remove_ended(&mut self) -> Result<()> {
        while let Some(index) = self.sources.iter().position(CellPipes::has_ended) {
            let items = self.sources[index].finish();
            self.forward(index, items)?;
            let cell = self.sources.remove(index).cell;
            self.send(&RuntimeReply::Ended { cell })?;
        }
        Ok(())
    }

    fn send(&mut self, reply: &RuntimeReply) -> Result<()> {
        write_frame(&mut self.kernel, reply)?;
        Ok(())
    }
}

/// Parses the question from a line that `evcxr_input` prints.
fn parse_announcement(line: &str) -> Option<Question> {
    let rest = line.strip_prefix("EVCXR_INPUT_REQUEST")?;
    let (password, rest) = match rest.strip_prefix("_PASSWORD") {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    Some(Question {
        prompt: rest.strip_prefix(':')?.trim_end_matches('\n').to_owned(),
        password,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evcxr_input_announces_its_question() {
        let question = |prompt: &str, password| {
            Some(Question {
                prompt: prompt.to_owned(),
                password,
            })
        };
        assert_eq!(
            parse_announcement("EVCXR_INPUT_REQUEST:Your name: \n"),
            question("Your name: ", false)
        );
        assert_eq!(
            parse_announcement("EVCXR_INPUT_REQUEST_PASSWORD:?\n"),
            question("?", true)
        );
        assert_eq!(parse_announcement("EVCXR_BEGIN_CONTENT text/plain\n"), None);
    }
}
