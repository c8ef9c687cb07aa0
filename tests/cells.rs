//! `threadbook run` with the project's notebooks: every cell prints the expected output, however often it is run.

use regex::Regex;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use support::executed::{check_sound, judge_all};
use support::expected_output::{self, RIGHT_BALANCE};
use support::project::{self, NOTEBOOKS, Repeat};
use support::sandbox::{Sandbox, root};
use support::{notebook, turn};

/// The notebooks mostly wait, so several runs at once take little longer than one, also with all notebooks at once. The first run
/// compiles the cells for all.
#[test]
fn each_cell_prints_the_expected_output_ten_times() {
    let _turn = turn::shared();
    run_all(1);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..3).for_each(|_| run_all(NOTEBOOKS.len())));
        }
    });
}

/// Runs all notebooks, this many at once.
fn run_all(jobs: usize) {
    let sandbox = Sandbox::new();
    let notebooks = project::mirror_with_notebooks(&sandbox.path("project"));
    let out = sandbox.path("out");
    let jobs = format!("--jobs={jobs}");
    let arguments = ["run".into(), jobs.into(), notebooks.into_os_string()];
    sandbox
        .run(
            arguments
                .into_iter()
                .chain(["--output-dir".into(), out.clone().into_os_string()]),
        )
        .expect_code(0);
    for name in NOTEBOOKS {
        let executed = notebook::read(&out.join(name));
        judge_all(&executed, |id| id.to_owned());
        check_sound(&executed);
        check_rows(&executed);
    }
}

#[test]
fn cells_can_be_run_twice_in_a_row_or_again_from_the_top() {
    let _turn = turn::shared();
    std::thread::scope(|scope| {
        for order in [Repeat::EachCell, Repeat::FromTheTop] {
            for name in NOTEBOOKS {
                scope.spawn(move || run_repeated(name, order));
            }
        }
    });
}

fn run_repeated(name: &str, order: Repeat) {
    let sandbox = Sandbox::new();
    let original = notebook::read(&project::notebook_path(name));
    let path = project::mirror(&sandbox.path("project")).join(name);
    notebook::write(&path, &project::repeated(&original, 2, order));
    run_in_place(&sandbox, &path);
    let executed = notebook::read(&path);
    judge_all(&executed, |copy| project::original_id(copy).to_owned());
    check_sound(&executed);
}

/// One good run of three is enough: threads that do not run in parallel are slow in every run, while another program
/// takes the processor only for a moment.
#[test]
fn two_threads_take_at_most_six_tenths_of_the_sequential_time() {
    let outputs = run_alone(NOTEBOOKS[0], &["A1"], "A2", 3);
    let ratios: Vec<f64> = judged(&outputs, expected_output::sequential_and_parallel);
    assert!(ratios.iter().any(|ratio| *ratio <= 0.6), "{ratios:?}");
}

#[test]
fn unsafe_increments_lose_updates_in_19_of_20_runs() {
    let outputs = run_alone(NOTEBOOKS[0], &["A1"], "A4", 20);
    let sums: Vec<u32> = judged(&outputs, expected_output::unsafe_variable);
    let lossy = sums.iter().filter(|sum| **sum < 500_000).count();
    assert!(lossy >= 19, "only {lossy} of {sums:?}");
    // The sums come from a real race, so they are not always the same.
    assert!(sums.iter().any(|sum| *sum != sums[0]), "{sums:?}");
}

#[test]
fn without_the_interpreter_lock_updates_are_lost() {
    let outputs = run_alone(NOTEBOOKS[1], &[], "extra-no-interpreter-lock", 5);
    let lost: Vec<usize> = judged(&outputs, expected_output::lost_updates);
    assert!(lost.iter().sum::<usize>() > 0, "{lost:?}");
}

/// At least eight of ten balances are wrong, counted over ten runs: a virtual machine may lose a core for the few
/// milliseconds of a balance, and for several in a row, and two processes that run one after the other lose nothing.
#[test]
fn two_processes_without_a_lock_lose_updates() {
    let outputs = run_alone(NOTEBOOKS[1], &["setup"], "B17", 10);
    let runs: Vec<Vec<i32>> = judged(&outputs, expected_output::ten_balances);
    let wrong = runs
        .iter()
        .flatten()
        .filter(|n| **n != RIGHT_BALANCE)
        .count();
    assert!(wrong >= 80, "only {wrong} of {runs:?}");
    assert!(runs.iter().any(|run| *run != runs[0]));
}

#[test]
fn the_queue_is_empty_after_one_item_in_50_of_50_runs() {
    let _turn = turn::alone();
    // The cell only waits, so ten kernels do not slow each other down.
    let outputs = std::thread::scope(|scope| {
        let kernels =
            [(); 10].map(|()| scope.spawn(|| run_some(NOTEBOOKS[1], &["setup"], &["B15"; 5])));
        let cells = kernels.map(|kernel| kernel.join().expect("a run").2);
        cells
            .concat()
            .iter()
            .map(notebook::Cell::shown)
            .collect::<Vec<_>>()
    });
    assert_eq!(outputs.len(), 50);
    judged(&outputs, |output| expected_output::judge("B15", output));
}

