//! Summaries: the result of a notebook in one line.

use super::execution::{Ending, Execution};
use super::progress::first_line;
use super::session_error::SessionError;

/// `3 of 5 cells, 1.2 s, failed: cell x: NameError: …`
pub fn of(execution: &Execution) -> String {
    format!("{}, {}", amount(execution), result(&execution.ending))
}

/// `3 of 5 cells, 1.2 s`
pub fn amount(execution: &Execution) -> String {
    let (cells, ran) = (execution.cells, execution.ran.len());
    let number = if ran == cells {
        cells.to_string()
    } else {
        format!("{ran} of {cells}")
    };
    let noun = if cells == 1 { "cell" } else { "cells" };
    format!("{number} {noun}, {:.1} s", execution.elapsed.as_secs_f64())
}

/// Returns how it ended, such as `ok` or `failed: …`.
pub fn result(ending: &Ending) -> String {
    match ending {
        Ending::Finished => "ok".to_owned(),
        Ending::CellFailed { cell, error } => {
            let why = reason(&error.evalue);
            format!("failed: cell {cell}: {}: {why}", error.ename)
        }
        Ending::KernelFailed(SessionError::Stopped) => "stopped".to_owned(),
        Ending::KernelFailed(error) => format!("failed: {error}"),
        Ending::OutOfTime(reason) => format!("failed: {reason}"),
    }
}

/// Returns the first line of an error, and after a line that ends with a colon also the first detail below it.
fn reason(text: &str) -> String {
    let first = first_line(text);
    let rest = text.split_once(first).map_or("", |(_, rest)| rest);
    let lines = rest.lines().map(str::trim);
    let mut details = lines.filter(|line| !line.is_empty() && !line.ends_with(':'));
    match details.next().filter(|_| first.ends_with(':')) {
        Some(why) => format!("{first} {why}"),
        None => first.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::execution::ExecutedCell;
    use super::super::outputs::CellError;
    use super::*;

    #[test]
    fn a_reason_says_why() {
        assert_eq!(reason("\nno such name\nelse"), "no such name");
        assert_eq!(
            reason("cannot build the library:\n\nSTDERR:\n  error: no linker\nnote"),
            "cannot build the library: error: no linker"
        );
        assert_eq!(reason("only this:"), "only this:");
        assert_eq!(reason(""), "");
    }

    #[test]
    fn a_notebook_is_summed_up_in_one_line() {
        let line = |ran, ending| {
            let cell = ExecutedCell {
                index: 0,
                elapsed: Duration::ZERO,
                timings: None,
            };
            of(&Execution {
                cells: 2,
                ran: vec![cell; ran],
                elapsed: Duration::from_millis(1234),
                ending,
            })
        };
        assert_eq!(line(2, Ending::Finished), "2 cells, 1.2 s, ok");
        let error = CellError {
            ename: "E0425".to_owned(),
            evalue: "\n  cannot find value `y`\n --> 1:1\n".to_owned(),
            traceback: vec![],
        };
        let failed = Ending::CellFailed {
            cell: "abc".to_owned(),
            error,
        };
        assert_eq!(
            line(1, failed),
            "1 of 2 cells, 1.2 s, failed: cell abc: E0425: cannot find value `y`"
        );
        let died = SessionError::Died {
            status: "exit status: 1".to_owned(),
            last_words: "a\nno module".to_owned(),
        };
        assert_eq!(
            line(0, Ending::KernelFailed(died)),
            "0 of 2 cells, 1.2 s, failed: the kernel died (exit status: 1); it last printed: no module"
        );
        let stopped = Ending::KernelFailed(SessionError::Stopped);
        assert_eq!(line(1, stopped), "1 of 2 cells, 1.2 s, stopped");
        let late = Ending::OutOfTime("the notebook took longer than 1 s".to_owned());
        assert_eq!(
            line(1, late),
            "1 of 2 cells, 1.2 s, failed: the notebook took longer than 1 s"
        );
    }
}
