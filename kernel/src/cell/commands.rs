//! The commands at the start of a cell: evcxr's, one per line, before any Rust.

use ra_ap_parser::{Edition, LexedStr, T};
use std::ops::Range;

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
    (":cache", "Show how much disk space compiled crates take."),
    (
        ":clear",
        "Forget all variables and items; compiled crates are kept.",
    ),
    (":clear_cache", "Remove all compiled crates from disk."),
    (
        ":codegen_backend",
        "Show or set the code generator; needs a nightly compiler.",
    ),
    (
        ":dep",
        "Use a crate: `:dep rand = \"0.9\"`, with features `:dep serde = { version = \"1\", features = [\"derive\"] }`, or from a directory `:dep mine = { path = \"../mine\" }`.",
    ),
    (":doc", "Show the documentation of a name: `:doc Vec`."),
    (
        ":edition",
        "Set the edition of Rust that cells are written in: 2018, 2021 or 2024.",
    ),
    (
        ":efmt",
        "Set the format of errors that leave a cell by `?`.",
    ),
    (
        ":env",
        "Set an environment variable for the process that runs cells; takes effect after `:restart`.",
    ),
    (":explain", "Explain the last compile error."),
    (
        ":explore",
        "Run the cell in every order of its threads' steps: `:explore orders=5000 seed=7 switches=2 time=5`; `//: explore` as a comment does the same.",
    ),
    (
        ":fmt",
        "Set the format of results; `{:?}` without an argument.",
    ),
    (":help", "List all commands."),
    (
        ":last_compile_dir",
        "Show the directory in which cells are compiled.",
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
        ":replay",
        "Run the cell in one order, which a picture of `:explore` gives: `:replay 1221`; `//: replay` as a comment does the same.",
    ),
    (
        ":restart",
        "Restart the process that runs cells; all variables are lost.",
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
    (
        ":watch",
        "Draw what the threads and processes of the cell do; `//: watch` as a comment does the same.",
    ),
];

/// Returns the byte offset at which a cell's Rust begins: after commands (`:`, `!`), comments and blank lines. The rest of the
/// cell is Rust.
pub fn code_start(code: &str) -> usize {
    split(code).1
}

/// Returns the command lines before a cell's Rust, as byte ranges that include the newlines.
pub fn command_lines(code: &str) -> Vec<Range<usize>> {
    split(code).0
}

/// Returns the `:dep` lines, as byte ranges that include the newlines: also those after Rust, which older notebooks have.
pub fn dep_lines(code: &str) -> Vec<Range<usize>> {
    const DEP: &str = ":dep ";
    if !code.contains(DEP) {
        return Vec::new();
    }
    // Skips strings and comments.
    let lexed = LexedStr::new(Edition::CURRENT, code);
    let colons: Vec<usize> = (0..lexed.len())
        .filter(|index| lexed.kind(*index) == T![:])
        .map(|index| lexed.text_start(index))
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let text = line.trim_start();
        let colon = at + line.len() - text.len();
        if text.starts_with(DEP) && colons.contains(&colon) {
            found.push(at..at + line.len());
        }
        at += line.len();
    }
    found
}

fn split(code: &str) -> (Vec<Range<usize>>, usize) {
    let mut commands = Vec::new();
    let mut start = 0;
    loop {
        let rest = &code[start..];
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let text = line.trim_start();
        let blank = rest.len() - rest.trim_start().len();
        start += if text.starts_with("/*") {
            match block_comment(&rest[blank..]) {
                // Rust may follow the comment on its last line.
                Some(length) => blank + length,
                None => return (commands, start),
            }
        } else if is_command(line) {
            commands.push(start..start + line.len());
            line.len()
        } else if !line.is_empty() && (text.is_empty() || text.starts_with("//")) {
            line.len()
        } else {
            return (commands, start);
        };
    }
}

/// Whether a line is a command or a shell command.
pub fn is_command(line: &str) -> bool {
    name(line).is_some() || line.starts_with('!')
}

/// Returns the length of the comment that a text begins with; `None` if it has no end. Comments may be nested (The Rust
/// Reference, "Comments").
fn block_comment(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    None
}

/// Returns the name of the command in a line, such as `:dep`; `None` if there is none. A path may begin with `::`.
pub fn name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let is_command = line.starts_with(':') && !line.starts_with("::");
    is_command.then(|| line.split_whitespace().next()).flatten()
}

/// Returns the names of all commands of a cell.
pub fn names(code: &str) -> impl Iterator<Item = &str> {
    command_lines(code)
        .into_iter()
        .filter_map(|range| name(&code[range]))
}

/// Returns the name that a cell such as `?Vec::push` asks for help on. No Rust code begins with `?`.
pub fn help_of(code: &str) -> Option<&str> {
    let name = code.trim().strip_prefix('?')?.trim();
    let is_part =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '!' | '.');
    (!name.is_empty() && name.chars().all(is_part)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn split(code: &str) -> (&str, &str) {
        code.split_at(code_start(code))
    }

    #[test]
    fn commands_come_before_rust() {
        assert_eq!(split(":opt 1\nf()"), (":opt 1\n", "f()"));
        assert_eq!(
            split("  // a\n\n :opt 1\nf()\n:opt 2"),
            ("  // a\n\n :opt 1\n", "f()\n:opt 2")
        );
        assert_eq!(
            split("/* a\n/* b */ */\n:opt 1\nf()"),
            ("/* a\n/* b */ */\n:opt 1\n", "f()")
        );
        assert_eq!(split("/* a */ f()"), ("/* a */", " f()"));
        assert_eq!(split("!ls\nf()"), ("!ls\n", "f()"));
        assert_eq!(split(""), ("", ""));
    }

    #[test]
    fn a_path_is_not_a_command() {
        assert_eq!(
            split("::std::println!(\"a\");"),
            ("", "::std::println!(\"a\");")
        );
        assert_eq!(name("::std::mem::drop(a)"), None);
        assert_eq!(split("/* open\n:opt 1"), ("", "/* open\n:opt 1"));
    }
}
