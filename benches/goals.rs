//! The performance goals of this kernel, on a current and otherwise idle machine.

use crate::kernel::CELLS;
use crate::session::{Session, median};

/// The index of the `let` in [`CELLS`].
const LET: usize = 2;

/// In seconds from launch.
const KERNEL_INFO: f64 = 0.05;
/// In seconds from launch.
const SETUP: f64 = 0.2;
/// A first `let`, in seconds.
const FIRST_LET: f64 = 0.3;
/// A new cell, in seconds, and as a multiple of the time of rustc and its linker.
const CELL: f64 = 0.2;
const OVERHEAD: f64 = 1.25;
/// A cell that ran before in the same state, in seconds, without its own run time.
const AGAIN: f64 = 0.03;
/// One of the last of many cells that define functions, as a multiple of one of the first.
const GROWTH: f64 = 1.5;
/// A completion once the library is loaded, in seconds.
const COMPLETION: f64 = 0.2;
/// The memory of all processes after all notebooks, in bytes.
const MEMORY: u64 = 60_000_000;

/// Prints each goal and whether it was met.
pub fn print(ours: &[Session], stock: &[Session]) {
    println!();
    let of = |figure: fn(&Session) -> f64| median(ours.iter().map(figure));
    report(
        &format!("kernel_info_reply within {KERNEL_INFO} s of launch"),
        of(|session| session.kernel_info).is_some_and(|seconds| seconds <= KERNEL_INFO),
    );
    report(
        &format!("end of setup within {SETUP} s of launch"),
        of(|session| session.setup).is_some_and(|seconds| seconds <= SETUP),
    );
    report(
        "every warm cell faster than in the stock kernel",
        (0..CELLS.len()).all(|cell| {
            let [ours, stock] =
                [ours, stock].map(|sessions| sessions.last().and_then(|last| last.cell(cell)));
            ours.zip(stock).is_some_and(|(ours, stock)| ours < stock)
        }),
    );
    let Some(last) = ours.last() else { return };
    let cells = || (0..CELLS.len()).filter_map(|cell| last.cell(cell));
    report(
        &format!("the first let within {FIRST_LET} s"),
        last.first[LET] <= FIRST_LET,
    );
    report(
        &format!("every new cell within {CELL} s"),
        cells().all(|seconds| seconds <= CELL),
    );
    report(
        &format!("every new cell within {OVERHEAD} times its rustc and linker, plus its own run"),
        without_run(&last.cells, &last.ran)
            .zip(&last.compiled)
            .all(|(seconds, compiled)| {
                median(compiled.iter().copied()).is_some_and(|rustc| seconds <= OVERHEAD * rustc)
            }),
    );
    report(
        &format!("every cell that ran before within {AGAIN} s plus its own run"),
        without_run(&last.again, &last.again_ran).all(|seconds| seconds <= AGAIN),
    );
    report(
        &format!("a warm completion within {COMPLETION} s"),
        median(last.completions.iter().copied()).is_some_and(|seconds| seconds <= COMPLETION),
    );
    let of = |range| median(last.functions.get(range).into_iter().flatten().copied());
    report(
        &format!("cell 200 within {GROWTH} times cell 20"),
        of(15..25)
            .zip(of(190..200))
            .is_some_and(|(early, late)| late <= GROWTH * early),
    );
    let Some(course) = &last.course else { return };
    report(
        &format!("memory below {} MB after all notebooks", MEMORY / 1_000_000),
        course.memory() < MEMORY,
    );
    println!(
        "\nAll notebooks in one kernel: {:.1} s from launch to end, {} MB",
        course.seconds,
        course.memory() / 1_000_000
    );
}

/// Returns the medians, in seconds, of `runs` minus the cells' `own` run times.
fn without_run<'a>(runs: &'a [Vec<f64>], own: &'a [Vec<f64>]) -> impl Iterator<Item = f64> + 'a {
    runs.iter()
        .zip(own)
        .filter_map(|(runs, own)| median(runs.iter().zip(own).map(|(whole, own)| whole - own)))
}

fn report(goal: &str, met: bool) {
    println!("{:6}  {goal}", if met { "met" } else { "missed" });
}
