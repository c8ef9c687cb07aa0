//! The commands with which a cell may begin: evcxr's, one a line, before any Rust.

use std::ops::Range;
use std::path::PathBuf;

/// evcxr's commands, and what each does.
pub const COMMANDS: &[(&str, &str)] = &[
    (
        ":allow_static_linking",
        "Allow dependencies to be linked statically (0 or 1).",
    ),
    (
        ":build_env",
        "Set an environment variable for all later compilations: `:build_env NAME=VALUE`.",
    ),
    (
        ":cache",
        "Keep compiled dependencies in a cache of so many MiB; 0 switches it off.",
    ),
    (
        ":clear",
        "Forget all variables and items; compiled crates are kept.",
    ),
    (":clear_cache", "Empty the cache of `:cache`."),
    (
        ":codegen_backend",
        "Show or set the code generator; needs a nightly compiler.",
    ),
    (
        ":dep",
        "Use a crate: `:dep rand = \"0.9\"`, with features `:dep serde = { version = \"1\", features = [\"derive\"] }`, or from a folder `:dep mine = { path = \"../mine\" }`.",
    ),
    (":doc", "Show the documentation of a name: `:doc Vec`."),
    (
        ":efmt",
        "Set the format of errors that leave a cell by `?`.",
    ),
    (
        ":env",
        "Set an environment variable for the process that runs cells, from its next start on.",
    ),
    (":explain", "Explain the error of the cell before."),
    (
        ":fmt",
        "Set the format of results; `{:?}` when it is left out.",
    ),
    (":help", "List all commands."),
    (
        ":last_compile_dir",
        "Show the folder that cells are compiled in.",
    ),
    (
        ":last_error_json",
        "Show the compiler's error messages as JSON.",
    ),
    (":linker", "Show or set the linker: system, lld or mold."),
    (":load_config", "Read evcxr's configuration files again."),
    (":offline", "Keep cargo from using the network (0 or 1)."),
    (":opt", "Set the optimisation level: 0, 1, 2 or 3."),
    (
        ":preserve_vars_on_panic",
        "Try to keep variables when a cell panics (0 or 1).",
    ),
    (
        ":quit",
        "End the process that compiles cells; all variables are lost.",
    ),
    (
        ":restart",
        "Start the process that runs cells anew; all variables are lost.",
    ),
    (":sccache", "Compile through sccache (0 or 1)."),
    (":show_deps", "List the crates in use."),
    (":t", "Short for `:type`."),
    (
        ":time_passes",
        "Show or hide how long the passes of rustc take; needs a nightly compiler.",
    ),
    (
        ":timing",
        "Show or hide how long each step of a cell takes.",
    ),
    (
        ":toolchain",
        "Set the compiler's toolchain, such as `nightly`.",
    ),
    (":type", "Show the type of a variable: `:type x`."),
    (":types", "Show or hide the types of results."),
    (":vars", "List all variables and their types."),
    (":version", "Show the version of evcxr."),
];

/// Where a cell turns from commands into Rust, as a byte offset: commands (`:`, `!`), comments
/// and blank lines come first; what follows is Rust to the end.
pub fn code_start(code: &str) -> usize {
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let is_command = line.trim_start_matches(' ').starts_with(':') || line.starts_with('!');
        if !is_command && !line.starts_with("//") && !line.trim().is_empty() {
            return start;
        }
        start += line.len();
    }
    start
}

/// The byte ranges of the lines, newlines included.
pub fn lines(commands: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    commands.split_inclusive('\n').map(move |line| {
        let range = start..start + line.len();
        start = range.end;
        range
    })
}

/// The name of the command in a line, such as `:dep`; `None` when there is none.
pub fn name(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(' ');
    line.starts_with(':')
        .then(|| line.split_whitespace().next())
        .flatten()
}

/// The names of all commands of a cell.
pub fn names(code: &str) -> impl Iterator<Item = &str> {
    code[..code_start(code)].lines().filter_map(name)
}

/// The name that a cell asks for help on, as `?Vec::push` does. No Rust begins so.
pub fn help_of(code: &str) -> Option<&str> {
    let name = code.trim().strip_prefix('?')?.trim();
    let is_part =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '!' | '.');
    (!name.is_empty() && name.chars().all(is_part)).then_some(name)
}

/// The path in a line that asks for the helper crate by its path.
pub fn helper_path(line: &str) -> Option<PathBuf> {
    let wanted = line
        .trim()
        .strip_prefix(":dep")?
        .trim_start()
        .strip_prefix("threadbook")?;
    let table = wanted.trim_start().strip_prefix('=')?.trim();
    let table = table.strip_prefix('{')?.strip_suffix('}')?.trim();
    let path = table
        .strip_prefix("path")?
        .trim_start()
        .strip_prefix('=')?
        .trim();
    Some(PathBuf::from(path.strip_prefix('"')?.strip_suffix('"')?))
}
