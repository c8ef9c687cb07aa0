//! Every public name of Python's `multiprocessing` has a row in the documentation, and a row that does not say `instead:`
//! has a name here.

use std::collections::BTreeSet;
use std::path::Path;

/// Names that exist: the compiler checks each, and the test that the table has it.
macro_rules! existing {
    ($($module:ident: $($name:ident)*;)*) => {
        mod exist {
            $(
                #[allow(unused_imports, reason = "the import is the check")]
                pub mod $module {
                    $(pub use threadbook::multiprocessing::$module::$name;)*
                }
            )*
        }
        const EXISTING: &[(&str, &str)] = &[$($((stringify!($module), stringify!($name)),)*)*];
    };
}

existing! {
    pool: Pool AsyncResult;
    connection: Client Listener Pipe wait Connection;
    shared_memory: SharedMemory ShareableList;
}

mod top {
    #[allow(unused_imports, reason = "the import is the check")]
    pub use threadbook::multiprocessing::{
        Array, AuthenticationError, Barrier, BoundedSemaphore, BufferTooShort, Condition, Event,
        JoinableQueue, Lock, Manager, Pipe, Pool, Process, Queue, RLock, RawArray, RawValue,
        Semaphore, SimpleQueue, Value, active_children, cpu_count, current_process,
        get_all_start_methods, get_logger, get_start_method, log_to_stderr, parent_process,
        set_start_method,
    };
}

const MODULES: [&str; 5] = [
    "multiprocessing",
    "multiprocessing.connection",
    "multiprocessing.managers",
    "multiprocessing.pool",
    "multiprocessing.shared_memory",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of a module's table: the names, and the other column.
fn rows(page: &str, module: &str) -> Vec<(Vec<String>, String)> {
    let heading = format!("\n## {module}\n");
    let (_, section) = page
        .split_once(&heading)
        .expect("a section for each module");
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        // A bar within the code is written `\|`.
        let row = row.replace("\\|", "\u{1}");
        let columns: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, rust] = columns[..] else {
            panic!("not two columns: {row}");
        };
        let names = names.split(", ").map(|name| name.trim_matches('`').into());
        (names.collect(), rust.into())
    })
    .collect()
}

#[test]
fn every_public_name_of_python_has_one_row_and_no_row_has_another_name() {
    let page = read("docs/python_multiprocessing.md");
    for module in MODULES {
        let data = read(&format!(
            "tests/data/python_names/{}.txt",
            module.replace('.', "_")
        ));
        let python: BTreeSet<&str> = data.lines().collect();
        let rows = rows(&page, module);
        let documented: Vec<&str> = rows
            .iter()
            .flat_map(|(names, _)| names)
            .map(String::as_str)
            .collect();
        let set = BTreeSet::from_iter(documented.iter().copied());
        assert_eq!(set.len(), documented.len(), "{module}: a name has two rows");
        let missing: Vec<_> = python.difference(&set).collect();
        let unknown: Vec<_> = set.difference(&python).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{module}: without a row: {missing:?}; not Python's: {unknown:?}"
        );
        assert!(rows.iter().all(|(_, rust)| !rust.is_empty()));
    }
}

#[test]
fn what_exists_here_is_not_said_to_be_replaced() {
    let page = read("docs/python_multiprocessing.md");
    for (module, name) in EXISTING {
        let rows = rows(&page, &format!("multiprocessing.{module}"));
        let row = rows
            .iter()
            .find(|(names, _)| names.iter().any(|other| other == name));
        let (_, rust) = row.expect("a row for each name");
        assert!(!rust.starts_with("instead:"), "{module}.{name}");
    }
}
