//! Runs several notebooks, a limited number at a time, each in its own kernel.

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio::sync::Semaphore;

use super::execution::{Execution, execute};
use super::limits::Limits;
use super::progress::Progress;
use super::stop::Stop;
use super::targets::Job;
use crate::jupyter::spec::Kernel;

/// How to run the notebooks.
pub struct Batch<'a> {
    /// The kernel to start for each.
    pub kernel: &'a Kernel,
    /// The limits of each.
    pub limits: Limits,
    /// How many run at the same time.
    pub jobs: usize,
    /// Once requested, no further notebook starts.
    pub stop: Stop,
}

/// The result of a notebook.
pub struct FinishedNotebook<T> {
    /// The result in one line.
    pub summary: String,
    /// The full result.
    pub value: T,
}

impl Batch<'_> {
    /// Runs the notebooks. Calls `finish` for each as soon as it has ended, and `tell` with each result in the order of
    /// the notebooks. Returns the results in the same order, without those of notebooks that had not started when the
    /// user stopped the run.
    pub async fn run<T>(
        &self,
        jobs: &mut [Job],
        finish: impl Fn(&mut Job, Execution) -> FinishedNotebook<T>,
        tell: impl Fn(&T),
    ) -> Vec<T> {
        let bars = Progress::on_stderr();
        // Tokio's semaphore is fair, so notebooks start in order.
        let slots = Semaphore::new(self.jobs.max(1));
        let one = async |job: &mut Job| {
            let _slot = slots.acquire().await.ok()?;
            if self.stop.is_requested() {
                return None;
            }
            let progress = bars.notebook(&job.source, job.cells.len());
            let execution =
                execute(job, self.kernel, self.limits, self.stop.clone(), &progress).await;
            let is_finished = matches!(execution.ending, super::Ending::Finished);
            let done = finish(job, execution);
            progress.finish(is_finished, &done.summary);
            Some((progress, done))
        };
        let mut ended: FuturesOrdered<_> = jobs.iter_mut().map(one).collect();
        let mut values = Vec::new();
        // Keeps the bars alive: a dropped bar vanishes as soon as something is printed above the others.
        let mut shown = Vec::new();
        while let Some(done) = ended.next().await {
            if let Some((progress, FinishedNotebook { summary, value })) = done {
                bars.suspended(|| {
                    progress.tell(&summary);
                    tell(&value);
                });
                values.push(value);
                shown.push(progress);
            }
        }
        values
    }
}
