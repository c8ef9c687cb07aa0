//! What processes say about themselves: Python's `multiprocessing.log_to_stderr` and `get_logger`.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::table;

/// How important a message is, with the numbers of Python's `logging`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// Details, for who looks for a mistake.
    Debug = 10,
    /// What happens as it should: a process starts, a process exits.
    Info = 20,
    /// What may be a mistake.
    Warning = 30,
    /// What has failed.
    Error = 40,
}

/// Messages of this level and above are shown; 255: none are. A forked child begins with its parent's level.
static LEVEL: AtomicU8 = AtomicU8::new(u8::MAX);

/// Has messages of this level and above shown on stderr, in this process and those that it starts from now on, and
/// returns the [`Logger`] to add more: Python's `multiprocessing.log_to_stderr`.
///
/// The crate itself says with [`Info`](Level::Info) when a process begins and ends. A program that logs with the crate
/// `log` or `tracing` goes on using that: this is for looking at processes.
///
/// ```
/// use threadbook::prelude::*;
///
/// let logger = log_to_stderr(Level::Info);
/// logger.warning("doomed");
/// // [WARNING/MainProcess] doomed
/// ```
pub fn log_to_stderr(level: Level) -> Logger {
    let logger = Logger(());
    logger.set_level(level);
    logger
}

/// Returns the [`Logger`], which shows nothing before [`log_to_stderr`] was called: Python's
/// `multiprocessing.get_logger`.
pub fn get_logger() -> Logger {
    Logger(())
}

/// Writes messages to stderr, each in one piece: `[LEVEL/NAME OF THE PROCESS] message`.
#[derive(Clone, Copy, Debug)]
pub struct Logger(());

impl Logger {
    /// Shows messages of this level and above.
    pub fn set_level(&self, level: Level) {
        LEVEL.store(level as u8, Relaxed);
    }

    /// Shows a message of level [`Debug`](Level::Debug).
    pub fn debug(&self, message: impl fmt::Display) {
        log(Level::Debug, message);
    }

    /// Shows a message of level [`Info`](Level::Info).
    pub fn info(&self, message: impl fmt::Display) {
        log(Level::Info, message);
    }

    /// Shows a message of level [`Warning`](Level::Warning).
    pub fn warning(&self, message: impl fmt::Display) {
        log(Level::Warning, message);
    }

    /// Shows a message of level [`Error`](Level::Error).
    pub fn error(&self, message: impl fmt::Display) {
        log(Level::Error, message);
    }
}

/// The caller does not hold the table of processes.
pub(super) fn log(level: Level, message: impl fmt::Display) {
    if (level as u8) < LEVEL.load(Relaxed) {
        return;
    }
    let name = table::lock().name().to_owned();
    let line = format!("[{level}/{name}] {message}\n");
    // A stream that no one reads any more is no reason to fail.
    let _ = io::stderr().write_all(line.as_bytes());
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        })
    }
}
