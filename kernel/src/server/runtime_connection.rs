//! The sending side of a runtime's connection.

use crate::ipc::RuntimeRequest;
use tokio::sync::{mpsc, oneshot};

/// A connected runtime.
pub struct Runtime {
    pub pid: u32,
    pub requests: mpsc::UnboundedSender<(RuntimeRequest, Option<oneshot::Sender<()>>)>,
}

impl Runtime {
    /// Asks for everything written so far. The returned channel closes when the runtime has answered
    /// or has ended; in both cases all its output has been read.
    pub fn ask_to_sync(&self) -> Option<oneshot::Receiver<()>> {
        let (done, synced) = oneshot::channel();
        let request = (RuntimeRequest::Sync, Some(done));
        self.requests.send(request).ok()?;
        Some(synced)
    }
}
