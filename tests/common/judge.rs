//! Compares the output of a cell with what it must be, by classes: the same text, or the same lines in any order.
//!
//! Ids of processes and workers differ from run to run, so an expected line is a pattern: `{a}` stands for a number
//! that is the same wherever `{a}` stands in the cell, and different from the number for `{b}`; `{}` is any number.

use regex::Regex;
use std::collections::BTreeMap;

/// The reason why an output is not what it must be.
pub type Verdict = Result<(), String>;

/// The numbers that stand for the names in patterns.
#[derive(Clone, Debug, Default)]
pub struct Ids(BTreeMap<String, String>);

impl Ids {
    /// The number for a name that has been matched.
    pub fn get(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.parse().ok()
    }

    /// Lets the name stand for another number from here on.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// Notes the numbers of `line` if it fits the pattern and contradicts nothing that was noted before.
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

/// The pattern as a regular expression, and the names of its groups.
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

/// The same text, character for character.
pub fn exact(output: &str, expected: &str) -> Verdict {
    if output == expected {
        return Ok(());
    }
    Err(format!("expected {expected:?}\nbut it is {output:?}"))
}

/// The lines of an output; its last one must be ended.
pub fn lines_of(output: &str) -> Result<Vec<&str>, String> {
    if !output.is_empty() && !output.ends_with('\n') {
        return Err(format!("the last line is not ended: {output:?}"));
    }
    Ok(output.lines().collect())
}

/// Lines that fit these patterns, one by one.
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

/// Lines that fit these patterns, in any order.
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

/// Finds a line for each pattern, such that the ids agree; tries the next line where they do not.
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
        "expected {how}:\n  {}\nbut it is:\n  {}",
        patterns.join("\n  "),
        lines.join("\n  ")
    )
}
