//! Saves a stream to a file.

use std::io::Write;
use std::path::Path;

use super::error::Error;
use super::stream_reader::{StreamReader, StreamSource};
use crate::new_file::NewFile;

/// Saves the stream at `path`. Calls `got` with each chunk that was written, and the number of remaining bytes.
pub(super) fn download(
    source: StreamSource<'_>,
    chunk_size: usize,
    path: &Path,
    mut got: impl FnMut(&[u8], u64),
) -> Result<(), Error> {
    let mut file = NewFile::create(path).map_err(Error::File)?;
    let mut reader = StreamReader::new(source);
    let mut chunk = vec![0; chunk_size];
    let mut remaining = source.info.size;
    while remaining > 0 {
        let length = usize::try_from(remaining).map_or(chunk.len(), |left| left.min(chunk.len()));
        let chunk = &mut chunk[..length];
        reader.read_exact(chunk)?;
        file.write_all(chunk).map_err(Error::File)?;
        remaining -= length as u64;
        got(chunk, remaining);
    }
    file.finish().map_err(Error::File)
}
