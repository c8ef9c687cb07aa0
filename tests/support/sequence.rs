//! Executes sequences of cells, each in its own kernel.

use super::notebook::{self, Cell};
use super::run;
use super::sandbox::{BOUND, Sandbox};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many kernels run at the same time.
const KERNELS: usize = 2;

/// Executes cells with these sources one after the other and continues after a failure.
pub fn execute<'a>(sandbox: &Sandbox, sources: impl IntoIterator<Item = &'a str>) -> Vec<Cell> {
    let path = sandbox.work().join("sequence.ipynb");
    let cells: Vec<(String, &str)> = sources
        .into_iter()
        .enumerate()
        .map(|(index, source)| (format!("c{index}"), source))
        .collect();
    let cells = cells.iter().map(|(id, source)| (id.as_str(), *source));
    notebook::write(&path, &notebook::of(cells));
    let mut command = sandbox.threadbook();
    command.args(["run", "sequence.ipynb", "--in-place", "--allow-errors"]);
    run::to_end(&mut command, BOUND);
    notebook::code_cells(&notebook::read(&path))
}

/// Checks all cases, [`KERNELS`] at a time. `check` returns the problem with a case; all problems are reported at once.
#[track_caller]
pub fn check_all<T: Sync>(cases: &[T], check: impl Fn(&T) -> Option<String> + Sync) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..KERNELS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(case);
                    wrong
                        .lock()
                        .expect("no other thread has failed")
                        .extend(found);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread has failed");
    assert!(
        wrong.is_empty(),
        "{} of {} cases failed:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
}
