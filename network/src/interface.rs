//! The C interface of the library: one table of functions, and the plain structures they take and return.
//!
//! Handles are opaque and belong to the caller until it closes them. Texts are UTF-8 and borrowed: arguments must live
//! during the call, results live as long as the handle they came from. No panic crosses the interface; it becomes a
//! failure.

use std::ffi::c_void;
use std::marker::PhantomData;

/// Increases with every change of the interface.
pub const VERSION: u32 = 1;

/// The name under which a library exports [`GetFunctions`].
pub const SYMBOL: &str = "threadbook_network_functions";

/// The type of the exported function.
pub type GetFunctions = extern "C" fn() -> &'static Functions;

/// The state shared by all requests. Valid in one process: a forked child starts its own and never uses its parent's.
pub type NetworkHandle = *mut c_void;

/// A response whose body is being read. Used by one thread at a time.
pub type TransferHandle = *mut c_void;

/// A clip that was found.
pub type ClipHandle = *mut c_void;

/// Why a call failed.
pub type FailureHandle = *mut c_void;

/// The functions of the library.
///
/// Those that can fail take a pointer for a failure. They write to it only if they fail, and then return a null handle
/// or -1.
#[repr(C)]
pub struct Functions {
    /// The [`VERSION`] of the library.
    pub version: u32,
    /// Returns a handle that is never closed.
    pub start: extern "C" fn() -> NetworkHandle,
    /// Sends a request, follows redirects and waits for the head of the response. Any thread may call it.
    pub open: unsafe extern "C" fn(
        NetworkHandle,
        *const Request<'_>,
        *mut FailureHandle,
    ) -> TransferHandle,
    /// Returns the head of the response.
    pub head: unsafe extern "C" fn(TransferHandle) -> Head<'static>,
    /// Reads at most the given number of bytes of the body and returns how many; 0 at its end.
    pub read: unsafe extern "C" fn(TransferHandle, *mut u8, usize, *mut FailureHandle) -> isize,
    pub close: unsafe extern "C" fn(TransferHandle),
    /// Finds a clip. The flag is [`Request::live`].
    pub find_clip:
        unsafe extern "C" fn(NetworkHandle, Text<'_>, bool, *mut FailureHandle) -> ClipHandle,
    /// Returns the title of the clip.
    pub clip_title: unsafe extern "C" fn(ClipHandle) -> Text<'static>,
    /// Returns the number of streams of the clip.
    pub clip_streams: unsafe extern "C" fn(ClipHandle) -> usize,
    /// Returns the stream with this index, which must be less than the number of streams.
    pub clip_stream: unsafe extern "C" fn(ClipHandle, usize) -> Stream<'static>,
    pub close_clip: unsafe extern "C" fn(ClipHandle),
    pub failure_kind: unsafe extern "C" fn(FailureHandle) -> Kind,
    /// Returns one line that says what failed, and what to do if that is known.
    pub failure_message: unsafe extern "C" fn(FailureHandle) -> Text<'static>,
    pub close_failure: unsafe extern "C" fn(FailureHandle),
}

/// A GET request.
#[repr(C)]
pub struct Request<'a> {
    pub url: Text<'a>,
    /// `Name: value` lines, each ended by `\n`.
    pub headers: Text<'a>,
    /// A file with the certificates to trust instead of the default ones; empty for the default.
    pub verify: Text<'a>,
    /// The timeout of each wait, to connect or for the next data, in milliseconds; 0 for none.
    pub timeout: u64,
    pub max_redirects: u32,
    /// Whether to use the internet instead of the class network.
    pub live: bool,
}

/// The head of a response.
#[repr(C)]
pub struct Head<'a> {
    /// The URL after redirects.
    pub url: Text<'a>,
    /// As [`Request::headers`], with the names in lower case.
    pub headers: Text<'a>,
    pub status: u16,
}

/// A file in which a clip is available.
#[repr(C)]
pub struct Stream<'a> {
    pub itag: Text<'a>,
    pub url: Text<'a>,
    /// As [`Request::headers`]: the headers that a request for the stream must send.
    pub headers: Text<'a>,
    /// Such as `mp4`.
    pub extension: Text<'a>,
    /// Such as `360p`; empty if unknown.
    pub resolution: Text<'a>,
    /// In bytes.
    pub size: u64,
    pub has_video: bool,
    pub has_audio: bool,
}

/// The kind of a failure.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An invalid URL, header or certificate file.
    Invalid,
    /// The class network has no such page or clip.
    NotInClass,
    /// No address was found for the name.
    Dns,
    /// No server listens on the address.
    Refused,
    /// The connection failed for another reason.
    Connect,
    /// The TLS connection failed, for example because the server could not prove its identity.
    Tls,
    Timeout,
    TooManyRedirects,
    /// The connection ended too early, or the response is not HTTP.
    Broken,
    /// yt-dlp is not installed, or found no clip.
    YtDlp,
    /// A bug in this library.
    Internal,
}

/// A borrowed text.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text<'a> {
    start: *const u8,
    length: usize,
    borrowed: PhantomData<&'a str>,
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Text<'a> {
        Text {
            start: text.as_ptr(),
            length: text.len(),
            borrowed: PhantomData,
        }
    }
}

impl<'a> Text<'a> {
    pub fn as_str(self) -> &'a str {
        // SAFETY: a `Text` is only ever made from a `&'a str`, so the pointer, length and UTF-8 are valid for `'a`.
        unsafe { str::from_utf8_unchecked(std::slice::from_raw_parts(self.start, self.length)) }
    }
}
