//! Prints the figures side by side.

use crate::kernel::{CELLS, Kernel};
use crate::session::{Role, Session, median};

/// The index of the `let` in [`CELLS`].
const LET: usize = 2;

/// Prints one table: a row for each figure and a column for each kernel. The last column compares the first two
/// kernels.
pub fn print(kernels: &[Kernel], sessions: &[Vec<Session>]) {
    let mut rows = vec![
        row(
            "launch to kernel_info_reply",
            sessions,
            seconds(|session| session.kernel_info),
        ),
        row(
            "launch to end of setup",
            sessions,
            seconds(|session| session.setup),
        ),
    ];
    rows.extend(CELLS.iter().enumerate().map(|(index, name)| {
        row(
            name,
            sessions,
            milliseconds(|session| session.cells[index].clone()),
        )
    }));
    rows.push(row(
        "first let",
        sessions,
        milliseconds(|session| vec![session.first[LET]]),
    ));
    rows.extend(CELLS.iter().enumerate().map(|(index, name)| {
        let name = format!("{name}, again");
        row(
            &name,
            sessions,
            milliseconds(|session| session.again[index].clone()),
        )
    }));
    rows.extend(CELLS.iter().enumerate().map(|(index, name)| {
        let name = format!("{name}, rustc and linker");
        row(
            &name,
            sessions,
            milliseconds(|session| session.compiled[index].clone()),
        )
    }));
    rows.push(row(
        "until a method of str is found",
        sessions,
        milliseconds(|session| session.learned.clone()),
    ));
    rows.push(row(
        "completion",
        sessions,
        milliseconds(|session| session.completions.clone()),
    ));
    for (name, range) in [("cell 20 of 200 functions", 15..25), ("cell 200", 190..200)] {
        let of = |session: &Session| session.functions[range.clone()].to_vec();
        rows.push(row(name, sessions, milliseconds(of)));
    }
    rows.push(row(
        "shutdown to end",
        sessions,
        seconds(|session| session.end),
    ));
    rows.push(row(
        "memory, shared counted once",
        sessions,
        memory(|session| Some(session.memory())),
    ));
    rows.push(row(
        "resident memory",
        sessions,
        memory(|session| Some(session.resident())),
    ));
    for (name, role) in [
        ("  kernel", Role::Kernel),
        ("  engine", Role::Engine),
        ("  runtime", Role::Runtime),
    ] {
        rows.push(row(
            name,
            sessions,
            memory(move |session| session.resident_of(role)),
        ));
    }
    let names = kernels.iter().map(|kernel| kernel.name.to_owned());
    let versions = sessions.iter().map(|sessions| {
        let last = last(sessions);
        format!("{} {}", last.implementation, last.version)
    });
    let head = [
        [String::new()]
            .into_iter()
            .chain(names)
            .chain(["vs stock".to_owned()])
            .collect(),
        [String::new()]
            .into_iter()
            .chain(versions)
            .chain([String::new()])
            .collect(),
    ];
    println!("\nMedians, with minimum and maximum. Cells: warm, from the request to idle.");
    println!("Memory: after the cells. Resident memory counts shared pages in every process.\n");
    let table: Vec<Vec<String>> = head.into_iter().chain(rows).collect();
    for line in aligned(&table) {
        println!("{line}");
    }
}

/// The values of one kernel for one row.
struct Figure {
    values: Vec<f64>,
    unit: &'static str,
    digits: usize,
}

fn seconds(of: impl Fn(&Session) -> f64) -> impl Fn(&[Session]) -> Figure {
    move |sessions| Figure {
        values: sessions.iter().map(&of).collect(),
        unit: "s",
        digits: 3,
    }
}

fn milliseconds(of: impl Fn(&Session) -> Vec<f64>) -> impl Fn(&[Session]) -> Figure {
    move |sessions| {
        let seconds = of(last(sessions));
        let values = seconds.iter().map(|seconds| seconds * 1e3).collect();
        Figure {
            values,
            unit: "ms",
            digits: 0,
        }
    }
}

fn memory(of: impl Fn(&Session) -> Option<u64>) -> impl Fn(&[Session]) -> Figure {
    move |sessions| {
        let values = of(last(sessions))
            .map(|bytes| bytes as f64 / 1e6)
            .into_iter()
            .collect();
        Figure {
            values,
            unit: "MB",
            digits: 0,
        }
    }
}

/// Returns the session in which the cells ran.
fn last(sessions: &[Session]) -> &Session {
    sessions.last().expect("a session")
}

fn row(
    name: &str,
    sessions: &[Vec<Session>],
    measure: impl Fn(&[Session]) -> Figure,
) -> Vec<String> {
    let figures: Vec<_> = sessions.iter().map(|sessions| measure(sessions)).collect();
    let ratio = match (figures[0].median(), figures[1].median()) {
        (Some(ours), Some(stock)) => format!("{:.3}", ours / stock),
        _ => String::new(),
    };
    let cells = figures.iter().map(Figure::to_string);
    [name.to_owned()]
        .into_iter()
        .chain(cells)
        .chain([ratio])
        .collect()
}

impl Figure {
    fn median(&self) -> Option<f64> {
        median(self.values.iter().copied())
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Figure { unit, digits, .. } = *self;
        let Some(median) = self.median() else {
            return Ok(());
        };
        write!(f, "{median:.digits$} {unit}")?;
        if self.values.len() > 1 {
            let min = self.values.iter().copied().fold(f64::INFINITY, f64::min);
            let max = self.values.iter().copied().fold(0.0, f64::max);
            write!(f, " ({min:.digits$} to {max:.digits$})")?;
        }
        Ok(())
    }
}

/// Aligns the first column left and the others right.
fn aligned(table: &[Vec<String>]) -> Vec<String> {
    let columns = table.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| table.iter().map(|row| row[column].len()).max();
    let widths: Vec<_> = (0..columns).filter_map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:width$}"),
            _ => format!("   {cell:>width$}"),
        });
        cells.collect::<String>().trim_end().to_owned()
    };
    table.iter().map(line).collect()
}
