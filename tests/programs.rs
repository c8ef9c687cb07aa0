//! Programs as notebooks: split into cells, a program prints, cell by cell, what it prints when rustc compiles it.
//!
//! The programs are in `programs/`, one for each part of the language.

mod common;
#[path = "programs/cut.rs"]
mod cut;

use common::random::Random;
use common::sandbox::{BOUND, Sandbox, root};
use common::sequence;
use cut::{Part, Program};
use std::path::{Path, PathBuf};
use std::process::Command;

/// These programs mean something else if their items are in another order: a macro is redefined, a pattern names what is
/// imported, and an alias hides a type of the prelude.
const IN_ORDER: [&str; 3] = ["macros_scoping", "match_guards", "type_aliases"];

#[test]
fn programs_split_at_every_boundary_print_the_same() {
    check_all(|program| program.parts.iter().map(|part| vec![part]).collect());
}

/// The items are in random order, and cells with only items run twice, which changes nothing.
#[test]
fn programs_split_at_random_print_the_same() {
    let seeded = Random::seeded();
    check_all(|program| {
        let mut random = seeded.for_name(&program.name);
        let in_order = IN_ORDER.contains(&program.name.as_str());
        let mut cells: Vec<Vec<&Part>> = Vec::new();
        for part in in_any_order(program, &mut random) {
            match cells.last_mut() {
                Some(cell) if random.below(3) > 0 => cell.push(part),
                _ => cells.push(vec![part]),
            }
        }
        let times = |cell: &[&Part]| {
            let is_twice = !in_order && cell.iter().all(|part| part.is_item);
            1 + usize::from(is_twice)
        };
        let twice = cells
            .iter()
            .flat_map(|cell| std::iter::repeat_n(cell.clone(), times(cell)));
        twice.collect()
    });
}

/// Returns the parts with the items before `main` in random order, but macros first: they must precede their calls.
fn in_any_order<'a>(program: &'a Program, random: &mut Random) -> Vec<&'a Part> {
    let in_order = IN_ORDER.contains(&program.name.as_str());
    let is_before = |part: &&Part| part.is_item && part.statement.is_none();
    let before: Vec<&Part> = program.parts.iter().take_while(is_before).collect();
    let rest = &program.parts[before.len()..];
    let (mut ordered, mut items): (Vec<&Part>, Vec<&Part>) = before
        .into_iter()
        .partition(|part| in_order || is_bound_to_order(&part.text));
    while !items.is_empty() {
        ordered.push(items.swap_remove(random.below(items.len())));
    }
    ordered.extend(rest);
    ordered
}

/// Whether the item is a macro or calls one outside of functions, or is a crate-level attribute.
fn is_bound_to_order(text: &str) -> bool {
    text.contains("macro_rules!")
        || text.starts_with("#![")
        || text.ends_with(';') && text.contains('!')
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

/// Runs all programs as notebooks, split by `cells`.
fn check_all(cells: impl for<'a> Fn(&'a Program) -> Vec<Vec<&'a Part>> + Sync) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("tests/programs"))
        .expect("the programs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "cut.rs"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 60, "{} programs", paths.len());
    sequence::check_all(&paths, |path| {
        let program = Program::read(path);
        check(&program, &cells(&program))
    });
}

/// Returns the first cell with unexpected output, if any.
fn check(program: &Program, cells: &[Vec<&Part>]) -> Option<String> {
    let sandbox = Sandbox::new();
    let expected = run_plain(&sandbox, program);
    let join = |parts: &Vec<&Part>| {
        parts
            .iter()
            .map(|part| part.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let sources: Vec<String> = cells.iter().map(join).collect();
    let executed = sequence::execute(&sandbox, sources.iter().map(String::as_str));
    for (cell, parts) in executed.iter().zip(cells) {
        let texts = parts
            .iter()
            .filter_map(|part| expected.get(part.statement?));
        let expected: String = texts.map(String::as_str).collect();
        let shown = cell.stream("stdout");
        if cell.error().is_some() || shown != expected {
            let error = cell
                .error()
                .map(|error| error.traceback)
                .unwrap_or_default();
            return Some(format!(
                "{}: {}\n  expected {expected:?}\n  shown    {shown:?}\n{error}",
                program.name,
                cell.source()
            ));
        }
    }
    None
}

/// Returns what each statement of `main` prints when rustc compiles the program.
fn run_plain(sandbox: &Sandbox, program: &Program) -> Vec<String> {
    let source = sandbox.work().join("plain.rs");
    std::fs::write(&source, program.marked()).expect("a file");
    let binary = source.with_extension("");
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--cap-lints=allow", "-o"])
        .args([&binary, &source]);
    common::run::to_end(&mut rustc, BOUND).expect_code(0);
    let ended = common::run::to_end(&mut Command::new(&binary), BOUND).expect_code(0);
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
