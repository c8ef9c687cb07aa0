//! What a cell costs, counted in programs that are started and files that are opened, which no other program on the machine
//! changes: a guard against cells that take more work than they did.

#![cfg(target_os = "linux")]

mod common;

use common::kernel::{Kernel, setup};
use common::sandbox::{BOUND, Sandbox, root};
use common::turn;
use common::venv::Venv;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// How many files one rustc may open: it opens about 130, of them 80 for the 40 crates that the helper is made of.
const FILES_OF_RUSTC: usize = 170;
/// How many files the others may open for one cell: the linker, and our own programs. They open about 60.
const FILES_OF_OTHERS: usize = 90;

/// A kernel whose programs are watched.
struct Watched {
    kernel: Kernel,
    log: PathBuf,
}

/// What was done for a cell.
#[derive(Debug)]
struct Work {
    /// How often each program was started.
    starts: BTreeMap<String, usize>,
    /// How many files rustc opened, those that it did not find included.
    opened_by_rustc: usize,
    /// How many files the other programs opened, with the kernel's own processes.
    opened_by_others: usize,
}

impl Watched {
    fn start(venv: &Venv, sandbox: &Sandbox) -> Watched {
        let log = sandbox.path("work.log");
        let library = preload(sandbox);
        let environment = [("LD_PRELOAD", &library), ("WORK_LOG", &log)];
        let environment = environment.map(|(name, path)| (name, path.to_str().expect("UTF-8")));
        let mut kernel = Kernel::start_with(venv, sandbox, &environment);
        // The helper is built, and then its network library, on which the second cell waits: its build would be counted.
        for cell in [setup().as_str(), "use threadbook::requests;"] {
            let request = kernel.begin(cell);
            kernel.finish(&request, BOUND).ok();
        }
        Watched { kernel, log }
    }

    fn work(&mut self, cell: &str) -> Work {
        let before = self.lines().len();
        self.kernel.execute(cell).ok();
        let lines = self.lines().split_off(before);
        let mut work = Work {
            starts: BTreeMap::new(),
            opened_by_rustc: 0,
            opened_by_others: 0,
        };
        for line in lines {
            match line.split('\t').collect::<Vec<_>>()[..] {
                ["start", program, _] => *work.starts.entry(program.to_owned()).or_default() += 1,
                // The client that the test speaks through.
                ["open", program, _] if program.starts_with("python") => {}
                ["open", "rustc", _] => work.opened_by_rustc += 1,
                ["open", ..] => work.opened_by_others += 1,
                _ => panic!("{line:?} is no line of preload.rs"),
            }
        }
        println!("{cell}\n{work:?}");
        work
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).expect("what was noted");
        text.lines().map(str::to_owned).collect()
    }
}

impl Work {
    /// How often rustc was started, and whether the linker was.
    fn counts(&self) -> (usize, bool) {
        let of = |program| self.starts.get(program).copied().unwrap_or_default();
        (of("rustc"), of("cc") > 0)
    }
}

fn preload(sandbox: &Sandbox) -> PathBuf {
    let library = sandbox.path("preload.so");
    let status = Command::new("rustc")
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "-Copt-level=1",
            "-o",
        ])
        .arg(&library)
        .arg(root().join("tests/work/preload.rs"))
        .status();
    assert!(status.expect("rustc starts").success());
    library
}

#[test]
fn cells_start_few_programs_and_open_few_files() {
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::with_fresh_cache());
    let mut watched = Watched::start(&venv, &sandbox);
    let cells = [
        ("println!(\"hello\");", (1, true)),
        ("1 + 1", (1, true)),
        ("let b = vec![1, 2, 3];", (1, true)),
        // The type, and the cell.
        ("let c = b.iter().sum::<i32>();", (2, true)),
        // What is moved, and the cell.
        ("let text = String::new(); drop(text);", (2, true)),
        // There is nothing to run.
        ("fn square(n: u64) -> u64 { n * n }", (1, false)),
    ];
    for (cell, counts) in cells {
        let work = watched.work(cell);
        assert_eq!(work.counts(), counts, "{cell}: {work:?}");
        let programs: usize = work.starts.values().sum();
        // The linker is up to four: cc, collect2, ld.lld, rust-lld.
        assert!(programs <= counts.0 + 4, "{cell}: {work:?}");
        let (rustc, _) = counts;
        assert!(
            work.opened_by_rustc <= FILES_OF_RUSTC * rustc,
            "{cell}: {work:?}"
        );
        assert!(work.opened_by_others <= FILES_OF_OTHERS, "{cell}: {work:?}");
    }
    let cell = "println!(\"hello\"); // once more";
    watched.work(cell);
    let again = watched.work(cell);
    assert_eq!(again.counts(), (0, false), "{again:?}");
    assert!(again.starts.is_empty(), "{again:?}");
}
