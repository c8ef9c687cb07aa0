//! What cargo and rustc say of themselves, and of a crate without dependencies. rust-analyzer asks them some twenty times
//! before the first cell, in each kernel the same.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::code_of;
use super::folder::Folder;
use crate::prebuilt::Store;

/// What rustc is asked for when it compiles nothing.
const OF_RUSTC: [&str; 11] = [
    "--print",
    "--target",
    "-O",
    "-Vv",
    "-Z",
    "-vV",
    "cfg",
    "sysroot",
    "target-libdir",
    "target-spec-json",
    "unstable-options",
];

/// The commands of cargo that only tell something.
const OF_CARGO: [&str; 3] = ["--version", "locate-project", "metadata"];

/// A program that is asked.
pub struct Question<'a> {
    /// `cargo` or `rustc`.
    pub name: &'a str,
    /// Who knows.
    pub program: PathBuf,
    pub arguments: Vec<String>,
    /// What tells the compiler apart from all others.
    pub compiler: &'a str,
    /// The folder of the cells' crate.
    pub folder: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Answer {
    code: u8,
    stdout: String,
    stderr: String,
}

impl Question<'_> {
    /// Answers, from the store if it can be; else becomes the program.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn answer(&self, store: &Store) -> Result<u8> {
        let folder = self.folder.clone().and_then(|path| Folder::open(path).ok());
        let known = folder.and_then(|folder| Some((self.key(&folder)?, folder)));
        let Some((key, folder)) = known else {
            return Err(self.command().exec().into());
        };
        let kept = store.get("answer", &key);
        let answer = match kept.and_then(|kept| serde_json::from_slice::<Answer>(&kept).ok()) {
            Some(answer) => answer,
            None => {
                let told = self.command().stdin(Stdio::null()).output()?;
                let abstracted = |bytes: &[u8]| folder.abstracted(&String::from_utf8_lossy(bytes));
                let answer = Answer {
                    code: code_of(told.status),
                    stdout: abstracted(&told.stdout),
                    stderr: abstracted(&told.stderr),
                };
                // A full disk costs the next time, not this one.
                let _ = store.put("answer", &key, &serde_json::to_vec(&answer)?);
                answer
            }
        };
        print!("{}", folder.made_concrete(&answer.stdout));
        eprint!("{}", folder.made_concrete(&answer.stderr));
        Ok(answer.code)
    }

    /// None if the answer depends on more than what makes the key.
    fn key(&self, folder: &Folder) -> Option<String> {
        let is_known = match self.name {
            "rustc" => is_of_rustc(&self.arguments),
            _ => is_of_cargo(&self.arguments),
        };
        let parts = [self.compiler, self.name].into_iter();
        let arguments = self.arguments.iter().map(String::as_str);
        (is_known && folder.dependencies().is_empty()).then(|| folder.key(parts.chain(arguments)))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
    }
}

fn is_of_rustc(arguments: &[String]) -> bool {
    let mut before = "";
    arguments.iter().all(|argument| {
        let is_value = before == "--target";
        before = argument;
        is_value || OF_RUSTC.contains(&argument.as_str())
    })
}

fn is_of_cargo(arguments: &[String]) -> bool {
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let first = arguments.first().map_or("", String::as_str);
    OF_CARGO.contains(&first)
        || first == "-Z" && has("config") && has("get")
        || first == "rustc" && has("--print")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn only_questions_are_answered() {
        let target = "x86_64-unknown-linux-gnu";
        for line in [
            "--print sysroot",
            "-vV",
            &format!("-O --target {target} --print cfg"),
            &format!("-Z unstable-options --target {target} --print target-spec-json"),
        ] {
            assert!(is_of_rustc(&words(line)), "{line}");
        }
        for line in ["src/lib.rs", "- --print sysroot", "-O --crate-name a -"] {
            assert!(!is_of_rustc(&words(line)), "{line}");
        }
        for line in [
            "--version",
            "metadata --format-version 1",
            "-Z unstable-options config get --format toml",
            &format!("rustc -Z unstable-options --print cfg --target {target} -- -O"),
        ] {
            assert!(is_of_cargo(&words(line)), "{line}");
        }
        for line in ["build", "rustc --release", "-Z build-std build", "run"] {
            assert!(!is_of_cargo(&words(line)), "{line}");
        }
    }
}
