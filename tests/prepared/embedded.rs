//! The helper crate that the program contains.

use super::*;

#[test]
fn a_notebook_alone_has_the_helper() {
    let sandbox = Sandbox::new();
    let ways = [
        "use threadbook::prelude::*;",
        "fn doubled() -> String { threadbook::prelude::repr(&[1, 2]) }\nuse threadbook::prelude::*;",
        ":dep threadbook\nuse threadbook::prelude::*;",
        ":dep threadbook = \"0.1\"\nuse threadbook::prelude::*;",
        ":dep threadbook = { path = \"..\" }\nuse threadbook::prelude::*;",
        ":dep threadbook = { path = \"no/such/directory\" }\nuse threadbook::prelude::*;",
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let cells = execute(
            &sandbox,
            &format!("way{number}"),
            &[
                way,
                "repr(&vec![\"a\"])",
                "threadbook::prelude::class_of(&1)",
            ],
        );
        expect_result(&cells[1], "\"['a']\"");
        expect_result(&cells[2], "\"<class 'int'>\"");
    }
    // The network library is part of it.
    let page = "requests::get(\"https://example.com\").unwrap().status_code()";
    let cells = execute(&sandbox, "page", &["use threadbook::prelude::*;", page]);
    expect_result(&cells[1], "200");
}

#[test]
fn the_project_of_a_path_comes_first() {
    // A helper crate like this one would be of no use to the other tests.
    let sandbox = Sandbox::with_fresh_cache();
    let mine = sandbox.work().join("mine");
    fs::create_dir_all(mine.join("src")).expect("a directory");
    let manifest = "[package]\nname = \"threadbook\"\nversion = \"9.0.0\"\nedition = \"2024\"\n\
        [features]\nnetwork = []\ndefault = [\"network\"]\n\
        [lib]\ncrate-type = [\"dylib\", \"rlib\"]\n[workspace]\n";
    fs::write(mine.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(
        mine.join("src/lib.rs"),
        "pub fn whose() -> &'static str { \"mine\" }\n",
    )
    .expect("a source");
    let cells = execute(
        &sandbox,
        "path",
        &[
            ":dep threadbook = { path = \"../mine\" }",
            "threadbook::whose()",
        ],
    );
    expect_result(&cells[1], "\"mine\"");
}

#[test]
fn another_version_is_an_error_that_says_which_there_is() {
    let sandbox = Sandbox::new();
    let path = write(&sandbox, "version", &[":dep threadbook = \"9\"", "1 + 1"]);
    run_in_place(&mut sandbox.threadbook(), &path);
    let executed = notebook::read(&path);
    let error = notebook::cell(&executed, "cell1")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "HelperError");
    let own = env!("CARGO_PKG_VERSION");
    assert!(
        error
            .evalue
            .contains(&format!("version {own} of the crate `threadbook`, not 9")),
        "{error:?}"
    );
    expect_result(&notebook::cell(&executed, "cell2"), "2");
}

#[test]
fn a_module_of_that_name_is_the_notebooks_own() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        "module",
        &[
            "mod threadbook { pub fn f() -> u32 { 7 } }",
            "threadbook::f()",
        ],
    );
    expect_result(&cells[1], "7");
}

#[test]
fn kernels_that_start_at_once_unpack_the_source_once() {
    let sandbox = Sandbox::with_another_helper();
    std::thread::scope(|scope| {
        for name in ["one", "two"] {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let cells = execute(sandbox, name, &["use threadbook::prelude::*;\nrepr(&1)"]);
                expect_result(&cells[0], "'1'");
            });
        }
    });
    let cache = sandbox.cache().join("threadbook");
    let named = |prefix: &str| {
        let entries = fs::read_dir(&cache).expect("the cache").flatten();
        let names = entries.map(|entry| entry.file_name().into_string().expect("a name"));
        names.filter(|name| name.starts_with(prefix)).count()
    };
    assert_eq!(
        ["source-", "helper-", "unpacking-"].map(named),
        [2, 2, 0],
        "with the lock and the other helper"
    );
    // Cargo has removed from the lock file what the helper does not need, but has changed no version.
    let entries = fs::read_dir(&cache).expect("the cache").flatten();
    let source = entries
        .map(|entry| entry.path())
        .find(|path| path.join("src/prelude.rs").exists())
        .expect("the source");
    let packages = |path: PathBuf| -> Vec<String> {
        let text = fs::read_to_string(path).expect("a lock file");
        let packages = text.split("[[package]]\n").skip(1);
        packages
            .map(|package| package.lines().take(2).collect())
            .collect()
    };
    let all = packages(support::sandbox::root().join("Cargo.lock"));
    let kept = packages(source.join("Cargo.lock"));
    let changed: Vec<_> = kept
        .iter()
        .filter(|package| !all.contains(package))
        .collect();
    assert!(changed.is_empty() && kept.len() > 20, "{changed:?}");
    sandbox.expect_nothing_left();
}
