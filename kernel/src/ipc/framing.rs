//! Frames: how a message is sent.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest frame, in bytes; a greater length means that the peer is broken.
const MAX_FRAME: usize = 1 << 30;

/// Writes one frame with a single call to `write_all`.
pub fn write_frame(to: &mut impl Write, frame: &impl Serialize) -> io::Result<()> {
    to.write_all(&encode(frame)?)
}

/// Reads one frame. Returns `None` when the peer has closed the connection.
pub fn read_frame<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut body = vec![0; checked_length(length)?];
    from.read_exact(&mut body)?;
    decode(&body).map(Some)
}

/// Like [`write_frame`], for the kernel's event loop.
pub async fn send_frame(
    to: &mut (impl AsyncWrite + Unpin),
    frame: &impl Serialize,
) -> io::Result<()> {
    to.write_all(&encode(frame)?).await
}

/// Like [`read_frame`], for the kernel's event loop.
pub async fn receive_frame<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length).await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    };
    let mut body = vec![0; checked_length(length)?];
    from.read_exact(&mut body).await?;
    decode(&body).map(Some)
}

fn encode(frame: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = postcard::to_extend(frame, vec![0; 4]).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Decodes the body of a frame.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    postcard::from_bytes(body).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn checked_length(length: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a frame of {length} bytes is longer than {MAX_FRAME} bytes"),
        ));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{Hello, RuntimeReply, Stream};

    #[test]
    fn frames_come_back_as_they_were_sent() {
        let mut bytes = Vec::new();
        write_frame(
            &mut bytes,
            &RuntimeReply::Output {
                cell: 7,
                stream: Stream::Stdout,
                bytes: "größe\r".into(),
            },
        )
        .unwrap();
        write_frame(&mut bytes, &RuntimeReply::Synced).unwrap();
        let mut from = bytes.as_slice();
        let first: RuntimeReply = read_frame(&mut from).unwrap().unwrap();
        assert!(
            matches!(first, RuntimeReply::Output { cell: 7, stream: Stream::Stdout, bytes } if bytes == "größe\r".as_bytes())
        );
        let second: RuntimeReply = read_frame(&mut from).unwrap().unwrap();
        assert!(matches!(second, RuntimeReply::Synced));
        assert!(read_frame::<RuntimeReply>(&mut from).unwrap().is_none());
    }

    #[test]
    fn an_excessive_length_is_an_error() {
        let error = read_frame::<Hello>(&mut [0xff; 8].as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_truncated_frame_is_an_error() {
        let mut bytes = Vec::new();
        write_frame(
            &mut bytes,
            &RuntimeReply::Output {
                cell: 1,
                stream: Stream::Stderr,
                bytes: "text".into(),
            },
        )
        .unwrap();
        bytes.pop();
        assert!(read_frame::<RuntimeReply>(&mut bytes.as_slice()).is_err());
    }
}
