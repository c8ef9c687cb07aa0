//! Splits a cell into its command lines and its Rust code.

use super::negation::is_negation;
use crate::cell::commands::{command_lines, dep_lines, name};
use ra_ap_parser::Edition;
use std::ops::Range;

/// A command line of a cell.
#[derive(Debug, PartialEq, Eq)]
pub enum CommandLine {
    /// An evcxr command with its argument.
    Command { name: String, argument: String },
    /// A shell command: the rest of a line that begins with `!`.
    Shell(String),
}

impl CommandLine {
    /// Whether this is a `:dep` command.
    pub fn is_dep(&self) -> bool {
        matches!(self, CommandLine::Command { name, .. } if name == ":dep")
    }
}

impl std::fmt::Display for CommandLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CommandLine::Command { name, argument } => write!(f, "{name} {argument}"),
            CommandLine::Shell(command) => write!(f, "!{command}"),
        }
    }
}

/// Splits `code` into its command lines and the rest, in which blanks replace the commands and newlines stay. `defines` tells whether
/// the notebook defines a name.
pub fn take(
    code: &str,
    edition: Edition,
    defines: impl Fn(&str) -> bool,
) -> (Vec<CommandLine>, String) {
    let mut rest = code.to_owned();
    let mut taken = Vec::new();
    let mut first = command_lines(code);
    let is_rust = |range: &Range<usize>| is_negation(&code[range.start..], edition, &defines);
    if let Some(rust) = first.iter().position(is_rust) {
        first.truncate(rust);
    }
    let end = first.last().map_or(0, |range| range.end);
    let late = dep_lines(code)
        .into_iter()
        .filter(|range| range.start >= end);
    for range in first.into_iter().chain(late) {
        let line = &code[range.clone()];
        taken.push(match (name(line), line.strip_prefix('!')) {
            (Some(name), _) => {
                let argument = line.trim_start().strip_prefix(name).unwrap_or_default();
                CommandLine::Command {
                    name: name.to_owned(),
                    argument: argument.trim().to_owned(),
                }
            }
            (None, shell) => CommandLine::Shell(shell.unwrap_or_default().trim_end().to_owned()),
        });
        let blank: String = line
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        rest.replace_range(range, &blank);
    }
    (taken, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(code: &str) -> (Vec<CommandLine>, String) {
        super::take(code, Edition::CURRENT, |name| name == "done")
    }

    #[test]
    fn dep_lines_may_follow_rust() {
        let (commands, rest) = take("let a = 1;\n:dep b = \"1\"\nlet c = \"\n:dep d\n\";");
        assert_eq!(commands.len(), 1);
        assert!(commands[0].is_dep());
        assert_eq!(rest, "let a = 1;\n            \nlet c = \"\n:dep d\n\";");
    }

    #[test]
    fn rust_may_begin_like_a_shell_command() {
        let (commands, rest) = take(":opt 1\n!done\n");
        assert_eq!(commands.len(), 1);
        assert_eq!(rest, "      \n!done\n");
        assert_eq!(take("!ls\n!done").0.len(), 1);
    }

    #[test]
    fn blanks_replace_commands() {
        let (commands, rest) = take("// a\n:opt 1\n!ls -l\n\nlet a = 1;\n");
        let opt = CommandLine::Command {
            name: ":opt".to_owned(),
            argument: "1".to_owned(),
        };
        assert_eq!(commands, [opt, CommandLine::Shell("ls -l".to_owned())]);
        assert_eq!(rest, "// a\n      \n      \n\nlet a = 1;\n");
    }
}
