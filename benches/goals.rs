//! What this kernel is to reach on a present-day machine that does nothing else.

use crate::kernel::CELLS;
use crate::session::{Role, Session, median};

/// Which of the [`CELLS`] is a `let`.
const LET: usize = 2;

/// In seconds from launch.
const KERNEL_INFO: f64 = 0.05;
/// In seconds from launch.
const SETUP: f64 = 0.7;
/// A first `let`, in seconds.
const FIRST_LET: f64 = 0.3;
/// A cell that is new, in seconds, and to what rustc and its linker take of that.
const CELL: f64 = 0.2;
const OVERHEAD: f64 = 1.25;
/// A cell that ran before in the same state, in seconds with its own run.
const AGAIN: f64 = 0.03;
/// The last of many cells with a function each, to one of the first.
const GROWTH: f64 = 1.5;
/// In bytes.
const ENGINE: u64 = 60_000_000;

/// Prints each goal, and whether it was met.
pub fn print(ours: &[Session], stock: &[Session]) {
    println!();
    let of = |figure: fn(&Session) -> f64| median(ours.iter().map(figure));
    tell(
        &format!("kernel_info_reply within {KERNEL_INFO} s of launch"),
        of(|session| session.kernel_info).is_some_and(|seconds| seconds <= KERNEL_INFO),
    );
    tell(
        &format!("end of setup within {SETUP} s of launch"),
        of(|session| session.setup).is_some_and(|seconds| seconds <= SETUP),
    );
    tell(
        "every warm cell faster than in the stock kernel",
        (0..CELLS.len()).all(|cell| {
            let [ours, stock] =
                [ours, stock].map(|sessions| sessions.last().and_then(|last| last.cell(cell)));
            ours.zip(stock).is_some_and(|(ours, stock)| ours < stock)
        }),
    );
    let Some(last) = ours.last() else { return };
    let cells = || (0..CELLS.len()).filter_map(|cell| last.cell(cell));
    tell(
        &format!("the first let within {FIRST_LET} s"),
        last.first[LET] <= FIRST_LET,
    );
    tell(
        &format!("every new cell within {CELL} s"),
        cells().all(|seconds| seconds <= CELL),
    );
    tell(
        &format!("every new cell within {OVERHEAD} times of its rustc and linker"),
        cells().zip(&last.compiled).all(|(seconds, compiled)| {
            median(compiled.iter().copied()).is_some_and(|rustc| seconds <= OVERHEAD * rustc)
        }),
    );
    // A5 counts to half a million by itself.
    let again = last.again.iter().map(|runs| median(runs.iter().copied()));
    tell(
        &format!("every cell that ran before within {AGAIN} s"),
        again.flatten().all(|seconds| seconds <= AGAIN),
    );
    let of = |range| median(last.functions.get(range).into_iter().flatten().copied());
    tell(
        &format!("cell 200 within {GROWTH} times of cell 20"),
        of(15..25)
            .zip(of(190..200))
            .is_some_and(|(early, late)| late <= GROWTH * early),
    );
    let engine = ours.last().and_then(|last| last.resident_of(Role::Engine));
    tell(
        &format!("engine memory below {} MB", ENGINE / 1_000_000),
        engine.is_some_and(|bytes| bytes < ENGINE),
    );
}

fn tell(goal: &str, met: bool) {
    println!("{:6}  {goal}", if met { "met" } else { "missed" });
}
