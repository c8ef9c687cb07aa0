//! What this kernel is to reach on a present-day machine that does nothing else.

use crate::kernel::CELLS;
use crate::session::{Role, Session, median};

/// In seconds from launch.
const KERNEL_INFO: f64 = 0.2;
/// In seconds from launch.
const SETUP: f64 = 1.5;
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
    let engine = ours.last().and_then(|last| last.resident_of(Role::Engine));
    tell(
        &format!("engine memory below {} MB", ENGINE / 1_000_000),
        engine.is_some_and(|bytes| bytes < ENGINE),
    );
}

fn tell(goal: &str, met: bool) {
    println!("{:6}  {goal}", if met { "met" } else { "missed" });
}
