//! The notebooks in `threadbook run`: every cell prints what its row asks for, however often it is run.

mod common;

use common::executed::{check_sound, judge_all};
use common::judge::Verdict;
use common::project::{self, NOTEBOOKS, Repeat};
use common::rows;
use common::sandbox::Sandbox;
use common::{notebook, turn};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn each_cell_prints_what_its_row_asks_for() {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    // Twice: a notebook gives the same when it is run again from the top.
    for run in ["first", "second"] {
        let out = sandbox.path(run);
        let paths = NOTEBOOKS.map(project::notebook_path);
        let arguments = std::iter::once("run".into()).chain(paths.map(PathBuf::into_os_string));
        sandbox
            .run(arguments.chain(["--output-dir".into(), out.clone().into_os_string()]))
            .expect_code(0);
        for name in NOTEBOOKS {
            let executed = notebook::read(&out.join(name));
            judge_all(&executed, |id| id.to_owned());
            check_sound(&executed);
            check_rows(&executed);
        }
    }
}

#[test]
fn each_cell_can_be_run_twice_in_a_row() {
    for name in NOTEBOOKS {
        run_repeated(name, Repeat::EachCell);
    }
}

#[test]
fn notebooks_can_be_run_again_from_the_top_in_the_same_kernel() {
    for name in NOTEBOOKS {
        run_repeated(name, Repeat::FromTheTop);
    }
}

fn run_repeated(name: &str, order: Repeat) {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let original = notebook::read(&project::notebook_path(name));
    let path = project::mirror(&sandbox.path("project")).join(name);
    notebook::write(&path, &project::repeated(&original, 2, order));
    run_in_place(&sandbox, &path);
    let executed = notebook::read(&path);
    judge_all(&executed, |copy| project::original_id(copy).to_owned());
    check_sound(&executed);
}

/// The best of three runs: threads that do not run at the same time are slow in every run, while another program that
/// takes the processor for a moment is not there in every run.
#[test]
fn two_threads_take_at_most_six_tenths_of_the_time() {
    let outputs = run_alone(NOTEBOOKS[0], &["A1"], "A2", 3);
    let ratios: Vec<f64> = judged(&outputs, rows::sequential_and_parallel);
    assert!(ratios.iter().any(|ratio| *ratio <= 0.6), "{ratios:?}");
}

#[test]
fn unsafe_increments_lose_updates_in_19_of_20_runs() {
    let outputs = run_alone(NOTEBOOKS[0], &["A1"], "A4", 20);
    let sums: Vec<u32> = judged(&outputs, rows::unsafe_variable);
    let lossy = sums.iter().filter(|sum| **sum < 500_000).count();
    assert!(lossy >= 19, "only {lossy} of {sums:?}");
    // No invented randomness, and no invented constant either.
    assert!(sums.iter().any(|sum| *sum != sums[0]), "{sums:?}");
}

#[test]
fn without_the_interpreter_lock_updates_are_lost() {
    let outputs = run_alone(NOTEBOOKS[1], &[], "extra-no-interpreter-lock", 5);
    let lost: Vec<usize> = judged(&outputs, rows::lost_updates);
    assert!(lost.iter().sum::<usize>() > 0, "{lost:?}");
}

#[test]
fn two_processes_without_a_lock_lose_updates() {
    let outputs = run_alone(NOTEBOOKS[1], &["setup"], "B17", 10);
    let balances: Vec<Vec<i32>> = judged(&outputs, rows::unlocked_balances);
    assert!(balances.iter().any(|round| *round != balances[0]));
}

#[test]
fn the_queue_is_empty_after_one_item_in_50_of_50_runs() {
    let outputs = run_alone(NOTEBOOKS[1], &["setup"], "B15", 50);
    judged(&outputs, |output| rows::judge("B15", output));
}

