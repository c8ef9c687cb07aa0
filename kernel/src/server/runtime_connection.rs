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
        self.ask(RuntimeRequest::Sync)
    }

    /// Asks what the threads of the running cell wait for. The returned channel closes when the answer is there.
    pub fn ask_waiting(&self) -> Option<oneshot::Receiver<()>> {
        self.ask(RuntimeRequest::Waiting)
    }

    fn ask(&self, request: RuntimeRequest) -> Option<oneshot::Receiver<()>> {
        let (done, answered) = oneshot::channel();
        self.requests.send((request, Some(done))).ok()?;
        Some(answered)
    }
}
