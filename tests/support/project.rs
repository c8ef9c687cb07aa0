//! The project's notebooks, and copies of the project whose notebooks a test may change.

use super::notebook;
use super::sandbox::root;
use serde_json::Value;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The notebooks, by file name. The first two mirror the originals.
pub const NOTEBOOKS: [&str; 3] = [
    "multithreading.ipynb",
    "threads_and_processes.ipynb",
    "watching_threads.ipynb",
];

/// The cell that ends in a deadlock, on purpose. In other kernels it never ends.
pub const DEADLOCK: &str = "W6";

/// Returns the path of one of the [`NOTEBOOKS`].
pub fn notebook_path(name: &str) -> PathBuf {
    root().join("notebooks").join(name)
}

/// Returns whether the cell is a numbered one, such as `A2` or `B13`, which mirror a cell of the originals, or `W4`.
pub fn is_row(id: &str) -> bool {
    let number = id.strip_prefix(['A', 'B', 'W']);
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Mirrors the project in `folder` without its notebooks; returns the directory for notebooks.
///
/// Code in a notebook there finds the same `..` and `sample_data` as in the project.
pub fn mirror(folder: &Path) -> PathBuf {
    let notebooks = folder.join("notebooks");
    std::fs::create_dir_all(&notebooks).expect("a directory for notebooks");
    for entry in std::fs::read_dir(root()).expect("the project").flatten() {
        let name = entry.file_name();
        if !["notebooks", "target", ".git"]
            .iter()
            .any(|other| name == *other)
        {
            symlink(entry.path(), folder.join(name)).expect("a link to the project");
        }
    }
    symlink(
        root().join("notebooks/sample_data"),
        notebooks.join("sample_data"),
    )
    .expect("a link");
    notebooks
}

/// Mirrors the project in `folder` with copies of its notebooks, which write their files beside them; returns the directory for
/// notebooks. Runs in different mirrors do not disturb each other.
pub fn mirror_with_notebooks(folder: &Path) -> PathBuf {
    let notebooks = mirror(folder);
    for name in NOTEBOOKS {
        std::fs::copy(notebook_path(name), notebooks.join(name)).expect("a copy");
    }
    notebooks
}

/// Returns the notebook's code cells, each repeated `times` times in a row, or the whole sequence `times` times. The
/// n-th copy of cell `A2`, from 0, has the id `A2-n`.
pub fn repeated(original: &Value, times: usize, order: Repeat) -> Value {
    let cells = notebook::code_cells(original);
    let copy = |cell: &notebook::Cell, n: usize| {
        let mut copy = notebook::code_cell(&format!("{}-{n}", cell.id()), &cell.source());
        copy["metadata"] = cell.0["metadata"].clone();
        copy
    };
    let copies: Vec<Value> = match order {
        Repeat::EachCell => cells
            .iter()
            .flat_map(|cell| (0..times).map(|n| copy(cell, n)))
            .collect(),
        Repeat::FromTheTop => (0..times)
            .flat_map(|n| cells.iter().map(move |cell| copy(cell, n)))
            .collect(),
    };
    let mut repeated = original.clone();
    repeated["cells"] = Value::Array(copies);
    repeated
}

/// What to repeat.
#[derive(Clone, Copy)]
pub enum Repeat {
    EachCell,
    FromTheTop,
}

/// Returns the id of the cell that was copied.
pub fn original_id(copy: &str) -> &str {
    copy.rsplit_once('-').map_or(copy, |(id, _)| id)
}
