//! Compiled cells are reused, but never for a different input. The tests count calls of rustc, which do not depend on
//! the machine's load.

use serde_json::Value;
use std::collections::BTreeMap;
use support::notebook;
use support::sandbox::{BOUND, Sandbox};

/// How many calls of rustc a cell made, and how many it avoided.
type Work = (u32, u32);

/// Runs a notebook of these cells; returns the executed notebook and the work for each cell.
#[track_caller]
fn run(
    sandbox: &Sandbox,
    cells: &[(&str, &str)],
    environment: &[(&str, &str)],
) -> (Value, BTreeMap<String, Work>) {
    let path = sandbox.work().join("a.ipynb");
    notebook::write(&path, &notebook::of(cells.iter().copied()));
    let mut command = sandbox.threadbook();
    command
        .envs(environment.iter().copied())
        .args(["run", "a.ipynb", "--in-place", "--timings"]);
    let ended = support::run::to_end(&mut command, BOUND).expect_code(0);
    let lines = ended.stdout.lines().skip(1);
    let work = lines.map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let [rustc, reused] = [words[6], words[7]].map(|word| word.parse().expect("a number"));
        (words[0].to_owned(), (rustc, reused))
    });
    let work = work.collect();
    sandbox.expect_nothing_left();
    (notebook::read(&path), work)
}

#[track_caller]
fn shown(executed: &Value, id: &str) -> String {
    notebook::cell(executed, id).shown()
}

const CELLS: [(&str, &str); 9] = [
    ("print", "println!(\"hello\");"),
    ("let", "let b = vec![1, 2, 3];"),
    ("typed", "let n: usize = 4;"),
    ("value", "b.len() + n"),
    ("item", "fn square(n: usize) -> usize { n * n }"),
    ("call", "square(n)"),
    ("again", "println!(\"hello\");"),
    ("two", "let c = b.clone(); let d = c.len();"),
    (
        "moved",
        "let e = b.clone(); let f = e; println!(\"{}\", f.len());",
    ),
];

/// Guards against changes that make cells call rustc more often.
#[test]
fn rustc_is_called_no_more_than_necessary() {
    let sandbox = Sandbox::with_fresh_cache();
    let (first, work) = run(&sandbox, &CELLS, &[]);
    assert_eq!(shown(&first, "value"), "7");
    assert_eq!(shown(&first, "call"), "16");
    let expected = [
        ("print", (1, 0)),
        ("let", (1, 0)),
        ("typed", (1, 0)),
        ("value", (1, 0)),
        ("item", (1, 0)),
        ("call", (1, 0)),
        // Variables that a cell does not name do not change its library.
        ("again", (0, 1)),
        // Once for the types, once for the cell.
        ("two", (2, 0)),
        ("moved", (2, 0)),
    ];
    let expected = expected.map(|(id, work)| (id.to_owned(), work));
    assert_eq!(work, BTreeMap::from(expected));

    // Later runs find everything compiled.
    for _ in 0..2 {
        let (next, work) = run(&sandbox, &CELLS, &[]);
        for (id, _) in CELLS {
            assert_eq!(shown(&next, id), shown(&first, id));
            let (rustc, reused) = work[id];
            assert!(rustc == 0 && reused > 0, "{id}: {work:?}");
        }
    }
}

/// The same cell runs three times in one kernel.
#[test]
fn a_repeated_cell_is_not_compiled_again() {
    let sandbox = Sandbox::with_fresh_cache();
    let cells = ["a", "b", "c"].map(|id| {
        (
            id,
            "static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);\n\
             println!(\"{}\", COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));",
        )
    });
    let (executed, work) = run(&sandbox, &cells, &[]);
    // The second cell uses the static of the first.
    assert_eq!((work["b"], work["c"]), ((1, 0), (0, 1)), "{work:?}");
    for ((id, _), count) in cells.into_iter().zip(1..) {
        assert_eq!(shown(&executed, id), format!("{count}\n"));
    }
}

