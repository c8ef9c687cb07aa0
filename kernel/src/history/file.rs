//! The history file: a line of JSON for each input and each output.
//!
//! The holder of the lock writes each line in one piece. The lock is a separate file, because a history file that grows
//! too long is replaced. Invalid lines are skipped, so a torn or foreign line does not affect the others.

use super::Record;
use anyhow::{Context, Result};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// When a session begins, a longer file is cut to the newest half of this size, in bytes.
const MAX_FILE_BYTES: u64 = 8 << 20;

/// Longer records are not stored, in bytes.
const MAX_LINE_BYTES: usize = 1 << 20;

pub struct HistoryFile {
    folder: PathBuf,
}

impl HistoryFile {
    /// Returns the file in `folder`, which is created when needed.
    pub fn new(folder: PathBuf) -> HistoryFile {
        HistoryFile { folder }
    }

    /// Reserves the next session number.
    pub fn begin_session(&self) -> Result<u64> {
        let _lock = self.lock()?;
        let records = self.read()?;
        let last = records.iter().map(Record::session).max().unwrap_or(0);
        self.shorten(&records)?;
        let session = last + 1;
        self.write(&Record::Session { session })?;
        Ok(session)
    }

    /// Appends a record.
    pub fn append(&self, record: &Record) -> Result<()> {
        let _lock = self.lock()?;
        self.write(record)
    }

    /// Returns all records, oldest first.
    pub fn read(&self) -> Result<Vec<Record>> {
        let text = match fs::read(self.path()) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).context("cannot read the history"),
        };
        let lines = text.split(|byte| *byte == b'\n');
        Ok(lines
            .filter_map(|line| serde_json::from_slice(line).ok())
            .collect())
    }

    fn write(&self, record: &Record) -> Result<()> {
        let mut line = serde_json::to_vec(record)?;
        if line.len() > MAX_LINE_BYTES {
            return Ok(());
        }
        line.push(b'\n');
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(self.path())
            .with_context(|| format!("cannot open {}", self.path().display()))?;
        if is_torn(&mut file)? {
            line.insert(0, b'\n');
        }
        file.write_all(&line).context("cannot write the history")
    }

    /// Removes the older records of a file that is too long.
    fn shorten(&self, records: &[Record]) -> Result<()> {
        let length = fs::metadata(self.path()).map_or(0, |file| file.len());
        if length <= MAX_FILE_BYTES {
            return Ok(());
        }
        let mut kept = Vec::new();
        for record in records.iter().rev() {
            let mut line = serde_json::to_vec(record)?;
            if (kept.iter().map(Vec::len).sum::<usize>() + line.len()) as u64 > MAX_FILE_BYTES / 2 {
                break;
            }
            line.push(b'\n');
            kept.push(line);
        }
        kept.reverse();
        // A temporary file is created with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&kept.concat())?;
        file.persist(self.path())?;
        Ok(())
    }

    /// Locks the history, after other kernels; dropping the file releases the lock.
    fn lock(&self) -> Result<File> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder.display()))?;
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.folder.join("history.lock"))?;
        lock.lock().context("cannot lock the history")?;
        Ok(lock)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("history.jsonl")
    }
}

/// Returns whether the last line is incomplete, because its writer was killed.
fn is_torn(file: &mut File) -> Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != [b'\n'])
}

impl Record {
    fn session(&self) -> u64 {
        match self {
            Record::Input { session, .. }
            | Record::Output { session, .. }
            | Record::Session { session } => *session,
        }
    }
}
