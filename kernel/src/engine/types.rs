//! Asks rustc for the types of variables.
//!
//! evcxr stores a cell's variables by their types, and leaves it to rust-analyzer to tell them,
//! which would have to read all of `std` for that. rustc knows them anyway: after `let Probe = b;`,
//! with `Probe` a unit struct, it complains that "this expression has type `Vec<i32>`". All
//! variables are asked for in one pass without code generation.

use crate::cargo::{Tally, Work, may_read};
use crate::cell::canonical;
use crate::prebuilt::{Key, Store, Toolchain};
use anyhow::{Context, Result};
use regex::Regex;
use serde_json::Value;
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Instant;

/// What is known of a variable's type.
#[derive(Debug, PartialEq, Eq)]
pub enum Type {
    /// As it can be written in a `let`.
    Named(String),
    /// Closures have types that cannot be written, so evcxr cannot keep them.
    Closure,
    /// Nor can types that are made of closures be written, such as those of most iterators.
    MadeOfClosures,
    /// The cell has an error, or the type has no name; evcxr will say which.
    Unknown,
}

/// How types are asked for.
pub struct Probe<'a> {
    pub toolchain: &'a Toolchain,
    /// rustc's flags for the crates that cells use.
    pub crates: &'a [String],
    pub workspace: &'a Path,
    /// Keeps what rustc said.
    pub store: &'a Store,
}

impl Probe<'_> {
    /// The types of the variables `names` in `source`, evcxr's source for analysis, in which each
    /// variable is passed to `evcxr_variable_store` at the end.
    ///
    /// # Errors
    /// When rustc cannot be started.
    pub fn types(&self, source: &str, names: &[String]) -> Result<Vec<(String, Type)>> {
        let (source, lines) = with_probes(source, names);
        let mut labels = self.labels(&source, &lines)?;
        Ok(names
            .iter()
            .map(|name| {
                let shown = labels.remove(name);
                (
                    name.clone(),
                    shown.map_or(Type::Unknown, |shown| as_written(&shown)),
                )
            })
            .collect())
    }

    /// By name, what rustc says a variable's type is. `lines` are those of the probes.
    fn labels(
        &self,
        source: &str,
        lines: &HashMap<&str, usize>,
    ) -> Result<HashMap<String, String>> {
        let key = self.key(source);
        if let Some(kept) = key.as_ref().and_then(|key| self.store.get("types", key))
            && let Ok(labels) = serde_json::from_slice(&kept)
        {
            Tally::of(self.workspace).add(&Work {
                seconds: 0.0,
                link: None,
                from_store: true,
            });
            return Ok(labels);
        }
        let begin = Instant::now();
        let told = compile(source, self.crates, self.toolchain, self.workspace)?;
        let by_line = labels(&told);
        let by_name = lines
            .iter()
            .filter_map(|(name, line)| Some(((*name).to_owned(), by_line.get(line)?.clone())));
        let labels: HashMap<_, _> = by_name.collect();
        Tally::of(self.workspace).add(&Work {
            seconds: begin.elapsed().as_secs_f64(),
            link: None,
            from_store: false,
        });
        if let Some(key) = key {
            // A full disk costs the next time, not this one.
            let _ = self.store.put("types", &key, &serde_json::to_vec(&labels)?);
        }
        Ok(labels)
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
}

/// Replaces the calls for `names` by probes; the lines, from 1, on which these are.
fn with_probes<'a>(source: &str, names: &'a [String]) -> (String, HashMap<&'a str, usize>) {
    let mut lines = HashMap::new();
    let mut probed = String::new();
    for (index, line) in source.lines().enumerate() {
        let variable = line
            .strip_prefix("evcxr_variable_store(")
            .and_then(|rest| rest.strip_suffix(");"))
            .and_then(|variable| names.iter().find(|name| *name == variable));
        match variable {
            Some(name) => {
                probed.push_str(&format!("let ThreadbookProbe = {name};\n"));
                lines.insert(name.as_str(), index + 1);
            }
            None => {
                probed.push_str(line);
                probed.push('\n');
            }
        }
    }
    probed.push_str("struct ThreadbookProbe;\n");
    (probed, lines)
}

