//! A session with a kernel, from launch to exit.

use crate::kernel::{Cell, Kernel};
use serde::{Deserialize, Serialize};
use std::fs;
use std::time::Duration;
use support::run;
use support::sandbox::{Sandbox, root};
use support::venv::Venv;

/// The number of timed runs of each cell.
pub const RUNS: usize = 10;

/// The number of functions in a long notebook.
pub const FUNCTIONS: usize = 200;

/// Enough for a first session, which builds the helper crate.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The measurements of a session. Times are in seconds.
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
    /// The runs of each cell, changed before each run.
    pub cells: Vec<Vec<f64>>,
    /// The runs of each cell without a change.
    pub again: Vec<Vec<f64>>,
    /// The part of `cells` spent in rustc and its linker; empty for kernels that do not report it.
    pub compiled: Vec<Vec<f64>>,
    /// The part of `cells` spent in the cell's own code; empty for kernels that do not report it.
    pub ran: Vec<Vec<f64>>,
    /// The same for `again`.
    pub again_ran: Vec<Vec<f64>>,
    /// From the first request until a word of the standard library is completed; empty if it never is.
    pub learned: Vec<f64>,
    /// Later completions.
    pub completions: Vec<f64>,
    /// Successive cells that each define a function.
    pub functions: Vec<f64>,
    /// From the shutdown request to the exit.
    pub end: f64,
    pub course: Option<Course>,
    processes: Vec<Process>,
}

/// Complete notebooks, run one after the other in one kernel.
#[derive(Deserialize)]
pub struct Course {
    /// From launch to the end of the last cell.
    pub seconds: f64,
    processes: Vec<Process>,
}

impl Course {
    /// Returns the memory of all processes, in bytes, with shared pages divided among them.
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

/// The role of a kernel's process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Kernel,
    Engine,
    Runtime,
}

impl Session {
    /// Returns the median of a cell's runs, in seconds; `None` if it did not run.
    pub fn cell(&self, cell: usize) -> Option<f64> {
        median(self.cells.get(cell)?.iter().copied())
    }

    /// Returns the resident memory of all processes, in bytes.
    pub fn resident(&self) -> u64 {
        self.processes.iter().map(|process| process.resident).sum()
    }

    /// Returns the memory of all processes, in bytes, with shared pages divided among them.
    pub fn memory(&self) -> u64 {
        memory(&self.processes)
    }

    /// Returns the resident memory of the processes with this role, in bytes; `None` if there are none.
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
    /// Returns a plan with only the setup.
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

/// Launches the kernel and runs its setup. If `runs` is not 0, then also runs each of its cells once and `runs` timed
/// times, and its notebooks.
pub fn hold(venv: &Venv, sandbox: &Sandbox, kernel: &Kernel, runs: usize) -> Session {
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
    follow(venv, sandbox, kernel, &plan)
}

/// Launches the kernel, runs its setup, and times [`RUNS`] runs of its first cell.
pub fn hold_for_one_cell(venv: &Venv, sandbox: &Sandbox, kernel: &Kernel) -> Session {
    let plan = Plan {
        cells: &kernel.cells[..1],
        runs: RUNS,
        ..Plan::of(kernel)
    };
    follow(venv, sandbox, kernel, &plan)
}

fn follow(venv: &Venv, sandbox: &Sandbox, kernel: &Kernel, plan: &Plan) -> Session {
    let path = sandbox.path(format!("plan-{:?}.json", std::thread::current().id()));
    fs::write(&path, serde_json::to_vec(plan).expect("a plan")).expect("the plan's file");
    let mut command = sandbox.command(venv.program("python"));
    command
        // The setup cell names the helper crate by a path relative to the notebooks.
        .current_dir(root().join("notebooks"))
        .envs(kernel.env.iter().map(|(name, value)| (name, value)))
        .arg(root().join("benches/python/session.py"))
        .arg(path);
    let ended = run::to_end(&mut command, TIMEOUT).expect_code(0);
    serde_json::from_str(&ended.stdout).expect("what the session measured")
}

/// Returns the middle value, or the mean of the two middle values; `None` if there are none.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}
