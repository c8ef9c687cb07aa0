//! The thread that carries what cells write to the kernel, as the rest of the runtime sees it.

use super::carrier::Carrier;
use super::limits;
use super::orders::{Order, Question};
use super::outlet::Intake;
use super::plumbing::{Plumbing, Private};
use crate::ipc::RuntimeReply;
use anyhow::{Context, Result};
use crossbeam_channel::{Sender, bounded, unbounded};
use std::io::{self, PipeWriter, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Gives the thread orders.
#[derive(Clone)]
pub struct Pump {
    orders: Sender<Order>,
    bell: Arc<PipeWriter>,
    _private: Arc<Private>,
}

impl Pump {
    pub fn start(plumbing: &Plumbing, kernel: UnixStream) -> Result<Pump> {
        let (orders, inbox) = unbounded();
        let (ring, bell) = io::pipe()?;
        let private = Private::keep(&bell);
        let carrier = Carrier::new(plumbing, kernel, inbox, ring)?;
        std::thread::Builder::new()
            .name("threadbook-output".to_owned())
            .spawn(move || {
                // Without a kernel or an engine there is nobody to run cells for.
                if let Err(error) = carrier.carry() {
                    tracing::debug!("output: {error:#}");
                }
                // SAFETY: ends this process, a cell in hand and all that it started: the group
                // that this process leads.
                unsafe { libc::kill(0, libc::SIGKILL) };
            })
            .context("cannot start the output thread")?;
        Ok(Pump {
            orders,
            bell: Arc::new(bell),
            _private: Arc::new(private),
        })
    }

    /// Carries what comes out of a cell from now on.
    pub fn begin(&self, intake: Intake) {
        let limit = limits::output();
        self.order(Order::Begin { intake, limit });
    }

    /// Sends a frame in order with the output before it.
    pub fn send(&self, reply: RuntimeReply) {
        self.order(Order::Send(reply));
    }

    /// Waits until everything that was written has been handed over.
    pub fn drain(&self) {
        let (done, wait) = bounded(1);
        self.order(Order::Drain(done));
        // An error means that the thread has ended, and with it the process.
        let _ = wait.recv();
    }

    /// Asks the user for a line; `None` when nobody can be asked.
    pub fn ask(&self, question: Question) -> Option<String> {
        let (answer, wait) = bounded(1);
        self.order(Order::Ask { question, answer });
        wait.recv().ok().flatten()
    }

    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
        let _ = (&*self.bell).write_all(&[1]);
    }
}