fn compile(
    source: &str,
    crates: &[String],
    toolchain: &Toolchain,
    workspace: &Path,
) -> Result<String> {
    let mut rustc = Command::new(toolchain.rustc())
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
        .args(crates)
        .arg("-o")
        .arg(workspace.join("probe.rmeta"))
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

/// By line, what rustc says an expression's type is.
fn labels(messages: &str) -> HashMap<usize, String> {
    const LABEL: &str = "this expression has type `";
    let mut types = HashMap::new();
    for message in messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        for span in message["spans"].as_array().into_iter().flatten() {
            let shown = span["label"]
                .as_str()
                .and_then(|label| label.strip_prefix(LABEL)?.strip_suffix('`'));
            if let (Some(shown), Some(line)) = (shown, span["line_start"].as_u64()) {
                types.insert(line as usize, shown.to_owned());
            }
        }
    }
    types
}

/// Turns a type as rustc shows it into one that can be written.
fn as_written(shown: &str) -> Type {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(.*\bfn\(.*) \{[^{}]*\}$"));
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"&(mut\b|[^'\s])"));
    if shown.starts_with("{closure") {
        return Type::Closure;
    }
    if shown.contains("{closure") || shown.contains("{async") {
        return Type::MadeOfClosures;
    }
    let text = FUNCTION.replace(shown, "$1");
    let text = text
        .replace("{integer}", "i32")
        .replace("{float}", "f64")
        .replace("'_", "'static");
    let text = REFERENCE.replace_all(&text, "&'static $1").into_owned();
    // What is left in braces has no name, `_` is unknown to rustc too, and `impl` hides the type.
    static NAMELESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{|\b_\b|\bimpl\b"));
    if NAMELESS.is_match(&text) {
        Type::Unknown
    } else {
        Type::Named(text)
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Type {
        Type::Named(text.to_owned())
    }

    #[test]
    fn types_are_made_writable() {
        assert_eq!(
            as_written("std::vec::Vec<{integer}>"),
            named("std::vec::Vec<i32>")
        );
        assert_eq!(as_written("&str"), named("&'static str"));
        assert_eq!(
            as_written("(&mut [u8], {float})"),
            named("(&'static mut [u8], f64)")
        );
        assert_eq!(as_written("&'static str"), named("&'static str"));
        assert_eq!(
            as_written("std::slice::Iter<'_, i32>"),
            named("std::slice::Iter<'static, i32>")
        );
        assert_eq!(
            as_written("fn(i32) -> i32 {square}"),
            named("fn(i32) -> i32")
        );
        assert_eq!(
            as_written("std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>"),
            named("std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>")
        );
    }

    #[test]
    fn types_without_a_name_are_told_apart() {
        assert_eq!(as_written("{closure@src/lib.rs:3:9: 3:11}"), Type::Closure);
        assert_eq!(
            as_written("std::iter::Map<std::vec::IntoIter<i32>, {closure@src/lib.rs:3:9: 3:11}>"),
            Type::MadeOfClosures
        );
        assert_eq!(as_written("std::vec::Vec<_>"), Type::Unknown);
        assert_eq!(
            as_written("impl std::iter::Iterator<Item = u8>"),
            Type::Unknown
        );
        assert_eq!(as_written("{type error}"), Type::Unknown);
    }

    #[test]
    fn probes_take_the_place_of_calls() {
        let source =
            "fn w() {\nlet b = f();\nevcxr_variable_store(b);\nevcxr_variable_store(c);\n}";
        let names = ["b".to_owned()];
        let (probed, lines) = with_probes(source, &names);
        assert_eq!(lines, HashMap::from([("b", 3)]));
        assert_eq!(
            probed,
            "fn w() {\nlet b = f();\nlet ThreadbookProbe = b;\nevcxr_variable_store(c);\n}\n\
             struct ThreadbookProbe;\n"
        );
    }
}
