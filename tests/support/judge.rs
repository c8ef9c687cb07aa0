//! Compares the output of a cell with the expected one: the same text, or the same lines in any order.
//!
//! Ids of processes and workers differ from run to run, so an expected line is a pattern: `{a}` matches a number that
//! is the same wherever `{a}` occurs in the cell and differs from the number for `{b}`; `{}` matches any number.

use regex::Regex;
use std::collections::BTreeMap;

/// `Err` says how an output differs from the expected one.
pub type Verdict = Result<(), String>;

/// The numbers that the names in patterns have matched.
#[derive(Clone, Debug, Default)]
pub struct Ids(BTreeMap<String, String>);

impl Ids {
    /// Returns the number that the name has matched.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.parse().ok()
    }

    /// Lets the name match another number from here on.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Records the numbers of `line` and returns true if it fits the pattern and contradicts no earlier number.
    fn fits(&mut self, pattern: &str, line: &str) -> bool {
        let (regex, names) = compile(pattern);
        let Some(found) = regex.captures(line) else {
            return false;
        };
        let mut ids = self.0.clone();
        for (name, number) in names.iter().zip(found.iter().skip(1).flatten()) {
            let number = number.as_str().to_owned();
            if name.is_empty() {
                continue;
            }
            let is_new = !ids.contains_key(name);
            if is_new && ids.values().any(|other| *other == number) {
                return false;
            }
            if *ids.entry(name.clone()).or_insert_with(|| number.clone()) != number {
                return false;
            }
        }
        self.0 = ids;
        true
    }
}

/// Returns the pattern as a regular expression, and the names of its groups.
fn compile(pattern: &str) -> (Regex, Vec<String>) {
    let mut source = "^".to_owned();
    let mut names = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').expect("a pattern closes its braces");
        source += &regex::escape(before);
        source += r"(\d+)";
        names.push(name.to_owned());
        rest = after;
    }
    source += &regex::escape(rest);
    source += "$";
    (Regex::new(&source).expect("an escaped pattern"), names)
}

/// Checks that the output is this text, character for character.
pub fn exact(output: &str, expected: &str) -> Verdict {
    if output == expected {
        return Ok(());
    }
    Err(format!("expected {expected:?}\nbut got {output:?}"))
}

/// Returns the lines of an output, which must end with a newline.
pub fn lines_of(output: &str) -> Result<Vec<&str>, String> {
    if !output.is_empty() && !output.ends_with('\n') {
        return Err(format!("no newline at the end: {output:?}"));
    }
    Ok(output.lines().collect())
}

/// Checks that the lines fit the patterns, one by one.
pub fn in_order(lines: &[&str], patterns: &[&str], ids: &mut Ids) -> Verdict {
    let same = lines.len() == patterns.len()
        && lines
            .iter()
            .zip(patterns)
            .all(|(line, pattern)| ids.fits(pattern, line));
    if same {
        Ok(())
    } else {
        Err(difference(lines, patterns, "in this order"))
    }
}

/// Checks that the lines fit the patterns, in any order.
pub fn any_order(lines: &[&str], patterns: &[&str], ids: &mut Ids) -> Verdict {
    let free: Vec<&str> = lines.to_vec();
    if lines.len() == patterns.len()
        && let Some(found) = assign(&free, patterns, ids)
    {
        *ids = found;
        return Ok(());
    }
    Err(difference(lines, patterns, "in any order"))
}

/// Finds a line for each pattern such that the ids agree, by backtracking.
fn assign(lines: &[&str], patterns: &[&str], ids: &Ids) -> Option<Ids> {
    let Some((pattern, patterns)) = patterns.split_first() else {
        return Some(ids.clone());
    };
    let mut tried: Vec<&str> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let mut ids = ids.clone();
        if tried.contains(line) || !ids.fits(pattern, line) {
            continue;
        }
        tried.push(line);
        let mut others = lines.to_vec();
        others.remove(index);
        if let Some(found) = assign(&others, patterns, &ids) {
            return Some(found);
        }
    }
    None
}

fn difference(lines: &[&str], patterns: &[&str], how: &str) -> String {
    format!(
        "expected {how}:\n  {}\nbut got:\n  {}",
        patterns.join("\n  "),
        lines.join("\n  ")
    )
}
