//! The functions of [`interface`](crate::interface).

use crate::client::Network;
use crate::clip::Clip;
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

/// The functions of this library, for a program that it is linked into.
pub fn functions() -> &'static Functions {
    threadbook_network_functions()
}

/// The functions of this library, for a program that loads it.
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
    // SAFETY: the caller passes a place for a failure.
    unsafe { hand_out(opened, failure) }
}

unsafe extern "C" fn head(transfer: TransferHandle) -> Head<'static> {
    // SAFETY: the caller passes an open handle from `open`, and uses the texts no longer than that.
    unsafe { &*transfer.cast::<Transfer>() }.head()
}

unsafe extern "C" fn read(
    transfer: TransferHandle,
    buffer: *mut u8,
    length: usize,
    failure: *mut FailureHandle,
) -> isize {
    // SAFETY: the caller passes an open handle from `open` that no other thread uses now, and a buffer of this length that
    // holds bytes of some value.
    let (transfer, buffer) = unsafe {
        (
            &mut *transfer.cast::<Transfer>(),
            std::slice::from_raw_parts_mut(buffer, length),
        )
    };
    match catch(|| transfer.read(buffer)) {
        Ok(count) => count as isize,
        Err(error) => {
            // SAFETY: the caller passes a place for a failure.
            unsafe { *failure = own(error) };
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
    let found = catch(|| network.find_clip(url.as_str(), live));
    // SAFETY: the caller passes a place for a failure.
    unsafe { hand_out(found, failure) }
}

unsafe extern "C" fn clip_title(clip: ClipHandle) -> Text<'static> {
    // SAFETY: the caller passes an open handle from `find_clip`, and uses the text no longer than that.
    unsafe { &*clip.cast::<Clip>() }.title.as_str().into()
}

unsafe extern "C" fn clip_streams(clip: ClipHandle) -> usize {
    // SAFETY: the caller passes an open handle from `find_clip`.
    unsafe { &*clip.cast::<Clip>() }.streams.len()
}

unsafe extern "C" fn clip_stream(clip: ClipHandle, number: usize) -> Stream<'static> {
    // SAFETY: the caller passes an open handle from `find_clip`, and uses the texts no longer than that.
    let clip: &'static Clip = unsafe { &*clip.cast::<Clip>() };
    clip.streams[number].view()
}

unsafe extern "C" fn failure_kind(failure: FailureHandle) -> Kind {
    // SAFETY: the caller passes an open handle that one of these functions gave as a failure.
    unsafe { &*failure.cast::<Failure>() }.kind
}

unsafe extern "C" fn failure_message(failure: FailureHandle) -> Text<'static> {
    // SAFETY: as in `failure_kind`, and the caller uses the text no longer than the handle.
    unsafe { &*failure.cast::<Failure>() }
        .message
        .as_str()
        .into()
}

unsafe extern "C" fn close<T>(handle: *mut std::ffi::c_void) {
    // SAFETY: the caller passes an open handle to a `T` that it uses no more.
    let value = unsafe { Box::from_raw(handle.cast::<T>()) };
    // There is nowhere to report a panic.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(value)));
}

/// Calls `work`; a panic in it becomes a failure.
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

/// # Safety
/// `failure` can be written to.
unsafe fn hand_out<T>(
    result: Result<T, Failure>,
    failure: *mut FailureHandle,
) -> *mut std::ffi::c_void {
    match result {
        Ok(value) => own(value),
        Err(error) => {
            // SAFETY: the caller answers for it.
            unsafe { *failure = own(error) };
            null_mut()
        }
    }
}

/// Returns a handle, which must be passed to [`close`] with the same `T`.
fn own<T>(value: T) -> *mut std::ffi::c_void {
    Box::into_raw(Box::new(value)).cast()
}