/// Compares consecutive runs, which find the same load on the machine. One good pair of three is enough, as above.
#[test]
fn three_processes_take_at_most_six_tenths_of_the_time_of_one() {
    let _turn = turn::alone();
    let cells = ["B19", "B20", "B19", "B20", "B19", "B20"];
    let (_sandbox, _folder, executed) = run_some(NOTEBOOKS[1], &["setup"], &cells);
    let ratios: Vec<f64> = executed
        .chunks(2)
        .map(|pair| {
            let times = judged(&[pair[0].shown()], expected_output::three_processes)[0];
            times / judged(&[pair[1].shown()], expected_output::one_process)[0]
        })
        .collect();
    assert!(ratios.iter().any(|ratio| *ratio <= 0.6), "{ratios:?}");
}

#[test]
fn the_downloaded_clip_is_complete() {
    let _turn = turn::alone();
    let before = ["setup", "A1", "A7", "A8"];
    // Twice: the second run replaces the clip of the first.
    let (_sandbox, folder, executed) = run_some(NOTEBOOKS[0], &before, &["A9", "A9"]);
    for cell in &executed {
        expected_output::judge("A9", &cell.shown()).expect("two downloads");
    }
    let files: Vec<_> = fs::read_dir(folder.join("multithreading"))
        .expect("the clip's directory")
        .map(|entry| entry.expect("a file").path())
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(files[0].extension().and_then(OsStr::to_str), Some("mp4"));
    let clip = fs::read(root().join("network/clip/picture.mp4")).expect("our clip");
    assert_eq!(fs::read(&files[0]).expect("the clip"), clip);
}

#[test]
fn the_csv_file_has_a_million_valid_rows() {
    let _turn = turn::alone();
    let (_sandbox, folder, executed) = run_some(NOTEBOOKS[1], &["setup"], &["B26", "B26"]);
    for cell in &executed {
        expected_output::judge("B26", &cell.shown()).expect("two files");
    }
    let text = fs::read_to_string(folder.join("data.csv")).expect("data.csv");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("ID,Name,Age,City,Salary"));
    let row = Regex::new(
        r"^(\d+),Person (\d+),(\d+),(?:New York|Los Angeles|Chicago|Houston|Phoenix),(\d+)$",
    )
    .expect("a pattern");
    let mut count = 0;
    for (line, id) in lines.zip(1..) {
        let found = row.captures(line).unwrap_or_else(|| panic!("{line}"));
        let numbers: Vec<u32> = found
            .iter()
            .skip(1)
            .flatten()
            .filter_map(|n| n.as_str().parse().ok())
            .collect();
        let &[first, second, age, salary] = &numbers[..] else {
            panic!("{line}");
        };
        assert!(first == id && second == id, "{line} is row {id}");
        assert!(
            (18..=65).contains(&age) && (40_000..=150_000).contains(&salary),
            "{line}"
        );
        count = id;
    }
    assert_eq!(count, 1_000_000);
    assert!(!folder.join("data.csv.part").exists());
}

/// Runs one cell `times` times in a new kernel, after the cells that it needs, without other tests; returns its outputs.
fn run_alone(name: &str, before: &[&str], id: &str, times: usize) -> Vec<String> {
    let _turn = turn::alone();
    let (_sandbox, _folder, cells) = run_some(name, before, &vec![id; times]);
    cells.iter().map(notebook::Cell::shown).collect()
}

/// Runs these cells in a new kernel, after the cells that they need; returns the directory in which they ran, which
/// lives as long as the sandbox, and the executed cells.
fn run_some(name: &str, before: &[&str], ids: &[&str]) -> (Sandbox, PathBuf, Vec<notebook::Cell>) {
    let sandbox = Sandbox::new();
    let original = notebook::read(&project::notebook_path(name));
    let cells: Vec<(String, String)> = before
        .iter()
        .chain(ids)
        .enumerate()
        .map(|(n, id)| (format!("{id}-{n}"), notebook::cell(&original, id).source()))
        .collect();
    let folder = project::mirror(&sandbox.path("project"));
    let path = folder.join("alone.ipynb");
    notebook::write(
        &path,
        &notebook::of(cells.iter().map(|(id, code)| (&id[..], &code[..]))),
    );
    run_in_place(&sandbox, &path);
    let mut executed = notebook::code_cells(&notebook::read(&path));
    let executed = executed.split_off(before.len());
    (sandbox, folder, executed)
}

#[track_caller]
fn judged<T>(outputs: &[String], rule: fn(&str) -> Result<T, String>) -> Vec<T> {
    let judged: Result<Vec<T>, String> = outputs.iter().map(|output| rule(output)).collect();
    judged.unwrap_or_else(|why| panic!("{why}"))
}

#[track_caller]
fn run_in_place(sandbox: &Sandbox, path: &Path) {
    sandbox
        .run([
            "run".into(),
            path.as_os_str().to_owned(),
            "--in-place".into(),
        ])
        .expect_code(0);
}

/// Checks that the cells which mirror the originals are in order, and that every other cell is the setup or an extra.
#[track_caller]
fn check_rows(executed: &Value) {
    let cells = notebook::code_cells(executed);
    let (rows, others): (Vec<&str>, Vec<&str>) = cells
        .iter()
        .map(notebook::Cell::id)
        .partition(|id| project::is_row(id));
    let numbers: Vec<u32> = rows.iter().filter_map(|id| id[1..].parse().ok()).collect();
    assert!(
        numbers.len() > 1 && numbers.is_sorted_by(|a, b| a < b),
        "{rows:?}"
    );
    assert_eq!(others[0], "setup");
    assert!(
        others[1..].iter().all(|id| id.starts_with("extra-")),
        "{others:?}"
    );
}
