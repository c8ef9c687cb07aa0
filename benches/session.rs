//! A session with a kernel, from its launch to its end.

use crate::common::run;
use crate::common::sandbox::{Sandbox, root};
use crate::kernel::{Cell, Kernel};
use crate::python::Python;
use serde::{Deserialize, Serialize};
use std::fs;
use std::time::Duration;

/// How often each cell is timed.
pub const RUNS: usize = 10;

/// How many functions a long notebook has.
pub const FUNCTIONS: usize = 200;

/// A first session builds the helper crate.
const BOUND: Duration = Duration::from_secs(600);

/// What was measured. Times are in seconds.
#[derive(Deserialize)]
pub struct Session {
    pub implementation: String,
    pub version: String,
    /// From launch to the kernel_info_reply.
    pub kernel_info: f64,
    /// From launch to the end of the setup cell.
    pub setup: f64,
    /// The first run of each cell.
    pub first: Vec<f64>,
    /// The runs of each cell, as if it had been changed before each.
    pub cells: Vec<Vec<f64>>,
    /// The same without a change.
    pub again: Vec<Vec<f64>>,
    /// How much of `cells` was rustc with its linker; empty for kernels that do not tell.
    pub compiled: Vec<Vec<f64>>,
    /// How much of `cells` was the cell's own; empty for kernels that do not tell.
    pub ran: Vec<Vec<f64>>,
    /// The same of `again`.
    pub again_ran: Vec<Vec<f64>>,
    /// Until a word of the standard library is known, from the first question on; empty if it never is.
    pub learned: Vec<f64>,
    /// Answers to what code could go on with, after that.
    pub completions: Vec<f64>,
    /// Cells that define a function each, one after the other.
    pub functions: Vec<f64>,
    /// From the request to shut down to the end.
    pub end: f64,
    pub course: Option<Course>,
    processes: Vec<Process>,
}

/// Whole notebooks, one after the other in one kernel.
#[derive(Deserialize)]
pub struct Course {
    /// From launch to the end of the last cell.
    pub seconds: f64,
    processes: Vec<Process>,
}

impl Course {
    /// The memory of all processes, in bytes, where each has its part of what they share.
    pub fn memory(&self) -> u64 {
        memory(&self.processes)
    }
}

#[derive(Deserialize)]
struct Process {
    id: u32,
    parent: u32,
    arguments: Vec<String>,
    /// In bytes.
    resident: u64,
    /// In bytes.
    proportional: u64,
}

/// What a process of a kernel is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Kernel,
    Engine,
    Runtime,
}

impl Session {
    /// The median of a cell's runs, in seconds; none if it did not run.
    pub fn cell(&self, cell: usize) -> Option<f64> {
        median(self.cells.get(cell)?.iter().copied())
    }

    /// The resident memory of all processes, in bytes.
    pub fn resident(&self) -> u64 {
        self.processes.iter().map(|process| process.resident).sum()
    }

    /// The memory of all processes, in bytes, where each has its part of what they share.
    pub fn memory(&self) -> u64 {
        memory(&self.processes)
    }

    /// The resident memory of the processes with this role, in bytes; none if there is no such process.
    pub fn resident_of(&self, role: Role) -> Option<u64> {
        let of_role = self
            .processes
            .iter()
            .filter(|process| self.role(process) == role);
        of_role
            .map(|process| process.resident)
            .reduce(|sum, resident| sum + resident)
    }

    fn role(&self, process: &Process) -> Role {
        if self
            .processes
            .iter()
            .all(|other| other.id != process.parent)
        {
            Role::Kernel
        } else if process
            .arguments
            .get(1)
            .is_some_and(|argument| argument == "engine")
        {
            Role::Engine
        } else {
            Role::Runtime
        }
    }
}

fn memory(processes: &[Process]) -> u64 {
    processes.iter().map(|process| process.proportional).sum()
}

#[derive(Serialize)]
struct Plan<'a> {
    command: &'a [String],
    setup: &'a str,
    prepare: &'a str,
    cells: &'a [Cell],
    runs: usize,
    change: &'a str,
    function: &'a str,
    functions: usize,
    completion: Option<[&'a str; 2]>,
    course: &'a [String],
}

impl<'a> Plan<'a> {
    /// Only the setup.
    fn of(kernel: &'a Kernel) -> Plan<'a> {
        Plan {
            command: &kernel.command,
            setup: &kernel.setup,
            prepare: &kernel.prepare,
            cells: &[],
            runs: 0,
            change: kernel.change,
            function: kernel.function,
            functions: 0,
            completion: None,
            course: &[],
        }
    }
}

/// Launches the kernel, runs its setup and then, if `runs` is not 0, each of its cells so often after one run more, and its notebooks.
pub fn hold(python: &Python, sandbox: &Sandbox, kernel: &Kernel, runs: usize) -> Session {
    let setup = Plan::of(kernel);
    let plan = match runs {
        0 => setup,
        runs => Plan {
            cells: &kernel.cells,
            runs,
            functions: FUNCTIONS,
            completion: Some(kernel.completion),
            course: &kernel.course,
            ..setup
        },
    };
    follow(python, sandbox, kernel, &plan)
}

/// Launches the kernel, runs its setup, and [`RUNS`] times the first of its cells.
pub fn hold_for_one_cell(python: &Python, sandbox: &Sandbox, kernel: &Kernel) -> Session {
    let plan = Plan {
        cells: &kernel.cells[..1],
        runs: RUNS,
        ..Plan::of(kernel)
    };
    follow(python, sandbox, kernel, &plan)
}

fn follow(python: &Python, sandbox: &Sandbox, kernel: &Kernel, plan: &Plan) -> Session {
    let path = sandbox.path(format!("plan-{:?}.json", std::thread::current().id()));
    fs::write(&path, serde_json::to_vec(plan).expect("a plan")).expect("the plan's file");
    let mut command = sandbox.command(python.program());
    command
        // The setup cell names the helper crate relative to the notebooks.
        .current_dir(root().join("notebooks"))
        .envs(kernel.env.iter().map(|(name, value)| (name, value)))
        .arg(root().join("benches/python/session.py"))
        .arg(path);
    let ended = run::to_end(&mut command, BOUND).expect_code(0);
    serde_json::from_str(&ended.stdout).expect("what the session measured")
}

/// The middle value, or the mean of the two in the middle; none of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}
