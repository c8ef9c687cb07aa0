//! The expected output of each cell of the notebooks: one rule for each cell id.

mod additions;
mod bars;
mod exchange;
mod pages;
mod parallel;
mod watched;

pub use bars::{one_process, three_processes};
pub use parallel::sequential_and_parallel;

use super::judge::{Ids, Verdict, any_order, exact, in_order, lines_of};
use super::notebook::Cell;
use super::project;

/// Checks what a reader sees below the cell.
pub fn judge(id: &str, output: &str) -> Verdict {
    match id {
        "setup"
        | "A1"
        | "A7"
        | "A8"
        | "A10"
        | "A11"
        | "A12"
        | "B6"
        | "extra-back"
        | "W1"
        | project::DEADLOCK => exact(output, ""),
        "extra-may-outlive" | "extra-rc-not-send" | "extra-two-borrows" => exact(output, ""),
        "A2" => sequential_and_parallel(output).map(drop),
        "A3" => exact(
            output,
            "----------Multi-threading----------\nMulti-threading result:[1, 2]\n\
             ----------Multi-processing----------\nMulti-processing result:[]\n",
        ),
        "A4" => unsafe_variable(output).map(drop),
        "A5" => counted(output, "Using thread-safe variable"),
        "A6" => counted(output, "Using ThreadPool"),
        "extra-every-order" => watched::some_of("Final result:", 1..=2, output),
        "extra-fetch-add" => counted(output, "Using one indivisible step"),
        "extra-rayon" => counted(output, "Using rayon"),
        "A9" | "A13" => bars::download(output),
        "B1" | "B2" => pages::downloaded(output),
        "B3" => named_threads(output),
        "B4" => pool_that_loads(output),
        "B5" => working_directory(output),
        "B7" => additions::by_threads(output),
        "B8" => exact(output, &iterations(|_| "200000".to_owned())),
        "extra-no-interpreter-lock" => lost_updates(output).map(drop),
        "B9" => additions::by_pools(output),
        "B10" => two_processes(output),
        "B11" => process_ids(output),
        "B12" => exact(
            output,
            "Result(in process p1): [1, 4, 9, 16]\nResult(in main program): []\n",
        ),
        "B13" => exact(
            output,
            "Result(in process p1): [1, 4, 9, 16]\nSum of squares(in process p1): 30\n\
             Result(in main program): [1, 4, 9, 16]\nSum of squares(in main program): 30\n",
        ),
        "B14" => exchange::records(output),
        "B15" => exchange::queue(output),
        "B16" => exchange::pipe(output),
        "B17" => unlocked_balances(output),
        "extra-two-processes" => watched::some_of("Final balance =", 99..=101, output),
        "B18" => exact(output, &"Final balance = 100\n".repeat(10)),
        "B19" => three_processes(output).map(drop),
        "B20" => one_process(output).map(drop),
        "B21" => exact(output, "[1, 4, 9, 16, 25]\n"),
        "B22" => exchange::pool(output),
        "B23" => random_value(output),
        "B24" => exact(output, "<class 'int'>\n"),
        "B25" => exact(output, "[1]"),
        "extra-optimize" => exact(output, "Optimization: 2\n"),
        "extra-get" => exact(output, "Some([1]) None\n"),
        "B26" => pages::million_rows(output),
        id if id.starts_with('W') => watched::judge(id, output),
        other => Err(format!(
            "no rule for cell {other}: add one in tests/support/expected_output.rs"
        )),
    }
}

/// Checks whether the cell failed: three do on purpose with a known compiler error code, and one in a deadlock.
pub fn judge_error(id: &str, cell: &Cell) -> Verdict {
    let code = match id {
        "extra-may-outlive" => Some("E0373"),
        "extra-rc-not-send" => Some("E0277"),
        "extra-two-borrows" => Some("E0499"),
        project::DEADLOCK => Some("Deadlock"),
        _ => None,
    };
    match (code, cell.error()) {
        (None, None) => Ok(()),
        // Stock evcxr has the code in the traceback.
        (Some(code), Some(error))
            if error.ename.contains(code) || error.traceback.contains(code) =>
        {
            Ok(())
        }
        (code, error) => Err(format!("expected {code:?}\nbut got {error:?}")),
    }
}

/// Returns the sum of the unsafe increments.
pub fn unsafe_variable(output: &str) -> Result<u32, String> {
    let mut ids = Ids::default();
    let patterns = [
        "----------Using unsafe variable----------",
        "Final result: {n}",
    ];
    in_order(&lines_of(output)?, &patterns, &mut ids)?;
    match ids.get("n") {
        // Five times 100000 steps; a thread's last steps cannot all be lost.
        Some(n @ 2..=500_000) => Ok(n as u32),
        n => Err(format!("{n:?} cannot be the sum")),
    }
}

fn missing<T>(what: &str, output: &str) -> Result<T, String> {
    Err(format!("expected {what} in {output:?}"))
}

