//! What a terminal shows, tested with a small emulator.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::masked;
use crate::ipc::testing::{end_of, start};
use crate::prelude::*;

/// `println!`, but the test harness does not capture it.
macro_rules! say {
    ($($text:tt)*) => {
        writeln!(std::io::stdout(), $($text)*).unwrap()
    };
}

const COLUMNS: usize = 60;

fn terminal() -> (OwnedFd, OwnedFd) {
    let size = libc::winsize {
        ws_row: 10,
        ws_col: COLUMNS as u16,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let (mut ours, mut theirs) = (0, 0);
    // SAFETY: the pointers are to the variables above, or null where that is allowed.
    let result = unsafe {
        libc::openpty(
            &raw mut ours,
            &raw mut theirs,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            (&raw const size).cast_mut(),
        )
    };
    assert_eq!(result, 0);
    // SAFETY: both were just opened for us.
    unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) }
}

/// Runs `f` in a process with a terminal as its stdout and stderr, and returns the rows that are visible at the end.
fn rows(f: impl FnOnce() + 'static) -> Vec<String> {
    let (ours, theirs) = terminal();
    let p = start(move || {
        for fd in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
            // SAFETY: both are open, and this process shares them with no one who minds.
            assert_ne!(unsafe { libc::dup2(theirs.as_raw_fd(), fd) }, -1);
        }
        drop(theirs);
        // SAFETY: this process has one thread.
        unsafe { std::env::set_var("TERM", "xterm") };
        f();
    });
    let mut bytes = Vec::new();
    let mut screen = File::from(ours);
    let mut chunk = [0; 4096];
    // The read fails once no one has the other end.
    while let Ok(length @ 1..) = screen.read(&mut chunk) {
        bytes.extend_from_slice(&chunk[..length]);
    }
    assert_eq!(end_of(&p, 30), Some(0));
    Screen::after(std::str::from_utf8(&bytes).unwrap())
}

/// A terminal emulator that wraps lines and knows the escape sequences that indicatif uses.
struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn after(text: &str) -> Vec<String> {
        let mut screen = Self {
            rows: vec![Vec::new()],
            row: 0,
            column: 0,
        };
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\r' => screen.column = 0,
                '\n' => screen.down(1),
                '\x1b' => {
                    let sequence: String = chars.by_ref().take(1).collect();
                    assert_eq!(sequence, "[");
                    let mut number = 0;
                    let command = loop {
                        let c = chars.next().unwrap();
                        match c.to_digit(10) {
                            Some(digit) => number = number * 10 + digit as usize,
                            None => break c,
                        }
                    };
                    match command {
                        'A' => screen.row -= number.max(1),
                        'B' => screen.down(number.max(1)),
                        'K' => screen.rows[screen.row].clear(),
                        other => panic!("ESC [ {number} {other}"),
                    }
                }
                c => screen.put(c),
            }
        }
        let mut rows: Vec<_> = screen
            .rows
            .iter()
            .map(|row| row.iter().collect::<String>().trim_end().to_owned())
            .collect();
        while rows.last().is_some_and(String::is_empty) {
            rows.pop();
        }
        rows
    }

    fn put(&mut self, c: char) {
        if self.column == COLUMNS {
            self.column = 0;
            self.down(1);
        }
        let row = &mut self.rows[self.row];
        row.resize(row.len().max(self.column + 1), ' ');
        row[self.column] = c;
        self.column += 1;
    }

    fn down(&mut self, n: usize) {
        self.row += n;
        let rows = self.rows.len().max(self.row + 1);
        self.rows.resize(rows, Vec::new());
    }
}

fn check(f: impl FnOnce() + 'static, expected: &[&str]) {
    let rows: Vec<_> = rows(f).iter().map(|row| shortened(row)).collect();
    assert_eq!(rows, expected);
}

