//! What crosses the border: one table of C functions, and the plain structures they take and give.
//!
//! Handles are opaque and belong to the caller until it closes them. Texts are UTF-8 and borrowed: what goes in must live during
//! the call, what comes out lives as long as the handle it came from. No panic crosses; it becomes a failure.

use std::ffi::c_void;
use std::marker::PhantomData;

/// Goes up with every change of this file.
pub const VERSION: u32 = 1;

/// The name under which a library exports [`GetFunctions`].
pub const SYMBOL: &str = "threadbook_network_functions";

/// What a library exports.
pub type GetFunctions = extern "C" fn() -> &'static Functions;

/// Everything that is kept between requests. For one process: a forked child starts its own and never touches its parent's.
pub type NetworkHandle = *mut c_void;

/// An answer whose body is being read. For one thread at a time.
pub type TransferHandle = *mut c_void;

/// What is known of a clip.
pub type ClipHandle = *mut c_void;

/// Why a call failed.
pub type FailureHandle = *mut c_void;

/// The functions of the library.
///
/// Those that can fail take a place for a failure. They write to it only if they do, and then give a null handle or -1.
#[repr(C)]
pub struct Functions {
    /// [`VERSION`] of the library.
    pub version: u32,
    /// Gives a handle that is never closed.
    pub start: extern "C" fn() -> NetworkHandle,
    /// Sends a request, follows redirects and waits for the head of the answer. Any thread may call it.
    pub open: unsafe extern "C" fn(
        NetworkHandle,
        *const Request<'_>,
        *mut FailureHandle,
    ) -> TransferHandle,
    /// The head of the answer.
    pub head: unsafe extern "C" fn(TransferHandle) -> Head<'static>,
    /// Reads at most so many bytes of the body; 0 at its end.
    pub read: unsafe extern "C" fn(TransferHandle, *mut u8, usize, *mut FailureHandle) -> isize,
    pub close: unsafe extern "C" fn(TransferHandle),
    /// Looks a clip up. The flag is [`Request::live`].
    pub find_clip:
        unsafe extern "C" fn(NetworkHandle, Text<'_>, bool, *mut FailureHandle) -> ClipHandle,
    /// The title of the clip.
    pub clip_title: unsafe extern "C" fn(ClipHandle) -> Text<'static>,
    /// How many streams the clip has.
    pub clip_streams: unsafe extern "C" fn(ClipHandle) -> usize,
    /// The stream with this number, from 0, which must be less than their count.
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
    /// `Name: value` lines, each ended by `\n`.
    pub headers: Text<'a>,
    /// A file with the certificates to trust instead of the usual ones; empty for those.
    pub verify: Text<'a>,
    /// The longest wait for the next thing to happen, in milliseconds; 0 for no limit.
    pub timeout: u64,
    pub max_redirects: u32,
    /// Whether to use the internet, and not the class network.
    pub live: bool,
}

/// The head of an answer.
#[repr(C)]
pub struct Head<'a> {
    /// The URL after redirects.
    pub url: Text<'a>,
    /// As [`Request::headers`], with the names in small letters.
    pub headers: Text<'a>,
    pub status: u16,
}

/// One of the files that a clip can be had as.
#[repr(C)]
pub struct Stream<'a> {
    pub itag: Text<'a>,
    pub url: Text<'a>,
    /// As [`Request::headers`]: what must be sent to get the stream.
    pub headers: Text<'a>,
    /// Such as `mp4`.
    pub extension: Text<'a>,
    /// Such as `360p`; empty if it is not known.
    pub resolution: Text<'a>,
    /// In bytes.
    pub size: u64,
    pub has_video: bool,
    pub has_audio: bool,
}

/// What kind of failure it is.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A URL, a header or a file of certificates that cannot be used.
    Invalid,
    /// The class network has no such page or clip.
    NotInClass,
    /// No address was found for the name.
    Dns,
    /// Nothing listens at the address.
    Refused,
    /// The connection could not be made for another reason.
    Connect,
    /// The server could not show that it is the one that was asked for.
    Tls,
    Timeout,
    TooManyRedirects,
    /// The connection ended too early, or what came is no HTTP.
    Broken,
    /// yt-dlp is missing, or found nothing.
    YtDlp,
    /// A fault of this library.
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
