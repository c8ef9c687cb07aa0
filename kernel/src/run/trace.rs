//! `--trace`: one file of Chrome's trace events from what all kernels of a run have recorded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::notebook::atomic;

/// How a file of ours begins.
const BEGINNING: &str = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n";

/// A trace that is being recorded.
pub struct Trace {
    file: PathBuf,
    /// Where the kernels write; removed at the end.
    folder: tempfile::TempDir,
}

/// Why no trace can be written.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("{0} exists and is no trace of this program; give --trace another file")]
    Other(PathBuf),
    #[error("cannot write the trace {file}: {source}")]
    Write { file: PathBuf, source: io::Error },
}

impl Trace {
    /// Begins a trace.
    ///
    /// # Errors
    /// [`TraceError`]: the file is something else, or cannot be written.
    pub fn begin(file: &Path) -> Result<Trace, TraceError> {
        let failed = |source| TraceError::Write {
            file: file.to_owned(),
            source,
        };
        match fs::read(file) {
            Ok(content) if content.is_empty() || content.starts_with(BEGINNING.as_bytes()) => {}
            Ok(_) => return Err(TraceError::Other(file.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        atomic::check(file).map_err(failed)?;
        Ok(Trace {
            file: file.to_owned(),
            folder: tempfile::tempdir().map_err(failed)?,
        })
    }

    /// The folder in which kernels write.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`TraceError::Write`].
    pub fn end(self) -> Result<(), TraceError> {
        let failed = |source| TraceError::Write {
            file: self.file.clone(),
            source,
        };
        let text = self.text().map_err(failed)?;
        atomic::write(&self.file, text.as_bytes()).map_err(failed)
    }

    fn text(&self) -> io::Result<String> {
        let mut paths: Vec<PathBuf> = fs::read_dir(self.folder.path())?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        paths.sort();
        let mut lines = Vec::new();
        for path in paths {
            lines.extend(fs::read_to_string(path)?.lines().map(str::to_owned));
        }
        Ok(format!("{BEGINNING}{}\n]}}\n", lines.join(",\n")))
    }
}