fn counted(output: &str, header: &str) -> Verdict {
    exact(
        output,
        &format!("----------{header}----------\nFinal result: 500000\n"),
    )
}

fn named_threads(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let patterns = [
        "ID of process running main program: {p}",
        "Main thread name: MainThread",
        "Task 1 assigned to thread: t1",
        "ID of process running task 1: {p}",
        "Task 2 assigned to thread: t2",
        "ID of process running task 2: {p}",
    ];
    any_order(&lines, &patterns, &mut Ids::default())
}

fn pool_that_loads(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let &[first, ref workers @ .., before_last, last] = &lines[..] else {
        return missing("the main thread's lines", output);
    };
    let mut ids = Ids::default();
    in_order(&[first], &["Main thread MainThread running"], &mut ids)?;
    let patterns = [
        "Worker thread ThreadPoolExecutor-{n}_0 running",
        "ID of process running task 2: {p}",
        "Worker thread ThreadPoolExecutor-{n}_0 start loading csv file",
        "Worker thread ThreadPoolExecutor-{n}_1 running",
        "ID of process running task 2: {p}",
        "Worker thread ThreadPoolExecutor-{n}_1 start loading csv file",
    ];
    any_order(workers, &patterns, &mut ids)?;
    let patterns = [
        "Main thread MainThread running",
        "ID of process running task 2: {p}",
    ];
    in_order(&[before_last, last], &patterns, &mut ids)
}

fn working_directory(output: &str) -> Verdict {
    let is_notebooks = output.starts_with("'/") && output.ends_with("/notebooks'");
    if is_notebooks {
        Ok(())
    } else {
        Err(format!("{output:?} is not the notebooks' directory"))
    }
}

fn iterations(x: impl Fn(usize) -> String) -> String {
    (0..10)
        .map(|i| format!("Iteration {i}: x = {}\n", x(i)))
        .collect()
}

/// Returns how many of the ten rounds lost an update.
pub fn lost_updates(output: &str) -> Result<usize, String> {
    let lines = lines_of(output)?;
    let mut lost = 0;
    for (i, line) in lines.iter().enumerate() {
        let sum = line.strip_prefix(&format!("Iteration {i}: x = "));
        match sum.and_then(|sum| sum.parse().ok()) {
            Some(2..200_000) => lost += 1,
            Some(200_000) => {}
            _ => return Err(format!("unexpected {line:?} in round {i}")),
        }
    }
    if lines.len() == 10 {
        Ok(lost)
    } else {
        Err(format!("expected 10 rounds, not {}", lines.len()))
    }
}

fn two_processes(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    any_order(
        &lines,
        &["Square: 100", "Cube: 1000", "Done!"],
        &mut Ids::default(),
    )?;
    exact(lines.last().unwrap_or(&""), "Done!")
}

fn process_ids(output: &str) -> Verdict {
    let lines = lines_of(output)?;
    let patterns = [
        "ID of main process: {m}",
        "ID of process running worker1: {a}",
        "ID of process running worker2: {b}",
        "ID of process p1: {a}",
        "ID of process p2: {b}",
    ];
    let ends = [
        "Both processes finished execution!",
        "Process p1 is alive: False",
        "Process p2 is alive: False",
    ];
    let (begin, end) = lines.split_at(lines.len().saturating_sub(ends.len()));
    any_order(begin, &patterns, &mut Ids::default())?;
    in_order(end, &ends, &mut Ids::default())
}

/// Most of ten balances are wrong. How many must be is counted over several runs, in `tests/cells.rs`: here other tests
/// run at the same time, and may hold up one of the two processes until the other has finished.
fn unlocked_balances(output: &str) -> Verdict {
    let balances = ten_balances(output)?;
    match balances.iter().filter(|n| **n != RIGHT_BALANCE).count() {
        6.. => Ok(()),
        _ => missing("ten balances, most of them wrong,", output),
    }
}

/// The balance if no update is lost.
pub const RIGHT_BALANCE: i32 = 100;

/// Returns the ten balances of two processes that change one balance, right or wrong.
pub fn ten_balances(output: &str) -> Result<Vec<i32>, String> {
    let lines = lines_of(output)?;
    let balances: Option<Vec<i32>> = lines
        .iter()
        .map(|line| line.strip_prefix("Final balance = ")?.parse().ok())
        .collect();
    // Each process changes it ten thousand times by 1.
    let possible = RIGHT_BALANCE - 10_000..=RIGHT_BALANCE + 10_000;
    match balances {
        Some(balances) if balances.len() == 10 && balances.iter().all(|n| possible.contains(n)) => {
            Ok(balances)
        }
        _ => missing("ten possible balances", output),
    }
}

fn random_value(output: &str) -> Verdict {
    let value = output.strip_suffix('\n').and_then(|text| text.parse().ok());
    match value {
        Some(1..=5) => Ok(()),
        _ => Err(format!("{output:?} is not a number from 1 to 5")),
    }
}
