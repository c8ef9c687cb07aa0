//! The completion process: its speed, priority, start, replacement and exit.

use std::time::{Duration, Instant};
use support::completion::{
    WARM, complete, expect_no_completion_process, inspect, kernel, matches, process_with, warm_up,
};
use support::kernel::{BOUND, Kernel};
use support::process::{self, Process, memory};
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;

/// Asks for completions of several kinds; returns how long the slowest answer took.
#[track_caller]
fn slowest_of_many(kernel: &mut Kernel) -> Duration {
    let mut slowest = Duration::ZERO;
    for code in [
        "numbers.^",
        "shared.lo^",
        "std::^",
        "^",
        "let p = Process::new(|| {}); p.^",
        "account.de^",
    ] {
        let begin = Instant::now();
        let reply = complete(kernel, code);
        slowest = slowest.max(begin.elapsed());
        assert!(!matches(&reply).is_empty(), "{code}");
    }
    slowest
}

#[test]
fn warm_answers_are_fast_even_while_a_cell_runs() {
    need!(python, rust_src);
    let _turn = turn::alone();
    let (sandbox, mut kernel) = kernel();
    let engine = process_with(&sandbox, "engine");
    let before = memory(engine.id);
    let first = warm_up(&mut kernel);
    let completion = process_with(&sandbox, "completion");
    // The first round loads what later rounds reuse.
    slowest_of_many(&mut kernel);
    let running = kernel.begin("println!(\"running\"); loop { std::hint::spin_loop(); }");
    kernel.until_shown(&running, "running\n");
    // The best of five rounds counts: slow code is slow in every round, another program interferes only in some.
    let slowest = (0..5)
        .map(|_| slowest_of_many(&mut kernel))
        .min()
        .unwrap_or_default();
    let found = inspect(&mut kernel, "numbers.len^", 0);
    assert_eq!(found["found"], true);
    kernel.interrupt();
    kernel.finish(&running, BOUND);
    eprintln!(
        "warm after {first:?}, then at most {slowest:?} an answer; completion {} MB, engine {before} MB before and {} MB after",
        memory(completion.id),
        memory(engine.id),
    );
    assert!(slowest < WARM, "{slowest:?}");
    assert!(
        memory(engine.id) < before + 5,
        "the engine grew from {before} MB"
    );
}

/// Returns the niceness of a process's threads (proc(5)).
fn niceness(process: &Process) -> Vec<i32> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", process.id))
        .into_iter()
        .flatten();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok())
        .filter_map(|stat| stat.rsplit_once(") ")?.1.split(' ').nth(16)?.parse().ok())
        .collect()
}

#[test]
fn loading_yields_the_processor_to_cells() {
    need!(python, rust_src);
    let _turn = turn::alone();
    let (sandbox, mut kernel) = kernel();
    complete(&mut kernel, "numb^");
    let completion = process_with(&sandbox, "completion");
    let begin = Instant::now();
    while !niceness(&completion).contains(&10) {
        assert!(begin.elapsed() < BOUND, "{:?}", niceness(&completion));
        std::thread::yield_now();
    }
    let cell = kernel.execute("numbers.len()").ok();
    assert_eq!(cell.result(), Some("3"));
    // Answers are short and the user waits for them, so they have the normal priority.
    warm_up(&mut kernel);
    assert!(
        niceness(&completion).iter().any(|nice| *nice < 10),
        "{:?}",
        niceness(&completion)
    );
}

#[test]
fn a_completion_process_that_dies_is_replaced() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    for _ in 0..2 {
        let completion = process_with(&sandbox, "completion");
        let watched = process::Watched::open(completion.id);
        process::signal(completion.id, libc::SIGKILL);
        assert!(watched.ends_before(Instant::now() + BOUND));
        assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
        warm_up(&mut kernel);
        assert!(matches(&complete(&mut kernel, "account.dep^")).contains(&"deposit"));
        assert_ne!(process_with(&sandbox, "completion").id, completion.id);
    }
    assert_eq!(kernel.execute("numbers.len()").ok().result(), Some("3"));
}

#[test]
fn the_completion_process_starts_only_when_it_is_needed() {
    need!(python);
    let _turn = turn::shared();
    let (sandbox, _kernel) = kernel();
    expect_no_completion_process(&sandbox);
}

#[test]
fn an_idle_completion_process_ends() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let sandbox = Sandbox::new();
    let idle = [("THREADBOOK_COMPLETION_IDLE", "1")];
    let mut kernel = Kernel::start_with(&Venv::open(), &sandbox, &idle);
    kernel.execute("let numbers = vec![1, 2, 3];").ok();
    complete(&mut kernel, "numb^");
    let completion = process_with(&sandbox, "completion");
    let watched = process::Watched::open(completion.id);
    assert!(watched.ends_before(Instant::now() + BOUND));
    // The next request starts another process, which knows the cells.
    warm_up(&mut kernel);
    assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
}
