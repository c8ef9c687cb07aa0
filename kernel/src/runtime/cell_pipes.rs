//! Reads the output of one cell from its pipes.

use super::cell_output::{CellReaders, ReadingEnd};
use super::control::{Piece, Splitter};
use super::output_limit::OutputLimit;
use crate::ipc::Stream;
use std::io;
use std::os::fd::{AsRawFd, RawFd};

pub struct CellPipes {
    pub cell: u32,
    /// `None` once every writer has closed it.
    stdout: Option<ReadingEnd>,
    stderr: Option<ReadingEnd>,
    splitter: Splitter,
    output_limit: OutputLimit,
}

/// Output for the kernel, or a control line for the engine.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    Text(Stream, Vec<u8>),
    Control(Vec<u8>),
}

impl CellPipes {
    pub fn new(readers: CellReaders, limit: u64) -> CellPipes {
        let CellReaders {
            cell,
            stdout,
            stderr,
        } = readers;
        CellPipes {
            cell,
            stdout: Some(stdout),
            stderr: Some(stderr),
            splitter: Splitter::default(),
            output_limit: OutputLimit::new(limit),
        }
    }

    /// Returns the descriptor of a stream, or -1, which poll(2) ignores, after its end.
    pub fn descriptor(&self, stream: Stream) -> RawFd {
        self.pipe(stream).map_or(-1, AsRawFd::as_raw_fd)
    }

    /// Returns whether both streams have ended.
    pub fn has_ended(&self) -> bool {
        self.stdout.is_none() && self.stderr.is_none()
    }

    /// Returns whether text is held back only because it could become a control line.
    pub fn is_waiting(&self) -> bool {
        self.splitter.is_waiting()
    }

    /// Gives up waiting and returns that text.
    pub fn give_up_waiting(&mut self) -> Vec<Item> {
        let pieces = self.splitter.give_up_waiting();
        self.items(pieces)
    }

    /// Returns how many bytes can be read without blocking (pipe(7)).
    pub fn unread(&self, stream: Stream) -> usize {
        let mut bytes: libc::c_int = 0;
        // SAFETY: FIONREAD stores one int; without a pipe it fails and stores none.
        unsafe { libc::ioctl(self.descriptor(stream), libc::FIONREAD, &mut bytes) };
        bytes.max(0) as usize
    }

    /// Reads once, at most `limit` bytes. Returns the items and the number of bytes read.
    pub fn read(&mut self, stream: Stream, limit: usize) -> io::Result<(Vec<Item>, usize)> {
        let mut buffer = [0; 64 * 1024];
        let most = limit.min(buffer.len());
        let Some(end) = self.pipe(stream) else {
            return Ok((Vec::new(), 0));
        };
        let length = end.read(&mut buffer[..most])?;
        if length == 0 {
            *self.pipe_mut(stream) = None;
        }
        let bytes = &buffer[..length];
        let items = match stream {
            Stream::Stdout => {
                // A result is written in one piece, so only the end of the buffer can have split it.
                let pieces = if length < most {
                    self.splitter.push_whole(bytes)
                } else {
                    self.splitter.push(bytes)
                };
                self.items(pieces)
            }
            Stream::Stderr => {
                // The text held back from stdout was written before this.
                let mut items = self.give_up_waiting();
                self.show(Stream::Stderr, bytes.to_vec(), &mut items);
                items
            }
        };
        Ok((items, length))
    }

    /// Returns everything held back, at the end of the cell.
    pub fn finish(&mut self) -> Vec<Item> {
        let pieces = self.splitter.finish();
        let mut items = self.items(pieces);
        if let Some((note, end)) = self.output_limit.finish() {
            items.push(Item::Text(Stream::Stderr, note.into_bytes()));
            items.push(Item::Text(Stream::Stdout, end));
        }
        items
    }

    fn items(&mut self, pieces: Vec<Piece>) -> Vec<Item> {
        let mut items = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.show(Stream::Stdout, text, &mut items),
                Piece::Control(line) => items.push(Item::Control(line)),
            }
        }
        items
    }

    fn show(&mut self, stream: Stream, bytes: Vec<u8>, items: &mut Vec<Item>) {
        let (shown, note) = self.output_limit.take(bytes);
        if !shown.is_empty() {
            items.push(Item::Text(stream, shown));
        }
        if let Some(note) = note {
            items.push(Item::Text(Stream::Stderr, note.into_bytes()));
        }
    }

    fn pipe(&self, stream: Stream) -> Option<&ReadingEnd> {
        match stream {
            Stream::Stdout => self.stdout.as_ref(),
            Stream::Stderr => self.stderr.as_ref(),
        }
    }

    fn pipe_mut(&mut self, stream: Stream) -> &mut Option<ReadingEnd> {
        match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        }
    }
}