/// Returns a bar's row without the bar, whose width depends on the digits of the rate.
fn shortened(row: &str) -> String {
    match (row.find('|'), row.rfind('|')) {
        (Some(from), Some(to)) if from < to => {
            assert_eq!(row.chars().count(), COLUMNS, "{row:?}");
            masked(&format!("{}{}", &row[..from], &row[to..]))
        }
        _ => row.into(),
    }
}

#[test]
fn a_bar_fills_one_row() {
    check(
        || {
            for _ in tqdm(0..1000).desc("one") {}
            say!("after");
        },
        &["one: 100%| 1000/1000 [T<T, Rit/s]", "after"],
    );
}

#[test]
fn bars_have_a_row_each_and_the_finished_go_up() {
    check(
        || {
            let bars = ["a", "b", "c"].map(|name| Tqdm::new(10).desc(name));
            for bar in &bars {
                bar.update(5);
                bar.refresh();
            }
            bars[1].update(5);
            bars[1].close();
            bars[0].update(5);
            bars[2].update(5);
            drop(bars);
            say!("after");
        },
        &[
            "b: 100%| 10/10 [T<T, Rit/s]",
            "a: 100%| 10/10 [T<T, Rit/s]",
            "c: 100%| 10/10 [T<T, Rit/s]",
            "after",
        ],
    );
}

#[test]
fn bars_that_run_are_below_each_other() {
    check(
        || {
            let bars = ["a", "b", "c"].map(|name| Tqdm::new(10).desc(name));
            bars[2].update(5);
            bars[2].refresh();
            std::mem::forget(bars);
        },
        &[
            "a:   0%| 0/10 [T<?, ?it/s]",
            "b:   0%| 0/10 [T<?, ?it/s]",
            "c:  50%| 5/10 [T<T, Rit/s]",
        ],
    );
}

#[test]
fn what_is_written_stands_above_the_bars() {
    check(
        || {
            for n in tqdm(0..3) {
                Tqdm::write(format_args!("line {n}"));
            }
        },
        &["line 0", "line 1", "line 2", "100%| 3/3 [T<T, Rit/s]"],
    );
}

#[test]
fn leave_false_leaves_no_row() {
    check(
        || {
            say!("before");
            let outer = Tqdm::new(2).desc("outer");
            for _ in 0..2 {
                for _ in tqdm(0..10).leave(false) {}
                outer.update(1);
            }
            drop(outer);
            for _ in tqdm(0..10).leave(false) {}
            say!("after");
        },
        &["before", "outer: 100%| 2/2 [T<T, Rit/s]", "after"],
    );
}

#[test]
fn one_after_the_other() {
    check(
        || {
            for name in ["a", "b"] {
                for _ in tqdm(0..10).desc(name) {}
                say!("{name} is done");
            }
        },
        &[
            "a: 100%| 10/10 [T<T, Rit/s]",
            "a is done",
            "b: 100%| 10/10 [T<T, Rit/s]",
            "b is done",
        ],
    );
}

#[test]
fn a_file_gets_the_last_line_alone() {
    let (mut reader, writer) = std::io::pipe().unwrap();
    let p = start(move || {
        // SAFETY: both are open, and this process shares them with no one who minds.
        assert_ne!(
            unsafe { libc::dup2(writer.as_raw_fd(), libc::STDERR_FILENO) },
            -1
        );
        drop(writer);
        for _ in tqdm(0..10).desc("a") {}
        for _ in tqdm(0..10).leave(false) {}
        let given = Tqdm::new(3);
        let child = start(move || given.update(3));
        assert_eq!(end_of(&child, 30), Some(0));
    });
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(end_of(&p, 30), Some(0));
    let lines: Vec<_> = text.lines().map(masked).collect();
    assert_eq!(
        lines,
        [
            "a: 100%|██████████| 10/10 [T<T, Rit/s]",
            "100%|██████████| 3/3 [T<T, Rit/s]"
        ]
    );
}
