//! Programs as notebooks: split into cells, a program prints, cell by cell, what it prints when rustc compiles it.
//!
//! The programs are in `programs/`, one for each part of the language.

mod common;
#[path = "programs/cut.rs"]
mod cut;

use common::random::Random;
use common::run::Ended;
use common::sandbox::{BOUND, Sandbox, root};
use common::sequence;
use cut::{Part, Program};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

/// This program redefines a macro: a function that calls it would use the later one when its cell runs again.
const NOT_TWICE: &str = "macros_scoping";

#[test]
fn programs_split_at_every_boundary_print_the_same() {
    check_all(|sandbox, program| {
        let parts = program.parts.iter();
        let cells: Vec<Vec<Part>> = parts.map(|part| vec![part.clone()]).collect();
        let expected = run_plain(sandbox, &program.marked(&[]).0);
        check(sandbox, program, &cells, &BTreeSet::new(), expected)
    });
}

/// Each cell runs twice, unless a program with its statements twice is invalid.
#[test]
fn programs_split_at_random_print_the_same() {
    let seeded = Random::seeded();
    check_all(|sandbox, program| {
        let mut random = seeded.for_name(&program.name);
        let mut cells: Vec<Vec<Part>> = Vec::new();
        for part in &program.parts {
            match cells.last_mut() {
                Some(cell) if random.below(3) > 0 => cell.push(part.clone()),
                _ => cells.push(vec![part.clone()]),
            }
        }
        let (mut twice, expected) = run_twice(sandbox, program, &cells);
        if program.name != NOT_TWICE {
            let has_only_items = |cell: &&usize| cells[**cell].iter().all(|part| part.is_item);
            let places: Vec<usize> = (0..cells.len()).collect();
            twice.extend(places.iter().filter(has_only_items));
        }
        check(sandbox, program, &cells, &twice, expected)
    });
}

/// Returns the cells with statements that can run twice, and what a program with these statements twice prints. rustc tells which
/// ones cannot: they define an item, move a variable, or change the type of one.
fn run_twice(
    sandbox: &Sandbox,
    program: &Program,
    cells: &[Vec<Part>],
) -> (BTreeSet<usize>, Vec<String>) {
    let has_statements = |cell: &[Part]| cell.iter().any(|part| !part.is_item);
    let all = (0..cells.len())
        .filter(|place| has_statements(&cells[*place]) && program.can_repeat(&cells[*place]));
    let mut twice: BTreeSet<usize> = all.collect();
    loop {
        let repeated: Vec<&[Part]> = twice.iter().map(|place| cells[*place].as_slice()).collect();
        let (text, repetitions) = program.marked(&repeated);
        let places = errors(sandbox, &text);
        if places.is_empty() {
            let ended = run(sandbox, &text);
            if twice.is_empty() || ended.code() == Some(0) {
                return (twice, outputs(ended));
            }
        }
        let is_wrong = |range: &Range<usize>| places.iter().any(|at| range.contains(at));
        let wrong: BTreeSet<usize> = twice
            .iter()
            .zip(&repetitions)
            .filter(|(_, range)| is_wrong(range))
            .map(|(place, _)| *place)
            .collect();
        assert!(!twice.is_empty(), "{}: {text}", program.name);
        if wrong.is_empty() {
            // An error elsewhere, or a panic.
            twice.clear();
        }
        twice.retain(|place| !wrong.contains(place));
    }
}

/// Returns the places that rustc's errors name, in bytes.
fn errors(sandbox: &Sandbox, text: &str) -> Vec<usize> {
    let source = sandbox.work().join("twice.rs");
    std::fs::write(&source, text).expect("a file");
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--cap-lints=allow", "--error-format=json"])
        .args(["--emit=metadata", "--out-dir"])
        .args([&sandbox.work(), &source]);
    let ended = common::run::to_end(&mut rustc, BOUND);
    let messages = ended
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let errors = messages.filter(|message: &serde_json::Value| message["level"] == "error");
    let spans = errors.flat_map(|error| error["spans"].as_array().cloned().unwrap_or_default());
    spans
        .filter_map(|span| span["byte_start"].as_u64())
        .map(|at| at as usize)
        .collect()
}

/// The first two wait for the network library, which the network tests build; `queue.rs` starts its processes in a cell
/// before the one that determines the type of their queue.
const NOT_CUT: [&str; 3] = ["download.rs", "get.rs", "queue.rs"];

