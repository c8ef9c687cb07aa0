//! A long day in class: memory and descriptors level off over many cells, interrupts and restarts.

use std::fs;
use std::time::Duration;
use support::kernel::{Kernel, setup};
use support::process::{self, Process};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

const CELLS: usize = 1000;
const INTERRUPTS: usize = 200;
const RESTARTS: usize = 100;

/// Memory that the loaded code of a cell may take in the runtime and its copy, in bytes.
const MAX_CELL_BYTES: u64 = 100 << 10;

/// The resources of a kernel and its descendants.
#[derive(Clone, Copy, Debug)]
struct Resources {
    /// Resident memory of the kernel and the engine, in bytes.
    memory: u64,
    /// Resident memory of the runtime and its copy, in bytes. The code of every cell stays loaded, since threads and
    /// variables may need it.
    code: u64,
    descriptors: usize,
    processes: usize,
}

#[test]
fn resources_level_off_over_a_thousand_cells() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = start(&sandbox);
    let mut seen = Vec::new();
    for n in 0..CELLS {
        let cell = match n % 5 {
            0 => format!("sum += {n};"),
            1 => format!("println!(\"{n}\");"),
            2 => format!("fn square() -> usize {{ {n} * {n} }}\nsquare()"),
            3 => format!("let v{} = vec![{n}; 10];", n % 20),
            _ => {
                "let mut p = Process::new(|| print!(\".\"));\np.start().unwrap();\np.join().unwrap();"
                    .to_owned()
            }
        };
        kernel.execute(&cell).ok();
        if n % 200 == 199 {
            seen.push(resources(kernel.pid));
        }
    }
    let sum: usize = (0..CELLS).step_by(5).sum();
    assert_eq!(
        kernel.execute("sum").ok().result(),
        Some(sum.to_string().as_str())
    );
    println!("after each 200 cells: {seen:#?}");
    check_level(seen[0], seen[4], CELLS * 4 / 5);
}

#[test]
fn resources_level_off_over_two_hundred_interrupts() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = start(&sandbox);
    kernel.execute("sum += 42;").ok();
    let mut seen = Vec::new();
    for n in 0..INTERRUPTS {
        let request = kernel.begin("println!(\"started\");\nloop { std::hint::spin_loop(); }");
        kernel.until_shown(&request, "started\n");
        kernel.interrupt();
        kernel.finish(&request, Duration::from_secs(10)).error();
        if n % 50 == 49 {
            seen.push(resources(kernel.pid));
        }
    }
    println!("after each 50 interrupts: {seen:#?}");
    check_level(seen[0], seen[3], INTERRUPTS * 3 / 4);
    assert_eq!(kernel.execute("sum").ok().result(), Some("42"));
}

/// Starts a kernel with the helper crate and a variable.
fn start(sandbox: &Sandbox) -> Kernel {
    let mut kernel = Kernel::start(&Venv::open(), sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute("let mut sum = 0_u64;").ok();
    kernel
}

#[test]
fn a_hundred_restarts_leave_nothing_behind() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut seen = Vec::new();
    for n in 0..RESTARTS {
        let mut kernel = Kernel::start(&venv, &sandbox);
        kernel.execute("1 + 1").ok();
        if n % 25 == 24 {
            seen.push(resources(kernel.pid));
        }
        kernel.request(
            "control",
            "shutdown_request",
            serde_json::json!({ "restart": true }),
        );
        assert_eq!(kernel.ended(Duration::from_secs(5)), 0);
        drop(kernel);
        let left = sandbox.processes();
        assert!(left.is_empty(), "restart {n} left {left:#?}");
    }
    println!("in each 25th kernel: {seen:#?}");
    check_level(seen[0], seen[3], 0);
    let entries = |folder: &std::path::Path| {
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        names.map(|entry| entry.file_name()).collect::<Vec<_>>()
    };
    let left = entries(sandbox.cache());
    assert!(
        left.len() < 10,
        "{RESTARTS} kernels left in the cache: {left:?}"
    );
}

/// Checks that there is about as much `after` as `before`, except for the code of the cells in between.
#[track_caller]
fn check_level(before: Resources, after: Resources, cells: usize) {
    let more = after.memory.saturating_sub(before.memory);
    assert!(more < before.memory / 4, "from {before:?} to {after:?}");
    let more = after.code.saturating_sub(before.code);
    assert!(
        more < cells as u64 * MAX_CELL_BYTES + (4 << 20),
        "from {before:?} to {after:?}"
    );
    assert!(
        after.descriptors <= before.descriptors + 8,
        "from {before:?} to {after:?}"
    );
    assert!(
        after.processes <= before.processes + 1,
        "from {before:?} to {after:?}"
    );
}

fn resources(kernel: u32) -> Resources {
    let processes = process_tree(kernel);
    let is_service = |process: &&Process| {
        let argument = process.arguments.get(1);
        argument.is_some_and(|argument| ["kernel", "engine"].contains(&argument.as_str()))
    };
    let memory = processes.iter().filter(is_service).map(resident).sum();
    Resources {
        memory,
        code: processes.iter().map(resident).sum::<u64>() - memory,
        descriptors: processes
            .iter()
            .map(|process| {
                fs::read_dir(format!("/proc/{}/fd", process.id)).map_or(0, Iterator::count)
            })
            .sum(),
        processes: processes.len(),
    }
}

/// Returns a process and its descendants.
fn process_tree(root: u32) -> Vec<Process> {
    let all = process::all();
    let mut found: Vec<Process> = all
        .iter()
        .filter(|process| process.id == root)
        .cloned()
        .collect();
    let mut next = 0;
    while let Some(parent) = found.get(next).map(|process| process.id) {
        let children = all
            .iter()
            .filter(|process| process.parent() == Some(parent));
        found.extend(children.cloned());
        next += 1;
    }
    found
}

fn resident(process: &Process) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id)).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