/// Runs one cell `times` times in a new kernel, after those that it needs, while nothing else runs; gives its outputs.
fn run_alone(name: &str, before: &[&str], id: &str, times: usize) -> Vec<String> {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let original = notebook::read(&project::notebook_path(name));
    let source = |id: &str| notebook::cell(&original, id).source();
    let mut cells: Vec<_> = before
        .iter()
        .map(|id| ((*id).to_owned(), source(id)))
        .collect();
    cells.extend((0..times).map(|n| (format!("{id}-{n}"), source(id))));
    let path = project::mirror(&sandbox.path("project")).join("alone.ipynb");
    notebook::write(
        &path,
        &notebook::of(cells.iter().map(|(id, code)| (&id[..], &code[..]))),
    );
    run_in_place(&sandbox, &path);
    let executed = notebook::code_cells(&notebook::read(&path));
    executed[before.len()..]
        .iter()
        .map(notebook::Cell::shown)
        .collect()
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

/// The rows come in their order, and a cell is a row, the setup or an extra.
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

#[test]
fn the_judge_refuses_what_is_wrong() {
    let right = [
        (
            "A5",
            "----------Using thread-safe variable----------\nFinal result: 500000\n",
        ),
        ("B10", "Cube: 1000\nSquare: 100\nDone!\n"),
        ("B23", "5\n"),
        ("B25", "[1]"),
        (
            "B3",
            "Main thread name: MainThread\nID of process running main program: 7\n\
             Task 2 assigned to thread: t2\nID of process running task 2: 7\n\
             ID of process running task 1: 7\nTask 1 assigned to thread: t1\n",
        ),
    ];
    for (id, output) in right {
        assert_eq!(rows::judge(id, output), Verdict::Ok(()), "{id}");
    }
    let wrong = [
        (
            "A5",
            "----------Using thread-safe variable----------\nFinal result: 499999\n",
        ),
        ("B10", "Done!\nCube: 1000\nSquare: 100\n"),
        ("B10", "Cube: 1000\nCube: 1000\nDone!\n"),
        ("B23", "6\n"),
        ("B25", "[1]\n"),
        (
            // Another id.
            "B3",
            "Main thread name: MainThread\nID of process running main program: 7\n\
             Task 2 assigned to thread: t2\nID of process running task 2: 7\n\
             ID of process running task 1: 8\nTask 1 assigned to thread: t1\n",
        ),
        (
            // One id for two processes.
            "B11",
            "ID of main process: 1\nID of process running worker1: 2\nID of process running worker2: 2\n\
             ID of process p1: 2\nID of process p2: 2\nBoth processes finished execution!\n\
             Process p1 is alive: False\nProcess p2 is alive: False\n",
        ),
        (
            // The reader came too late.
            "B15",
            "Function square_list is processing by 1\n1 squared is added to the queue by process 1\n\
             2 squared is added to the queue by process 1\nFunction print_queue is processing by 2\n\
             Queue elements: \n1\n4\nQueue is now empty!\n3 squared is added to the queue by process 1\n\
             4 squared is added to the queue by process 1\n",
        ),
        ("B18", "Final balance = 100\n"),
        (
            // Two tasks on one worker.
            "B22",
            "Worker process id for 1: 11\nWorker process id for 2: 11\nWorker process id for 3: 13\n\
             Worker process id for 4: 14\nWorker process id for 5: 15\n[1, 4, 9, 16, 25]\n",
        ),
        (
            // No faster in parallel.
            "A2",
            "----------Sequential execution----------\nNumber: #1\nNumber: #2\nNumber: #3\nNumber: #4\nNumber: #5\n\
             Alphabet: a\nAlphabet: b\nAlphabet: c\nAlphabet: d\nAlphabet: e\nexecution time : 1.001\n\
             ----------Parallel execution----------\nNumber: #1\nNumber: #2\nNumber: #3\nNumber: #4\nNumber: #5\n\
             Alphabet: a\nAlphabet: b\nAlphabet: c\nAlphabet: d\nAlphabet: e\nexecution time : 1.001\n",
        ),
        ("no such cell", ""),
    ];
    for (id, output) in wrong {
        assert!(rows::judge(id, output).is_err(), "{id}: {output}");
    }
}
