//! Compares our pages with nbconvert's, and opens pages of hostile notebooks in a browser.

mod browser;
mod hostile;

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use support::project::{self, NOTEBOOKS};
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::need;
use support::venv::Venv;
use support::{notebook, run};

/// Notebooks with the contents that other kernels and authors produce.
const FOREIGN: [&str; 8] = [
    "formulas", "old", "outputs", "pictures", "tables", "terminal", "texts", "third",
];

/// Cells of which nbconvert shows less or a poorer type, and the text of their outputs on our page without white space.
const RICHER: [(&str, &str); 4] = [
    ("cell-gif-and-plain", "[picture]"),
    ("cell-json", r#"{"<c>":"d","a":[1,2,{"b":null}]}"#),
    ("cell-plotly", "Figurewithnodata"),
    ("cell-script", "<IPython.core.display.Javascriptobject>"),
];

/// The size limit for the page of one of our own notebooks, in bytes.
const MAX_PAGE: u64 = 1_000_000;

/// Writes our page of a notebook; returns its path.
#[track_caller]
fn page(sandbox: &Sandbox, notebook: &Path, options: &[&str]) -> PathBuf {
    let mut arguments = vec![
        "html",
        notebook.to_str().expect("UTF-8"),
        "--output-dir",
        "ours",
    ];
    arguments.extend(options);
    sandbox.run(arguments).expect_code(0);
    let name = notebook.file_name().expect("a file");
    sandbox
        .work()
        .join("ours")
        .join(name)
        .with_extension("html")
}

/// Returns the id and the text of each cell, on our page and on nbconvert's.
#[track_caller]
fn texts(venv: &Venv, sandbox: &Sandbox, notebook: &Path) -> [Vec<(String, String)>; 2] {
    let ours = page(sandbox, notebook, &[]);
    let path = notebook.to_str().expect("UTF-8");
    let arguments = ["nbconvert", "--to", "html", "--output-dir", "theirs", path];
    venv.run(sandbox, "jupyter", &arguments, BOUND)
        .expect_code(0);
    let name = ours.file_name().expect("a file");
    let mut command = venv.python(sandbox, "pagetext.py");
    command
        .arg(&ours)
        .arg(sandbox.work().join("theirs").join(name));
    let printed = run::to_end(&mut command, BOUND).expect_code(0).stdout;
    let both: Value = serde_json::from_str(&printed).expect("JSON");
    ["ours", "nbconvert"]
        .map(|page| serde_json::from_value(both[page].clone()).expect("a list of cells"))
}

#[track_caller]
fn compare(venv: &Venv, notebook: &Path) -> usize {
    let sandbox = Sandbox::new();
    let [ours, theirs] = texts(venv, &sandbox, notebook);
    let path = notebook.display();
    assert!(!ours.is_empty(), "{path}: the page is empty");
    for ((id, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        match RICHER.iter().find(|(richer, _)| richer == id) {
            None => assert_eq!(ours, theirs, "{path}, {id}"),
            Some((_, output)) => {
                let source = ours.strip_suffix(output);
                assert!(
                    source.is_some_and(|source| theirs.starts_with(source)),
                    "{path}, {id}: {ours}"
                );
            }
        }
    }
    assert_eq!(ours.len(), theirs.len(), "{path}: number of cells");
    ours.len()
}

#[test]
fn our_notebooks_show_the_same_text_as_with_nbconvert() {
    need!(python);
    let venv = Venv::open();
    for name in NOTEBOOKS {
        compare(&venv, &project::notebook_path(name));
    }
}

#[test]
fn foreign_notebooks_show_the_same_text_as_with_nbconvert() {
    need!(python);
    let venv = Venv::open();
    let cells: usize = FOREIGN
        .iter()
        .map(|name| compare(&venv, &foreign(name)))
        .sum();
    assert_eq!(
        cells, 57,
        "cells with visible content in all foreign notebooks"
    );
}

/// Checks the comparison itself: it must notice an output that a page leaves out.
#[test]
fn the_comparison_detects_a_missing_output() {
    need!(python);
    let venv = Venv::open();
    let sandbox = Sandbox::new();
    let [ours, _] = texts(&venv, &sandbox, &foreign("tables"));
    let mut changed = notebook::read(&foreign("tables"));
    changed["cells"][2]["outputs"] = Value::Array(Vec::new());
    let poorer = sandbox.work().join("poorer.ipynb");
    notebook::write(&poorer, &changed);
    let [other, _] = texts(&venv, &sandbox, &poorer);
    let different: Vec<usize> = (0..ours.len())
        .filter(|&index| ours[index] != other[index])
        .collect();
    assert_eq!(different, [2]);
}

#[test]
fn pages_of_our_notebooks_are_small_and_load_nothing() {
    let sandbox = Sandbox::new();
    for name in NOTEBOOKS {
        let page = page(&sandbox, &project::notebook_path(name), &[]);
        let size = fs::metadata(&page).expect("a page").len();
        assert!(size < MAX_PAGE, "{name}: {size} bytes");
        let html = fs::read_to_string(&page).expect("a page");
        for source in [" src=\"http", "url(http", "@import", "<link", "<iframe"] {
            assert!(!html.contains(source), "{name}: {source}");
        }
        let levels = headings(&html);
        assert!(!levels.is_empty());
        let skipped = levels.windows(2).find(|pair| pair[1] > pair[0] + 1);
        assert_eq!(skipped, None, "{name}: a heading level is skipped");
    }
}

/// On the screen a reader unfolds the rest of a long output; on paper all of it must be visible.
#[test]
fn folded_output_is_unfolded_on_paper() {
    need!(chromium);
    let text: String = (0..2000).map(|line| format!("line {line}\n")).collect();
    let mut cell = notebook::code_cell("long", "print()");
    cell["outputs"] = json!([{"output_type": "stream", "name": "stdout", "text": text}]);
    let mut made = notebook::of([]);
    made["cells"] = json!([cell]);
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("long.ipynb");
    notebook::write(&path, &made);
    let page = page(&sandbox, &path, &[]);
    let html = fs::read_to_string(&page).expect("a page");
    assert!(html.contains("<summary>1970 more lines</summary>"));
    let sheets = browser::sheets(&sandbox, &page);
    assert!((20..60).contains(&sheets), "{sheets} sheets");
    // The page unfolds by script and by style sheet. Either suffices, so it also works without scripts.
    let (before, after) = html.split_once("<script>").expect("the script");
    let (_, after) = after.split_once("</script>").expect("its end");
    fs::write(&page, format!("{before}{after}")).expect("a page");
    assert_eq!(browser::sheets(&sandbox, &page), sheets, "without scripts");
}

/// Returns the levels of a page's headings, in order, as a screen reader announces them.
fn headings(html: &str) -> Vec<u32> {
    let pattern = "<h([1-6])(?:>| [^>]*?(?:aria-level=\"([0-9])\")?>)";
    regex::Regex::new(pattern)
        .expect("a pattern")
        .captures_iter(html)
        .map(|found| {
            found
                .get(2)
                .unwrap_or_else(|| found.get(1).expect("a level"))
        })
        .map(|level| level.as_str().parse().expect("a digit"))
        .collect()
}

fn foreign(name: &str) -> PathBuf {
    root()
        .join("tests/notebooks")
        .join(name)
        .with_extension("ipynb")
}

/// A file's texts are lists of lines, which would take ten times their size in memory.
#[test]
fn the_export_of_a_large_notebook_takes_little_memory() {
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("large.ipynb");
    // In pieces: what this process has in memory counts as the child's, until it is another program (getrusage(2)).
    let mut file = fs::File::create(&path).expect("a notebook");
    let lines = "     \"ab\\n\",\n".repeat(100_000);
    let mut write = |text: &str| file.write_all(text.as_bytes()).expect("a write");
    write("{\"nbformat\": 4, \"nbformat_minor\": 5, \"metadata\": {}, \"cells\": [");
    for number in 0..20 {
        let comma = if number == 0 { "" } else { "," };
        write(&format!(
            "{comma}{{\"cell_type\": \"code\", \"id\": \"c{number}\", \"metadata\": {{}}, \"execution_count\": 1, \"source\": \"\", \
             \"outputs\": [{{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": [\n"
        ));
        write(&lines);
        write("     \"end\"]}]}");
    }
    write("]}");
    let size = fs::metadata(&path).expect("the notebook").len();
    #[expect(clippy::zombie_processes, reason = "wait4 reaps it")]
    let child = sandbox
        .threadbook()
        .args(["html", "large.ipynb", "--output-dir", "."])
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("threadbook starts");
    // SAFETY: all zero is a valid structure, and wait4(2) fills it and the status of our child, which nobody else waits for.
    let (status, usage) = unsafe {
        let (mut status, mut usage) = (0, std::mem::zeroed::<libc::rusage>());
        let process = child.id().cast_signed();
        assert_eq!(libc::wait4(process, &mut status, 0, &mut usage), process);
        (status, usage)
    };
    assert_eq!(status, 0);
    let kilobytes = u64::try_from(usage.ru_maxrss).expect("a size");
    assert!(
        kilobytes * 1024 < 4 * size,
        "{kilobytes} kB for a file of {size} bytes"
    );
}
