//! Implements the functions of [`interface`](crate::interface).

use crate::client::Network;
use crate::clip::Clip;
use crate::clip_lookup;
use crate::failure::Failure;
use crate::interface::{
    ClipHandle, FailureHandle, Functions, Head, Kind, NetworkHandle, Request, Stream, Text,
    TransferHandle, VERSION,
};
use crate::settings::Settings;
use crate::transfer::Transfer;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null_mut;
use std::time::Duration;

static FUNCTIONS: Functions = Functions {
    version: VERSION,
    start,
    open,
    head,
    read,
    close: close::<Transfer>,
    find_clip,
    clip_title,
    clip_streams,
    clip_stream,
    close_clip: close::<Clip>,
    failure_kind,
    failure_message,
    close_failure: close::<Failure>,
};

/// Returns the functions of this library, for a program that links it.
pub fn functions() -> &'static Functions {
    threadbook_network_functions()
}

/// Returns the functions of this library, for a program that loads it.
// SAFETY: no other library has a symbol of this name.
#[unsafe(no_mangle)]
extern "C" fn threadbook_network_functions() -> &'static Functions {
    &FUNCTIONS
}

extern "C" fn start() -> NetworkHandle {
    Box::into_raw(Box::new(Network::default())).cast()
}

unsafe extern "C" fn open(
    network: NetworkHandle,
    request: *const Request<'_>,
    failure: *mut FailureHandle,
) -> TransferHandle {
    // SAFETY: the caller passes a handle from `start`, which is never closed and may be shared, and a live request.
    let (network, request) = unsafe { (&*network.cast::<Network>(), &*request) };
    let opened = catch(|| {
        let settings = Settings {
            live: request.live,
            verify: request.verify.as_str().to_owned(),
            timeout: (request.timeout > 0).then(|| Duration::from_millis(request.timeout)),
            max_redirects: request.max_redirects,
        };
        network.open(request.url.as_str(), request.headers.as_str(), settings)
    });
    // SAFETY: the caller passes a pointer to which a failure can be written.
    unsafe { handle_or_failure(opened, failure) }
}

unsafe extern "C" fn head(transfer: TransferHandle) -> Head<'static> {
    // SAFETY: the caller passes an open handle from `open`, and does not use the texts after closing it.
    unsafe { &*transfer.cast::<Transfer>() }.head()
}

unsafe extern "C" fn read(
    transfer: TransferHandle,
    buffer: *mut u8,
    length: usize,
    failure: *mut FailureHandle,
) -> isize {
    // SAFETY: the caller passes an open handle from `open` that no other thread uses now, and an initialized buffer of
    // this length.
    let (transfer, buffer) = unsafe {
        (
            &mut *transfer.cast::<Transfer>(),
            std::slice::from_raw_parts_mut(buffer, length),
        )
    };
    match catch(|| transfer.read(buffer)) {
        Ok(count) => count as isize,
        Err(error) => {
            // SAFETY: the caller passes a pointer to which a failure can be written.
            unsafe { *failure = into_handle(error) };
            -1
        }
    }
}

unsafe extern "C" fn find_clip(
    network: NetworkHandle,
    url: Text<'_>,
    live: bool,
    failure: *mut FailureHandle,
) -> ClipHandle {
    // SAFETY: the caller passes a handle from `start`, which is never closed and may be shared.
    let network = unsafe { &*network.cast::<Network>() };
    let found = catch(|| clip_lookup::find(network, url.as_str(), live));
    // SAFETY: the caller passes a pointer to which a failure can be written.
    unsafe { handle_or_failure(found, failure) }
}

unsafe extern "C" fn clip_title(clip: ClipHandle) -> Text<'static> {
    // SAFETY: the caller passes an open handle from `find_clip`, and does not use the text after closing it.
    unsafe { &*clip.cast::<Clip>() }.title.as_str().into()
}

unsafe extern "C" fn clip_streams(clip: ClipHandle) -> usize {
    // SAFETY: the caller passes an open handle from `find_clip`.
    unsafe { &*clip.cast::<Clip>() }.streams.len()
}

unsafe extern "C" fn clip_stream(clip: ClipHandle, number: usize) -> Stream<'static> {
    // SAFETY: the caller passes an open handle from `find_clip`, and does not use the texts after closing it.
    let clip: &'static Clip = unsafe { &*clip.cast::<Clip>() };
    clip.streams[number].view()
}

unsafe extern "C" fn failure_kind(failure: FailureHandle) -> Kind {
    // SAFETY: the caller passes an open handle that one of these functions wrote as a failure.
    unsafe { &*failure.cast::<Failure>() }.kind
}

unsafe extern "C" fn failure_message(failure: FailureHandle) -> Text<'static> {
    // SAFETY: as in `failure_kind`, and the caller does not use the text after closing the handle.
    unsafe { &*failure.cast::<Failure>() }
        .message
        .as_str()
        .into()
}

unsafe extern "C" fn close<T>(handle: *mut std::ffi::c_void) {
    // SAFETY: the caller passes an open handle to a `T` and does not use it afterwards.
    let value = unsafe { Box::from_raw(handle.cast::<T>()) };
    // A panic cannot be reported here.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

/// Calls `work` and turns a panic into a failure.
fn catch<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Failure::new(
            Kind::Internal,
            format!("internal error in the network library: {message}"),
        ))
    })
}

/// Returns a handle to the value; or writes the error to `failure` and returns null.
///
/// # Safety
/// `failure` can be written to.
unsafe fn handle_or_failure<T>(
    result: Result<T, Failure>,
    failure: *mut FailureHandle,
) -> *mut std::ffi::c_void {
    match result {
        Ok(value) => into_handle(value),
        Err(error) => {
            // SAFETY: guaranteed by the caller.
            unsafe { *failure = into_handle(error) };
            null_mut()
        }
    }
}

/// Returns a handle to close by [`close`] with the same `T`.
fn into_handle<T>(value: T) -> *mut std::ffi::c_void {
    Box::into_raw(Box::new(value)).cast()
}
