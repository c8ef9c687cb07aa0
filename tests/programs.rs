//! Programs as notebooks: split into cells, a program prints, cell by cell, what it prints when rustc compiles it.
//!
//! The programs are in `programs/`, one for each part of the language; `PROGRAMS=FOLDER` takes those of another folder.

mod cut;

use cut::{Part, Program};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::random::Random;
use support::sandbox::{BOUND, Sandbox, root};
use support::sequence;

/// The time limit for a program, which takes less than a second.
const PLAIN_BOUND: Duration = Duration::from_secs(10);

/// These programs mean something else if their items are in another order: a macro is redefined, a pattern names what is
/// imported, and an alias hides a type of the prelude.
const IN_ORDER: [&str; 3] = ["macros_scoping", "match_guards", "type_aliases"];

#[test]
fn programs_split_at_every_boundary_print_the_same() {
    check_all(|program| program.parts.iter().map(|part| vec![part]).collect());
}

/// The items are in random order, cells with only items run twice, which changes nothing, and so do some others, which means what
/// it means in a program.
#[test]
fn programs_split_at_random_print_the_same() {
    let seeded = Random::seeded();
    check_all(|program| {
        let mut random = seeded.for_name(&program.name);
        let mut cells: Vec<Vec<&Part>> = Vec::new();
        for part in in_any_order(program, &mut random) {
            match cells.last_mut() {
                Some(cell) if random.below(3) > 0 => cell.push(part),
                _ => cells.push(vec![part]),
            }
        }
        let times = cells.iter().map(|cell| {
            let has_only_items = cell.iter().all(|part| part.is_item);
            let is_chosen = random.below(3) == 0 && !program.has_threads() && !holds_guard(cell);
            1 + usize::from(has_only_items || is_chosen)
        });
        let times: Vec<usize> = times.collect();
        let repeated = cells
            .iter()
            .zip(times)
            .flat_map(|(cell, times)| std::iter::repeat_n(cell.clone(), times));
        repeated.collect()
    });
}

/// Whether the cell may keep a guard, which a notebook drops when its name is reused: otherwise such a cell would wait for itself
/// when it runs again.
fn holds_guard(cell: &[&Part]) -> bool {
    const GUARDS: [&str; 4] = [".borrow", ".lock(", ".read(", ".write("];
    cell.iter().any(|part| {
        part.text.starts_with("let ") && GUARDS.iter().any(|guard| part.text.contains(guard))
    })
}

/// Returns the parts with the items before `main` in random order, but macros first: they must precede their calls.
fn in_any_order<'a>(program: &'a Program, random: &mut Random) -> Vec<&'a Part> {
    let in_order = IN_ORDER.contains(&program.name.as_str());
    let is_before = |part: &&Part| part.is_item && !part.is_in_main;
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
    let own = std::env::var_os("PROGRAMS").map(PathBuf::from);
    let folder = own.clone().unwrap_or_else(|| root().join("tests/programs"));
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the programs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "cut.rs"))
        .collect();
    paths.sort();
    assert!(
        own.is_some() || paths.len() >= 60,
        "{} programs",
        paths.len()
    );
    sequence::check_all(&paths, |path| {
        let program = Program::read(path);
        check(&program, &cells(&program))
    });
}

/// Returns the first cell with unexpected output, if any.
fn check(program: &Program, cells: &[Vec<&Part>]) -> Option<String> {
    let sandbox = Sandbox::new();
    let mut cells = cells.to_vec();
    let mut expected = run_plain(&sandbox, program, &cells);
    if expected.is_none() {
        // A statement moves something, and cannot run twice.
        let is_again = |cell: &Vec<&Part>, before: &Vec<&Part>| {
            let mut parts = cell.iter().zip(before);
            !cell.iter().all(|part| part.is_item)
                && parts.all(|(one, other)| std::ptr::eq(*one, *other))
        };
        cells.dedup_by(|cell, before| is_again(cell, before));
        expected = run_plain(&sandbox, program, &cells);
    }
    let expected = expected.expect("a program that compiles");
    let mut expected = expected.into_iter().peekable();
    let join = |parts: &Vec<&Part>| {
        parts
            .iter()
            .map(|part| part.text.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let sources: Vec<String> = cells.iter().map(join).collect();
    let executed = sequence::execute(&sandbox, sources.iter().map(String::as_str));
    for (cell, parts) in executed.iter().zip(&cells) {
        let is_in_main = parts.iter().any(|part| part.is_in_main);
        let expected = expected.next_if(|_| is_in_main).unwrap_or_default();
        let shown = cell.stream("stdout");
        if cell.error().is_some() || shown != expected {
            let error = cell
                .error()
                .map(|error| error.traceback)
                .unwrap_or_default();
            return Some(format!(
                "{}: {}\n  expected {expected:?}\n  shown    {shown:?}\n{error}\nall cells: {sources:#?}",
                program.name,
                cell.source()
            ));
        }
    }
    None
}

/// Returns what each cell with something from `main` prints when rustc compiles them as one program; `None` if that fails.
fn run_plain(sandbox: &Sandbox, program: &Program, cells: &[Vec<&Part>]) -> Option<Vec<String>> {
    let source = sandbox.work().join("plain.rs");
    std::fs::write(&source, program.of_cells(cells)).expect("a file");
    let binary = source.with_extension("");
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--edition=2024", "--cap-lints=allow", "-o"])
        .args([&binary, &source]);
    if !support::run::to_end(&mut rustc, BOUND).status.success() {
        return None;
    }
    // A message may be received twice, for which the program waits for ever.
    let ended = support::run::try_to_end(&mut Command::new(&binary), PLAIN_BOUND).ok()?;
    let is_right = ended.status.success();
    is_right.then(|| ended.stdout.split(cut::MARK).map(str::to_owned).collect())
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
