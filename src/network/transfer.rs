//! Requests and their responses: safe wrappers of the library's functions.

use std::ptr::null_mut;
use std::time::Duration;
use threadbook_network::interface::{self, TransferHandle};

use super::failure::Failure;
use super::library::Library;
use super::selection::Network;

/// A request with the method GET.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) network: Network,
    /// `Name: value` lines, each terminated by `\n`.
    pub(crate) headers: String,
    /// A file with the certificates to trust instead of the usual ones; empty for the usual ones.
    pub(crate) verify: String,
    /// The longest wait for progress.
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_redirects: u32,
}

/// A response whose body is being read. Its connection is closed when it is dropped.
pub(crate) struct Transfer {
    library: Library,
    handle: TransferHandle,
}

impl Transfer {
    /// Sends a request, follows redirects, and waits for the head of the response.
    pub(crate) fn open(url: &str, request: &Request) -> Result<Transfer, Failure> {
        let library = Library::get()?;
        // A limit below a millisecond is still a limit.
        let milliseconds =
            |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX).max(1);
        let request = interface::Request {
            url: url.into(),
            headers: (&*request.headers).into(),
            verify: (&*request.verify).into(),
            timeout: request.timeout.map_or(0, milliseconds),
            max_redirects: request.max_redirects,
            live: request.network == Network::Live,
        };
        let mut failure = null_mut();
        // SAFETY: the handle is this process's own; the request and the out parameter live during the call.
        let handle = unsafe {
            (library.functions.open)(library.network, &raw const request, &raw mut failure)
        };
        if handle.is_null() {
            return Err(Failure::take(library.functions, failure));
        }
        Ok(Transfer { library, handle })
    }

    /// Returns the status.
    pub(crate) fn status(&self) -> u16 {
        self.head().status
    }

    /// Returns the URL after redirects.
    pub(crate) fn url(&self) -> &str {
        self.head().url.as_str()
    }

    /// Returns `name: value` lines with the names in lower case.
    pub(crate) fn headers(&self) -> &str {
        self.head().headers.as_str()
    }

    /// Returns the value of a header, whose name is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Reads some of the body; returns 0 at its end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Failure> {
        let mut failure = null_mut();
        // SAFETY: the handle is open, `&mut self` excludes other threads, and pointer and length are those of the
        // buffer.
        let count = unsafe {
            (self.library.functions.read)(
                self.handle,
                buffer.as_mut_ptr(),
                buffer.len(),
                &raw mut failure,
            )
        };
        usize::try_from(count).map_err(|_| Failure::take(self.library.functions, failure))
    }

    fn head(&self) -> interface::Head<'_> {
        // SAFETY: the handle is open; the texts live as long as it, and are not used longer than `self` is borrowed.
        unsafe { (self.library.functions.head)(self.handle) }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        // SAFETY: the handle is open and not used after this.
        unsafe { (self.library.functions.close)(self.handle) };
    }
}
