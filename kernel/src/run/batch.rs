//! Several notebooks, so many at once, each in a kernel of its own.

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio::sync::Semaphore;

use super::execution::{Execution, execute};
use super::limits::Limits;
use super::progress::Progress;
use super::stop::Stop;
use super::targets::Job;
use crate::jupyter::spec::Kernel;

/// How notebooks are run.
pub struct Batch<'a> {
    /// The kernel that each is given.
    pub kernel: &'a Kernel,
    /// What each may take.
    pub limits: Limits,
    /// How many are run at the same time.
    pub at_once: usize,
    /// Keeps notebooks from being begun.
    pub stop: Stop,
}

/// What became of a notebook.
pub struct FinishedNotebook<T> {
    /// In one line.
    pub summary: String,
    /// In full.
    pub value: T,
}

impl Batch<'_> {
    /// Runs the notebooks. `finish` gets each as soon as it has ended, `tell` gets what came of it, in the order of the
    /// notebooks, and so does the list that is returned. Notebooks that were not begun when the user stopped the run are
    /// left out.
    pub async fn run<T>(
        &self,
        jobs: &mut [Job],
        finish: impl Fn(&mut Job, Execution) -> FinishedNotebook<T>,
        tell: impl Fn(&T),
    ) -> Vec<T> {
        let bars = Progress::on_stderr();
        // It is fair: the notebooks are begun in their order.
        let places = Semaphore::new(self.at_once.max(1));
        let one = async |job: &mut Job| {
            let _place = places.acquire().await.ok()?;
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
        // A bar that is dropped would vanish as soon as something is printed above the others.
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
