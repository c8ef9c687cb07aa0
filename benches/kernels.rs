//! Measures the time and memory of cells in this kernel, stock evcxr_jupyter and ipykernel.
//!
//! `cargo bench` starts the three in turn and prints one table, then one about crates, one about watched cells, and one about explored
//! cells (with the argument `crates`, `watch` or `explore`, only that one). Figures can be compared within one table, not between machines.

mod crates;
mod explore;
mod goals;
mod kernel;
mod session;
mod table;
mod watch;

use kernel::Kernel;
use session::Session;
use support::sandbox::Sandbox;
use support::venv::Venv;

/// The number of launches of each kernel; cells run in the last session.
const LAUNCHES: usize = 3;

fn main() {
    // With Jupyter's argument, this program is the stock kernel. The stock kernel starts its own program again, as the
    // runtime of cells and as a wrapper around rustc; environment variables say which.
    evcxr::runtime_hook();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if arguments
        .first()
        .is_some_and(|argument| argument == kernel::STOCK_ARGUMENT)
    {
        if let Err(error) = evcxr_jupyter::main() {
            eprintln!("the stock kernel: {error:#}");
            std::process::exit(1);
        }
        return;
    }
    // `cargo bench` passes it; `cargo test --all-targets` runs this program too, but should not run the benchmark.
    if arguments.iter().any(|argument| argument == "--bench") {
        let only = |part: &str| arguments.iter().any(|argument| argument == part);
        let all = !["crates", "watch", "explore"].into_iter().any(only);
        if all {
            compare();
        }
        if all || only("crates") {
            crates::compare(&Venv::open());
        }
        if all || only("watch") {
            watch::compare(&Venv::open());
        }
        if all || only("explore") {
            explore::measure(&Venv::open());
        }
    }
}

/// Launches `count` kernels at once; prints when the last has finished its setup, and their memory.
fn several(venv: &Venv, sandbox: &Sandbox, kernel: &Kernel, count: usize) {
    let sessions: Vec<Session> = std::thread::scope(|scope| {
        let hold = || session::hold(venv, sandbox, kernel, 0);
        let held: Vec<_> = (0..count).map(|_| scope.spawn(hold)).collect();
        let ended = held
            .into_iter()
            .map(|session| session.join().expect("a session"));
        ended.collect()
    });
    let slowest = sessions
        .iter()
        .map(|session| session.setup)
        .fold(0.0, f64::max);
    let memory: u64 = sessions.iter().map(Session::memory).sum();
    println!(
        "{count} at once: setup done after {slowest:.3} s, {} MB each",
        memory / 1_000_000 / count as u64
    );
}

fn compare() {
    let venv = Venv::open();
    let sandbox = Sandbox::new();
    let kernels = Kernel::all(&venv);
    let sessions: Vec<Vec<Session>> = kernels
        .iter()
        .map(|kernel| {
            eprintln!(
                "{}: first launch, which may build missing parts",
                kernel.name
            );
            session::hold(&venv, &sandbox, kernel, 0);
            eprintln!("{}: {LAUNCHES} measured launches", kernel.name);
            (1..=LAUNCHES)
                .map(|launch| {
                    let runs = if launch == LAUNCHES { session::RUNS } else { 0 };
                    session::hold(&venv, &sandbox, kernel, runs)
                })
                .collect()
        })
        .collect();
    table::print(&kernels, &sessions);
    goals::print(&sessions[0], &sessions[1]);
    println!();
    for count in [1, 2, 4, 8] {
        several(&venv, &sandbox, &kernels[0], count);
    }
    println!();
}
