//! The cost of a cell, counted in programs started and files opened, which no other program on the machine changes: a guard
//! against cells that take more work than before.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::UNIX_EPOCH;
use support::kernel::{Kernel, setup};
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::need;
use support::turn;
use support::venv::Venv;

/// How many files one rustc may open. It opens about 130, 80 of them for the helper's 40 crates.
const MAX_RUSTC_FILES: usize = 170;
/// How many files the linker and our own programs may open for one cell. They open about 60.
const MAX_OTHER_FILES: usize = 90;

/// A kernel whose programs log their work.
struct Watched {
    kernel: Kernel,
    log: PathBuf,
}

/// The work done for a cell.
#[derive(Debug)]
struct Work {
    /// How often each program was started.
    starts: BTreeMap<String, usize>,
    /// How many files rustc opened, including those that it did not find.
    opened_by_rustc: usize,
    /// How many files the other programs opened, including the kernel's own processes.
    opened_by_others: usize,
}

impl Watched {
    fn start(venv: &Venv, sandbox: &Sandbox) -> Watched {
        let log = sandbox.path("work.log");
        let library = preload(sandbox);
        let environment = [("LD_PRELOAD", &library), ("WORK_LOG", &log)];
        let environment = environment.map(|(name, path)| (name, path.to_str().expect("UTF-8")));
        let mut kernel = Kernel::start_with(venv, sandbox, &environment);
        // These cells wait for the builds of the helper and of its network library, which would otherwise be counted.
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
                // The Jupyter client of the test.
                ["open", program, _] if program.starts_with("python") => {}
                ["open", "rustc", _] => work.opened_by_rustc += 1,
                ["open", ..] => work.opened_by_others += 1,
                _ => panic!("invalid line from preload.rs: {line:?}"),
            }
        }
        println!("{cell}\n{work:?}");
        work
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).expect("a log");
        text.lines().map(str::to_owned).collect()
    }
}

impl Work {
    /// Returns how often rustc was started, and whether the linker was.
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
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut watched = Watched::start(&venv, &sandbox);
    let cells = [
        ("println!(\"hello\" /*?*/);", (1, true)),
        ("1 /*?*/ + 1", (1, true)),
        ("let b = vec![1, 2, 3 /*?*/];", (1, true)),
        // Once for the type, once for the cell.
        ("let c = b.iter(/*?*/).sum::<i32>();", (2, true)),
        // Once to find moved variables, once for the cell.
        ("let text = String::new(/*?*/); drop(text);", (2, true)),
        // Nothing to run, so nothing to link.
        ("fn square(n: u64) -> u64 { n /*?*/ * n }", (1, false)),
    ];
    // Cells of an earlier run would not be compiled again. A comment after a statement is no part of it.
    let unique = unique();
    let here = |cell: &str| cell.replace('?', &unique);
    for (cell, counts) in cells {
        let work = watched.work(&here(cell));
        assert_eq!(work.counts(), counts, "{cell}: {work:?}");
        let programs: usize = work.starts.values().sum();
        // The linker is up to four programs: cc, collect2, ld.lld, rust-lld.
        assert!(programs <= counts.0 + 4, "{cell}: {work:?}");
        let (rustc, _) = counts;
        assert!(
            work.opened_by_rustc <= MAX_RUSTC_FILES * rustc,
            "{cell}: {work:?}"
        );
        assert!(work.opened_by_others <= MAX_OTHER_FILES, "{cell}: {work:?}");
    }
    // The next cell also drops the variables that the ones above have ended, so its source is another one.
    let cell = here(cells[0].0);
    watched.work(&cell);
    let again = watched.work(&cell);
    assert_eq!(again.counts(), (0, false), "{again:?}");
    assert!(again.starts.is_empty(), "{again:?}");
}

/// Returns a text that no other run has.
fn unique() -> String {
    let since = UNIX_EPOCH.elapsed().expect("a time after 1970");
    format!("{} {}", std::process::id(), since.as_nanos())
}
