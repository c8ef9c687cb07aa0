//! Asks rustc for what evcxr must know of variables before it can compile a cell.
//!
//! evcxr stores a cell's variables by their types, and leaves it to rust-analyzer to tell them, which would have to read all of
//! `std` for that. rustc knows them anyway: after `let Probe = b;`, with `Probe` a unit struct, it complains that "this
//! expression has type `Vec<i32>`". And evcxr learns only from a failed compilation that a variable was moved and cannot be
//! stored. rustc complains of that too, in a second copy of the cell: in the first one, the wrong types come before.
//!
//! All is asked for in one pass without code generation.

use crate::cargo::{Tally, Work, may_read};
use crate::cell::canonical;
use crate::prebuilt::{Key, Store, Toolchain};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The kind of the answers in the store.
const KIND: &str = "probe";

/// How rustc is asked.
pub struct Probe<'a> {
    pub toolchain: &'a Toolchain,
    /// rustc's flags for the crates that cells use.
    pub crates: &'a [String],
    pub workspace: &'a Path,
    /// Keeps what rustc said.
    pub store: &'a Store,
}

/// What rustc said of variables, by name.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Types as rustc shows them.
    pub types: BTreeMap<String, String>,
    /// Those that are not there any more at the end of the cell.
    pub moved: BTreeSet<String>,
}

impl Probe<'_> {
    /// The types of the variables `names` in `source`, evcxr's source for analysis, in which each variable is passed to
    /// `evcxr_variable_store` at the end; and which of all variables are moved.
    ///
    /// # Errors
    /// When rustc cannot be started.
    pub fn ask(&self, source: &str, names: &[String]) -> Result<Answer> {
        let key = self.key(source);
        if let Some(kept) = key.as_ref().and_then(|key| self.store.get(KIND, key))
            && let Ok(answer) = serde_json::from_slice(&kept)
        {
            Tally::of(self.workspace).add(&Work {
                seconds: 0.0,
                link: None,
                from_store: true,
            });
            return Ok(answer);
        }
        let begin = Instant::now();
        let question = Question::new(source, names);
        let answer = question.find_answer(&self.compile(&question.source)?);
        Tally::of(self.workspace).add(&Work {
            seconds: begin.elapsed().as_secs_f64(),
            link: None,
            from_store: false,
        });
        if let Some(key) = key {
            // A full disk costs the next time, not this one.
            let _ = self.store.put(KIND, &key, &serde_json::to_vec(&answer)?);
        }
        Ok(answer)
    }

    /// Other inputs, another key. None for a source that may read files or variables, and where other crates are used, which
    /// may have been built anew.
    fn key(&self, source: &str) -> Option<String> {
        let own = self
            .crates
            .iter()
            .filter(|flag| flag.starts_with("--extern"));
        if own.count() > 1 || may_read(source) {
            return None;
        }
        let what = [self.toolchain.identity(), canonical(source)];
        Some(Key::from_iter(what.iter().chain(self.crates)).end())
    }

    /// rustc's messages, each a line of JSON.
    fn compile(&self, source: &str) -> Result<String> {
        let mut rustc = Command::new(self.toolchain.rustc())
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--crate-name=ctx",
                "--emit=metadata",
            ])
            .args([
                "--error-format=json",
                "--diagnostic-width=100000",
                "-Ztrim-diagnostic-paths=no",
            ])
            .args(self.crates)
            .arg("-o")
            .arg(self.workspace.join("probe.rmeta"))
            .arg("-")
            // For the option that keeps paths whole; it changes nothing that stays.
            .env("RUSTC_BOOTSTRAP", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start rustc")?;
        let mut stdin = rustc.stdin.take().context("rustc has no stdin")?;
        // A rustc that ends early says why on stderr.
        let _ = stdin.write_all(source.as_bytes());
        drop(stdin);
        let output = rustc.wait_with_output()?;
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// A source that makes rustc complain.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    source: String,
    /// The lines, from 1, whose messages tell a variable's type.
    types: HashMap<usize, String>,
    /// The lines whose messages tell that a variable is moved.
    moves: HashMap<usize, String>,
}

/// The function that evcxr puts around the cell, up to the end of the source.
const WRAPPER: &str = "async fn evcxr_analysis_wrapper(";
const COPY: &str = "async fn threadbook_copy(";

