//! The figures, side by side.

use crate::kernel::{CELLS, Kernel};
use crate::session::{Role, Session};

/// Prints one table: a row for each figure, a column for each kernel, of which the first two are compared.
pub fn print(kernels: &[Kernel], sessions: &[Vec<Session>]) {
    let mut rows = vec![
        row("launch to kernel_info_reply", sessions, seconds(|session| session.kernel_info)),
        row("launch to end of setup", sessions, seconds(|session| session.setup)),
    ];
    rows.extend(CELLS.iter().enumerate().map(|(index, name)| row(name, sessions, runs(index))));
    rows.push(row("resident memory", sessions, memory(|session| Some(session.resident()))));
    for (name, role) in
        [("  kernel", Role::Kernel), ("  engine", Role::Engine), ("  runtime", Role::Runtime)]
    {
        rows.push(row(name, sessions, memory(move |session| session.resident_of(role))));
    }
    let names = kernels.iter().map(|kernel| kernel.name.to_owned());
    let versions = sessions.iter().map(|sessions| {
        let last = last(sessions);
        format!("{} {}", last.implementation, last.version)
    });
    let head = [
        [String::new()].into_iter().chain(names).chain(["to stock".to_owned()]).collect(),
        [String::new()].into_iter().chain(versions).chain([String::new()]).collect(),
    ];
    println!("\nThe median, and from least to most. Cells: warm, from the request to idle.");
    println!("Memory: resident sets after the cells, where memory that processes share counts for each.\n");
    let table: Vec<Vec<String>> = head.into_iter().chain(rows).collect();
    for line in aligned(&table) {
        println!("{line}");
    }
}

/// What one kernel measured of one figure.
struct Figure {
    values: Vec<f64>,
    unit: &'static str,
    digits: usize,
}

fn seconds(of: impl Fn(&Session) -> f64) -> impl Fn(&[Session]) -> Figure {
    move |sessions| Figure { values: sessions.iter().map(&of).collect(), unit: "s", digits: 2 }
}

fn runs(cell: usize) -> impl Fn(&[Session]) -> Figure {
    move |sessions| {
        let values = last(sessions).cells[cell].iter().map(|seconds| seconds * 1e3).collect();
        Figure { values, unit: "ms", digits: 0 }
    }
}

fn memory(of: impl Fn(&Session) -> Option<u64>) -> impl Fn(&[Session]) -> Figure {
    move |sessions| {
        let values = of(last(sessions)).map(|bytes| bytes as f64 / 1e6).into_iter().collect();
        Figure { values, unit: "MB", digits: 0 }
    }
}

/// The session in which the cells ran.
fn last(sessions: &[Session]) -> &Session {
    sessions.last().expect("a session")
}

fn row(name: &str, sessions: &[Vec<Session>], measure: impl Fn(&[Session]) -> Figure) -> Vec<String> {
    let figures: Vec<_> = sessions.iter().map(|sessions| measure(sessions)).collect();
    let ratio = match (figures[0].median(), figures[1].median()) {
        (Some(ours), Some(stock)) => format!("{:.2}", ours / stock),
        _ => String::new(),
    };
    let cells = figures.iter().map(Figure::to_string);
    [name.to_owned()].into_iter().chain(cells).chain([ratio]).collect()
}

impl Figure {
    fn sorted(&self) -> Vec<f64> {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        values
    }

    fn median(&self) -> Option<f64> {
        let values = self.sorted();
        let middle = values.len() / 2;
        match values.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(values[middle]),
            _ => Some((values[middle - 1] + values[middle]) / 2.0),
        }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Figure { unit, digits, .. } = *self;
        let Some(median) = self.median() else {
            return Ok(());
        };
        write!(f, "{median:.digits$} {unit}")?;
        match self.sorted()[..] {
            [least, .., most] => write!(f, " ({least:.digits$} to {most:.digits$})"),
            _ => Ok(()),
        }
    }
}

/// The first column to the left, the others to the right.
fn aligned(table: &[Vec<String>]) -> Vec<String> {
    let columns = table.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column| table.iter().map(|row: &Vec<String>| row[column].len()).max();
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
