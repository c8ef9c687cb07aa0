//! A connection to a runtime, as those see it who ask something of the runtime.

use crate::ipc::RuntimeRequest;
use tokio::sync::{mpsc, oneshot};

/// A runtime that is connected.
pub struct Runtime {
    pub pid: u32,
    pub requests: mpsc::UnboundedSender<(RuntimeRequest, Option<oneshot::Sender<()>>)>,
}

impl Runtime {
    /// Asks for all that was written so far. The answer comes as the end of the channel, as does
    /// the end of the runtime: in both cases all that was written has been read.
    pub fn ask_to_sync(&self) -> Option<oneshot::Receiver<()>> {
        let (done, synced) = oneshot::channel();
        let request = (RuntimeRequest::Sync, Some(done));
        self.requests.send(request).ok()?;
        Some(synced)
    }
}