/// Runs the helper crate's examples. Their output contains ids and times, so it is not compared.
#[test]
fn examples_split_at_every_boundary_do_not_fail() {
    let examples = std::fs::read_dir(root().join("examples")).expect("the examples");
    let paths: Vec<PathBuf> = examples
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !NOT_CUT.iter().any(|name| path.ends_with(name)))
        .collect();
    assert!(paths.len() >= 10, "{} examples", paths.len());
    sequence::check_all(&paths, |path| first_failure(&Program::read(path)));
}

/// Returns the first cell that fails, if any, and its error.
fn first_failure(program: &Program) -> Option<String> {
    let sandbox = Sandbox::new();
    let helper = format!(":dep threadbook = {{ path = {:?} }}", root());
    let parts = program.parts.iter().map(|part| part.text.as_str());
    let cells = sequence::execute(&sandbox, std::iter::once(helper.as_str()).chain(parts));
    let (cell, error) = cells.iter().find_map(|cell| Some((cell, cell.error()?)))?;
    Some(format!(
        "{}: {}\n{}",
        program.name,
        cell.source(),
        error.traceback
    ))
}

/// Checks all programs, each in a sandbox of its own.
fn check_all(check: impl Fn(&Sandbox, &Program) -> Option<String> + Sync) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("tests/programs"))
        .expect("the programs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "cut.rs"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 60, "{} programs", paths.len());
    sequence::check_all(&paths, |path| check(&Sandbox::new(), &Program::read(path)));
}

/// Runs a program as a notebook, some cells `twice`. `expected` is what its statements print, in the order in which they run.
/// Returns the first cell with unexpected output, if any.
fn check(
    sandbox: &Sandbox,
    program: &Program,
    cells: &[Vec<Part>],
    twice: &BTreeSet<usize>,
    expected: Vec<String>,
) -> Option<String> {
    let mut expected = expected.into_iter();
    let mut runs: Vec<(String, String)> = Vec::new();
    for (place, parts) in cells.iter().enumerate() {
        let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        let statements = parts.iter().filter(|part| part.statement.is_some()).count();
        let has_only_items = parts.iter().all(|part| part.is_item);
        for time in 0..1 + usize::from(twice.contains(&place)) {
            let count = if time > 0 && has_only_items {
                0
            } else {
                statements
            };
            runs.push((texts.join("\n"), expected.by_ref().take(count).collect()));
        }
    }
    let executed = sequence::execute(sandbox, runs.iter().map(|(source, _)| source.as_str()));
    for (cell, (source, expected)) in executed.iter().zip(&runs) {
        let shown = cell.stream("stdout");
        if cell.error().is_some() || shown != *expected {
            let error = cell
                .error()
                .map(|error| error.traceback)
                .unwrap_or_default();
            return Some(format!(
                "{}: {source}\n  expected {expected:?}\n  shown    {shown:?}\n{error}",
                program.name,
            ));
        }
    }
    None
}

/// Returns what each statement of `main` prints when rustc compiles the program.
fn run_plain(sandbox: &Sandbox, text: &str) -> Vec<String> {
    outputs(run(sandbox, text).expect_code(0))
}

/// Compiles a program with rustc and runs it.
fn run(sandbox: &Sandbox, text: &str) -> Ended {
    let source = sandbox.work().join("plain.rs");
    std::fs::write(&source, text).expect("a file");
    let binary = source.with_extension("");
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--cap-lints=allow", "-o"])
        .args([&binary, &source]);
    common::run::to_end(&mut rustc, BOUND).expect_code(0);
    common::run::to_end(&mut Command::new(&binary), BOUND)
}

/// Splits what a marked program has printed.
fn outputs(ended: Ended) -> Vec<String> {
    ended.stdout.split(cut::MARK).map(str::to_owned).collect()
}

#[test]
fn a_program_is_split_into_items_and_statements() {
    let path = root().join("tests/programs/closures_basic.rs");
    let program = Program::read(&path);
    let text = std::fs::read_to_string(Path::new(&path)).expect("a program");
    for part in &program.parts {
        assert!(text.contains(&part.text), "{}", part.text);
    }
    assert!(
        program.parts.iter().any(|part| part.is_item)
            && program.parts.iter().any(|part| !part.is_item)
    );
}