/// In each case the second run would print the text of the first if it reused the library.
#[test]
fn a_library_is_not_reused_for_a_different_input() {
    let sandbox = Sandbox::with_fresh_cache();
    let file = sandbox.path("file.txt");
    let include = format!("println!(\"{{}}\", include_str!({:?}));", file.display());
    let read_file = [("a", include.as_str())];
    for text in ["one", "two"] {
        std::fs::write(&file, text).expect("a file");
        let (executed, _) = run(&sandbox, &read_file, &[]);
        assert_eq!(shown(&executed, "a"), format!("{text}\n"));
    }

    let variable = [("a", "println!(\"{:?}\", option_env!(\"NAME\"));")];
    for value in ["one", "two"] {
        let (executed, _) = run(&sandbox, &variable, &[("NAME", value)]);
        assert_eq!(shown(&executed, "a"), format!("Some(\"{value}\")\n"));
    }

    let call = "println!(\"{}\", number());";
    for number in [1, 2] {
        let item = format!("fn number() -> u8 {{ {number} }}");
        let (executed, _) = run(&sandbox, &[("item", &item), ("call", call)], &[]);
        assert_eq!(shown(&executed, "call"), format!("{number}\n"));
    }

    // The type of a variable changes, the source of the cell that uses it does not.
    for (value, size) in [("1_u8", "1\n"), ("1_u64", "8\n")] {
        let make = format!("let n = {value};");
        let print = "println!(\"{}\", std::mem::size_of_val(&n));";
        let (executed, _) = run(&sandbox, &[("make", &make), ("print", print)], &[]);
        assert_eq!(shown(&executed, "print"), size);
    }

    // Another level of optimisation needs another library.
    let sum = "println!(\"{}\", [1, 2, 3].iter().sum::<i32>());";
    let (_, work) = run(&sandbox, &[("a", sum)], &[]);
    assert_eq!(work["a"].0, 1);
    let (_, work) = run(&sandbox, &[("a", &format!(":opt 2\n{sum}"))], &[]);
    assert!(work["a"].0 >= 1, "{work:?}");
}

/// The source of a crate given by its path changes.
#[test]
fn a_changed_crate_is_built_again() {
    let sandbox = Sandbox::with_fresh_cache();
    let folder = sandbox.work().join("own");
    std::fs::create_dir_all(folder.join("src")).expect("a directory");
    std::fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"own\"\nversion = \"1.0.0\"\nedition = \"2024\"\n",
    )
    .expect("a manifest");
    let cells = [
        ("dep", ":dep own = { path = \"own\" }"),
        ("call", "println!(\"{}\", own::number());"),
    ];
    for number in [1, 2] {
        let source = format!("pub fn number() -> u8 {{ {number} }}");
        std::fs::write(folder.join("src/lib.rs"), source).expect("a source");
        let (executed, _) = run(&sandbox, &cells, &[]);
        assert_eq!(shown(&executed, "call"), format!("{number}\n"));
    }
}

/// Kernels that do the same work find the same files, so the cache does not grow.
#[test]
fn a_repeated_run_adds_nothing_to_the_cache() {
    let sandbox = Sandbox::with_fresh_cache();
    let count_compiled = || {
        let folders = std::fs::read_dir(sandbox.cache().join("threadbook")).expect("the cache");
        let stores = folders.flatten().map(|entry| entry.path());
        let stores = stores.filter(|path| path.to_string_lossy().contains("compiled-"));
        let files = stores.flat_map(|path| std::fs::read_dir(path).expect("a store"));
        files.count()
    };
    for _ in 0..2 {
        run(&sandbox, &CELLS[..1], &[]);
    }
    let before = count_compiled();
    assert!(before > 0);
    run(&sandbox, &CELLS[..1], &[]);
    assert_eq!(count_compiled(), before);
}
