//! Looks up clips: safe wrappers of the library's functions.

use std::ptr::null_mut;

use super::failure::Failure;
use super::library::Library;
use super::selection::Network;

/// A clip that was looked up.
pub(crate) struct Clip {
    pub(crate) title: String,
    pub(crate) streams: Vec<ClipStream>,
}

/// One of the files that a clip can be downloaded as.
pub(crate) struct ClipStream {
    pub(crate) itag: String,
    pub(crate) url: String,
    /// `Name: value` lines: the headers to send with the request.
    pub(crate) headers: String,
    pub(crate) extension: String,
    /// Empty if unknown.
    pub(crate) resolution: String,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) has_video: bool,
    pub(crate) has_audio: bool,
}

impl Clip {
    /// Looks up the clip at `url`.
    pub(crate) fn find(url: &str, network: Network) -> Result<Clip, Failure> {
        let library = Library::get()?;
        let functions = library.functions;
        let live = network == Network::Live;
        let mut failure = null_mut();
        // SAFETY: the handle is this process's own; the text and the out parameter live during the call.
        let handle =
            unsafe { (functions.find_clip)(library.network, url.into(), live, &raw mut failure) };
        if handle.is_null() {
            return Err(Failure::take(library.functions, failure));
        }
        // SAFETY: the handle is open until the last line and not used after it; all texts are copied before. The
        // numbers are less than the count.
        unsafe {
            let clip = Clip {
                title: (functions.clip_title)(handle).as_str().to_owned(),
                streams: (0..(functions.clip_streams)(handle))
                    .map(|number| ClipStream::of(&(functions.clip_stream)(handle, number)))
                    .collect(),
            };
            (functions.close_clip)(handle);
            Ok(clip)
        }
    }
}

impl ClipStream {
    fn of(stream: &threadbook_network::interface::Stream<'_>) -> ClipStream {
        ClipStream {
            itag: stream.itag.as_str().to_owned(),
            url: stream.url.as_str().to_owned(),
            headers: stream.headers.as_str().to_owned(),
            extension: stream.extension.as_str().to_owned(),
            resolution: stream.resolution.as_str().to_owned(),
            size: stream.size,
            has_video: stream.has_video,
            has_audio: stream.has_audio,
        }
    }
}