impl Question {
    fn new(source: &str, names: &[String]) -> Question {
        let mut question = Question {
            source: String::new(),
            types: HashMap::new(),
            moves: HashMap::new(),
        };
        let mut number = 0;
        let mut push = |line: &str| {
            number += 1;
            question.source.push_str(line);
            question.source.push('\n');
            number
        };
        for line in source.lines() {
            match stored(line).filter(|stored| names.iter().any(|name| name == stored)) {
                Some(name) => {
                    let number = push(&format!("let ThreadbookProbe = {name};"));
                    question.types.insert(number, name.to_owned());
                }
                None => {
                    push(line);
                }
            }
        }
        push("struct ThreadbookProbe;");
        if let Some(wrapper) = source.find(WRAPPER).map(|start| &source[start..])
            && can_be_repeated(wrapper)
        {
            for line in wrapper.replacen(WRAPPER, COPY, 1).lines() {
                let number = push(line);
                if let Some(name) = stored(line) {
                    question.moves.insert(number, name.to_owned());
                }
            }
        }
        question
    }

    fn find_answer(&self, messages: &str) -> Answer {
        const LABEL: &str = "this expression has type `";
        let mut answer = Answer::default();
        for message in messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        {
            // The Rust error codes index: "A variable was used after its contents have been moved elsewhere".
            let tells_of_move = message["code"]["code"] == "E0382";
            for span in message["spans"].as_array().into_iter().flatten() {
                let line = span["line_start"].as_u64().unwrap_or_default() as usize;
                if let Some(name) = self.moves.get(&line)
                    && tells_of_move
                    && span["is_primary"] == true
                {
                    answer.moved.insert(name.clone());
                }
                let label = span["label"].as_str();
                let shown = label.and_then(|label| label.strip_prefix(LABEL)?.strip_suffix('`'));
                if let (Some(shown), Some(name)) = (shown, self.types.get(&line)) {
                    answer.types.insert(name.clone(), shown.to_owned());
                }
            }
        }
        answer
    }
}

/// The variable that a line of evcxr's stores.
fn stored(line: &str) -> Option<&str> {
    line.strip_prefix("evcxr_variable_store(")?
        .strip_suffix(");")
}

/// Whether a function can stand in a source twice: there may be one implementation only.
fn can_be_repeated(function: &str) -> bool {
    !function.contains("impl")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn before() {}\nasync fn evcxr_analysis_wrapper(\n) {\nlet b = f();\n\
        evcxr_variable_store(b);\nevcxr_variable_store(c);\n}\n";

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn lines(lines: &[(usize, &str)]) -> HashMap<usize, String> {
        let lines = lines.iter();
        lines
            .map(|(line, name)| (*line, (*name).to_owned()))
            .collect()
    }

    #[test]
    fn probes_take_the_place_of_calls_in_the_first_copy() {
        assert_eq!(
            Question::new(SOURCE, &names(&["b"])),
            Question {
                source: "fn before() {}\nasync fn evcxr_analysis_wrapper(\n) {\nlet b = f();\n\
                    let ThreadbookProbe = b;\nevcxr_variable_store(c);\n}\nstruct ThreadbookProbe;\n\
                    async fn threadbook_copy(\n) {\nlet b = f();\n\
                    evcxr_variable_store(b);\nevcxr_variable_store(c);\n}\n"
                    .to_owned(),
                types: lines(&[(5, "b")]),
                moves: lines(&[(12, "b"), (13, "c")]),
            }
        );
    }

    #[test]
    fn implementations_are_not_repeated() {
        let source = SOURCE.replace("f()", "{ struct S; impl Drop for S { } }");
        let question = Question::new(&source, &names(&["b"]));
        assert_eq!(question.source.matches("impl Drop").count(), 1);
        assert!(question.moves.is_empty());
    }

    #[test]
    fn answers_are_found_in_messages() {
        let question = Question::new(SOURCE, &names(&["b", "c"]));
        let message = |code: &str, line: usize, label: &str| {
            let span = serde_json::json!({"line_start": line, "is_primary": true, "label": label});
            serde_json::json!({"code": {"code": code}, "spans": [span]}).to_string()
        };
        let messages = [
            "no JSON".to_owned(),
            message("E0308", 5, "this expression has type `Vec<i32>`"),
            message("E0382", 13, "value used here after move"),
            // The user's own mistake.
            message("E0382", 11, "value used here after move"),
        ];
        let answer = question.find_answer(&messages.join("\n"));
        assert_eq!(
            answer,
            Answer {
                types: BTreeMap::from([("b".to_owned(), "Vec<i32>".to_owned())]),
                moved: BTreeSet::from(["c".to_owned()]),
            }
        );
    }
}
