//! The interface: one table of C functions, and the plain structures that they take and return.
//!
//! Handles are opaque and belong to the caller until it closes them. Texts are UTF-8 and borrowed: arguments must live
//! during the call, results live as long as the handle that they came from. Panics do not cross the interface; they
//! become failures.

use std::ffi::c_void;
use std::marker::PhantomData;

/// Incremented with every change of this interface.
pub const VERSION: u32 = 1;

/// The name under which a library exports [`GetFunctions`].
pub const SYMBOL: &str = "threadbook_network_functions";

/// The type of the function that a library exports.
pub type GetFunctions = extern "C" fn() -> &'static Functions;

/// The state that is kept between requests. It belongs to one process: a forked child starts its own and never uses its
/// parent's.
pub type NetworkHandle = *mut c_void;

/// A response whose body is being read. For one thread at a time.
pub type TransferHandle = *mut c_void;

/// A clip.
pub type ClipHandle = *mut c_void;

/// Why a call failed.
pub type FailureHandle = *mut c_void;

/// The functions of the library.
///
/// Those that can fail take an out parameter for a failure. They write to it only if they fail, and then return a null
/// handle or -1.
#[repr(C)]
pub struct Functions {
    /// [`VERSION`] of the library.
    pub version: u32,
    /// Returns a handle that is never closed.
    pub start: extern "C" fn() -> NetworkHandle,
    /// Sends a request, follows redirects and waits for the head of the response. Any thread may call it.
    pub open: unsafe extern "C" fn(
        NetworkHandle,
        *const Request<'_>,
        *mut FailureHandle,
    ) -> TransferHandle,
    /// The head of the answer.
    pub head: unsafe extern "C" fn(TransferHandle) -> Head<'static>,
    /// Reads at most so many bytes of the body; returns 0 at its end.
    pub read: unsafe extern "C" fn(TransferHandle, *mut u8, usize, *mut FailureHandle) -> isize,
    pub close: unsafe extern "C" fn(TransferHandle),
    /// Looks a clip up. The flag is [`Request::live`].
    pub find_clip:
        unsafe extern "C" fn(NetworkHandle, Text<'_>, bool, *mut FailureHandle) -> ClipHandle,
    /// The title of the clip.
    pub clip_title: unsafe extern "C" fn(ClipHandle) -> Text<'static>,
    /// How many streams the clip has.
    pub clip_streams: unsafe extern "C" fn(ClipHandle) -> usize,
    /// The stream with this number, counted from 0, which must be less than their count.
    pub clip_stream: unsafe extern "C" fn(ClipHandle, usize) -> Stream<'static>,
    pub close_clip: unsafe extern "C" fn(ClipHandle),
    pub failure_kind: unsafe extern "C" fn(FailureHandle) -> Kind,
    /// One line that says what failed, and what to do if that is known.
    pub failure_message: unsafe extern "C" fn(FailureHandle) -> Text<'static>,
    pub close_failure: unsafe extern "C" fn(FailureHandle),
}

/// A request with the method GET.
#[repr(C)]
pub struct Request<'a> {
    pub url: Text<'a>,
    /// `Name: value` lines, each terminated by `\n`.
    pub headers: Text<'a>,
    /// A file with the certificates to trust instead of the usual ones; empty for the usual ones.
    pub verify: Text<'a>,
    /// The longest wait for progress, in milliseconds; 0 for no limit.
    pub timeout: u64,
    pub max_redirects: u32,
    /// Whether to use the internet instead of the class network.
    pub live: bool,
}

/// The head of an answer.
#[repr(C)]
pub struct Head<'a> {
    /// The URL after redirects.
    pub url: Text<'a>,
    /// As [`Request::headers`], with the names in lower case.
    pub headers: Text<'a>,
    pub status: u16,
}

/// One of the files that a clip can be downloaded as.
#[repr(C)]
pub struct Stream<'a> {
    pub itag: Text<'a>,
    pub url: Text<'a>,
    /// As [`Request::headers`]: the headers to send with the request.
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
    /// Nothing listens at the address.
    Refused,
    /// The connection failed for another reason.
    Connect,
    /// The server could not prove its identity.
    Tls,
    Timeout,
    TooManyRedirects,
    /// The connection was closed too early, or the response is not HTTP.
    Broken,
    /// yt-dlp is missing, or found nothing.
    YtDlp,
    /// An internal error of this library.
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
        // SAFETY: it was made from a `&'a str`, since there is no other way to make one.
        unsafe { str::from_utf8_unchecked(std::slice::from_raw_parts(self.start, self.length)) }
    }
}
