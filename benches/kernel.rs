//! The kernels and the cells they run.

use serde::Serialize;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use support::built::{self, tmp};
use support::project::NOTEBOOKS;
use support::sandbox::{Sandbox, root};
use support::venv::Venv;

/// The argument before the connection file with which Jupyter starts stock evcxr_jupyter.
pub const STOCK_ARGUMENT: &str = "--control_file";

/// The names of the timed cells, in the order of [`Kernel::cells`].
pub const CELLS: [&str; 5] = ["println!", "1 + 1", "let of a Vec", "four threads", "A5"];

/// A kernel and its cells.
pub struct Kernel {
    pub name: &'static str,
    pub command: Vec<String>,
    /// Additional environment variables.
    pub env: Vec<(&'static str, PathBuf)>,
    pub setup: String,
    /// Runs once, after `setup`.
    pub prepare: String,
    pub cells: [Cell; CELLS.len()],
    /// A line that changes a cell, with a number for `{n}`.
    pub change: &'static str,
    /// A function, with a number for `{n}`.
    pub function: &'static str,
    /// Code that ends in the start of a word, and the word.
    pub completion: [&'static str; 2],
    /// The cells of complete notebooks.
    pub course: Vec<String>,
}

/// Code, and the lines it must print, in any order.
#[derive(Serialize)]
pub struct Cell {
    code: String,
    shown: &'static str,
}

const CONNECTION_FILE: &str = "{connection_file}";
const SHOWN: [&str; CELLS.len()] = [
    "hello\n",
    "2",
    "",
    "thread 0\nthread 1\nthread 2\nthread 3\n",
    "----------Using thread-safe variable----------\nFinal result: 500000\n",
];
const RUST_FOUR_THREADS: &str = r#"let mut threads = Vec::new();
for i in 0..4 {
    threads.push(std::thread::spawn(move || println!("thread {i}")));
}
for thread in threads {
    thread.join().unwrap();
}"#;

impl Kernel {
    /// Returns this kernel, stock evcxr_jupyter and ipykernel.
    pub fn all(venv: &Venv) -> [Kernel; 3] {
        let this = std::env::current_exe().expect("the path of this program");
        let threadbook = built::threadbook();
        [
            Kernel {
                course: NOTEBOOKS
                    .iter()
                    .flat_map(|name| Notebook::open(name).cells())
                    .collect(),
                ..Kernel::rust("threadbook", &[&threadbook, "kernel".as_ref()], vec![])
            },
            Kernel::rust(
                "stock evcxr_jupyter",
                &[&this, STOCK_ARGUMENT.as_ref()],
                // The directory persists, so that a launch finds what an earlier one built.
                vec![("EVCXR_TMPDIR", stock_folder())],
            ),
            Kernel::python("ipykernel", &venv.program("python")),
        ]
    }

    /// Returns this kernel, and the stock kernel without and with its cache, for a notebook whose first cell, `setup`,
    /// requests crates.
    pub fn with_crates(setup: &str, sandbox: &Sandbox) -> [Kernel; 3] {
        let this = std::env::current_exe().expect("the path of this program");
        let config = sandbox.path("evcxr");
        fs::create_dir_all(&config).expect("a folder");
        fs::write(config.join("init.evcxr"), ":cache 5000\n").expect("evcxr's settings");
        let threadbook = built::threadbook();
        let ours = [threadbook.as_path(), "kernel".as_ref()];
        let stock = [this.as_path(), STOCK_ARGUMENT.as_ref()];
        let kernels = [
            Kernel::rust("threadbook", &ours, vec![]),
            Kernel::rust("stock", &stock, vec![]),
            Kernel::rust("stock, :cache", &stock, vec![("EVCXR_CONFIG_DIR", config)]),
        ];
        kernels.map(|kernel| Kernel {
            setup: setup.to_owned(),
            prepare: "1".to_owned(),
            ..kernel
        })
    }

    fn rust(name: &'static str, command: &[&Path], env: Vec<(&'static str, PathBuf)>) -> Kernel {
        let notebook = Notebook::open("multithreading.ipynb");
        Kernel {
            name,
            command: command_line(command),
            env,
            setup: notebook.cell("setup"),
            prepare: notebook.cell("A1"),
            cells: cells([
                r#"println!("hello");"#.to_owned(),
                "1 + 1".to_owned(),
                "let b = vec![1, 2, 3];".to_owned(),
                RUST_FOUR_THREADS.to_owned(),
                notebook.cell("A5"),
            ]),
            change: "let _ = {n}_u64;",
            function: "fn f{n}(a: u64) -> u64 { a * {n} }",
            completion: ["\"a\".to_upp", "to_uppercase"],
            course: Vec::new(),
        }
    }

    /// Returns the Python kernel with the same cells.
    fn python(name: &'static str, program: &Path) -> Kernel {
        Kernel {
            name,
            command: command_line(&[
                program,
                "-m".as_ref(),
                "ipykernel_launcher".as_ref(),
                "-f".as_ref(),
            ]),
            env: vec![],
            setup: "import threading".to_owned(),
            prepare: "import time".to_owned(),
            cells: cells([
                r#"print("hello")"#.to_owned(),
                "1 + 1".to_owned(),
                "b = [1, 2, 3]".to_owned(),
                include_str!("python/four_threads.py").to_owned(),
                include_str!("python/a5.py").to_owned(),
            ]),
            change: "_ = {n}",
            function: "def f{n}(a): return a * {n}",
            completion: ["\"a\".upp", "upper"],
            course: Vec::new(),
        }
    }
}

fn command_line(command: &[&Path]) -> Vec<String> {
    let words = command
        .iter()
        .map(|word| word.to_str().expect("a path in UTF-8").to_owned());
    words.chain([CONNECTION_FILE.to_owned()]).collect()
}

fn cells(code: [String; CELLS.len()]) -> [Cell; CELLS.len()] {
    let mut shown = SHOWN.into_iter();
    code.map(|code| Cell {
        code,
        shown: shown.next().expect("what each cell shows"),
    })
}

fn stock_folder() -> PathBuf {
    let folder = tmp().join("stock");
    fs::create_dir_all(&folder).expect("a folder below the build folder");
    folder
}

/// A notebook of the project.
struct Notebook(Value);

impl Notebook {
    fn open(name: &str) -> Notebook {
        let path = root().join("notebooks").join(name);
        let text =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Notebook(serde_json::from_str(&text).expect("a notebook"))
    }

    /// Returns the source of the cell with this id.
    fn cell(&self, id: &str) -> String {
        let cells = self.0["cells"].as_array().into_iter().flatten();
        let mut wanted = cells.filter(|cell| cell["id"] == id);
        let cell = wanted.next();
        source(cell.unwrap_or_else(|| panic!("the notebook has no cell {id}")))
    }

    /// Returns the sources of all code cells.
    fn cells(&self) -> Vec<String> {
        let cells = self.0["cells"].as_array().into_iter().flatten();
        let code = cells.filter(|cell| cell["cell_type"] == "code");
        code.map(source).collect()
    }
}

fn source(cell: &Value) -> String {
    match &cell["source"] {
        Value::String(source) => source.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        other => panic!("a source is text, not {other}"),
    }
}
