//! Properties: what must hold for an output that differs each time, as declared in the cell's metadata.
//!
//! ```json
//! {
//!   "lines": ["Rounds:", { "times": 10, "line": "Final balance = {n}" }],
//!   "order": "any",
//!   "numbers": { "n": [{ "from": -9900, "to": 10100 }, { "not": 100, "at_least": 8 }] }
//! }
//! ```
//!
//! - `lines`: the lines of the output. `{n}` matches a number and names it; numbers with the same name are judged
//!   together. `{}` matches any number. `{{` and `}}` are literal braces. `times` repeats a line that often.
//! - `order`: `"any"` if the lines may come in any order; otherwise they come as listed.
//! - `numbers`: for each name, a condition or a list of conditions. `from` and `to` (both inclusive), `above` and
//!   `below` (both exclusive) and `not` must hold for each number, or with `at_least` or `at_most` for that many of
//!   them. With `all`, the numbers must be `"equal"` or `"different"`.

mod condition;

use std::collections::BTreeMap;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;

use condition::Condition;

/// A property of an output.
#[derive(Clone, Debug)]
pub struct Property {
    lines: Vec<Pattern>,
    any_order: bool,
    numbers: BTreeMap<String, Vec<Condition>>,
}

#[derive(Clone, Debug)]
struct Pattern {
    written: String,
    regex: Regex,
    /// The names of the groups, in order; empty for a number without a name.
    names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    lines: Vec<WrittenLine>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    numbers: BTreeMap<String, OneOrMore>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenLine {
    Once(String),
    Times(Times),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Times {
    times: u16,
    line: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Listed,
    Any,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(Condition),
    More(Vec<Condition>),
}

impl Property {
    /// Parses the `property` of a cell's metadata.
    ///
    /// # Errors
    /// A message: what is invalid.
    pub fn read(value: &Value) -> Result<Self, String> {
        let written: Written = serde_json::from_value(value.clone())
            .map_err(|error| format!("the `property` is invalid: {error}"))?;
        let mut lines = Vec::new();
        for line in written.lines {
            let (times, line) = match line {
                WrittenLine::Once(line) => (1, line),
                WrittenLine::Times(Times { times, line }) => (times, line),
            };
            let pattern = Pattern::read(&line)?;
            lines.extend(std::iter::repeat_n(pattern, times.into()));
        }
        let mut numbers = BTreeMap::new();
        for (name, conditions) in written.numbers {
            if !lines
                .iter()
                .any(|line: &Pattern| line.names.contains(&name))
            {
                return Err(format!(
                    "the `property` has a condition for `{name}`, but no line has {{{name}}}"
                ));
            }
            let conditions = match conditions {
                OneOrMore::One(condition) => vec![condition],
                OneOrMore::More(conditions) => conditions,
            };
            numbers.insert(name, conditions);
        }
        Ok(Self {
            lines,
            any_order: matches!(written.order, Order::Any),
            numbers,
        })
    }

    /// Checks that the property holds for these lines.
    ///
    /// # Errors
    /// A message: what does not hold.
    pub fn judge(&self, lines: &[String]) -> Result<(), String> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (pattern, line) in self.assign(lines)? {
            for (name, number) in pattern.numbers(line) {
                found.entry(name).or_default().push(number);
            }
        }
        for (name, conditions) in &self.numbers {
            let numbers = found.get(name.as_str()).map_or(&[][..], Vec::as_slice);
            for condition in conditions {
                condition.judge(name, numbers)?;
            }
        }
        Ok(())
    }

    /// Assigns a line to each pattern.
    fn assign<'a>(&'a self, lines: &'a [String]) -> Result<Vec<(&'a Pattern, &'a str)>, String> {
        if lines.len() != self.lines.len() {
            let (expected, found) = (self.lines.len(), lines.len());
            return Err(format!(
                "there must be {expected} lines, but there are {found}"
            ));
        }
        if !self.any_order {
            let pairs = self.lines.iter().zip(lines);
            for (number, (pattern, line)) in pairs.clone().enumerate() {
                if !pattern.regex.is_match(line) {
                    let (number, written) = (number + 1, &pattern.written);
                    return Err(format!(
                        "line {number} is {line:?}, which does not match {written:?}"
                    ));
                }
            }
            return Ok(pairs
                .map(|(pattern, line)| (pattern, line.as_str()))
                .collect());
        }
        let mut line_of = vec![None; lines.len()];
        for pattern in 0..self.lines.len() {
            if !self.find_line(pattern, lines, &mut line_of, &mut vec![false; lines.len()]) {
                let written = &self.lines[pattern].written;
                return Err(format!("not enough lines match {written:?}"));
            }
        }
        let assigned = line_of.iter().zip(lines);
        let assigned =
            assigned.filter_map(|(pattern, line)| Some((&self.lines[(*pattern)?], line.as_str())));
        Ok(assigned.collect())
    }

    /// Assigns a line to the pattern and reassigns other patterns if needed: an augmenting path in a bipartite graph.
    fn find_line(
        &self,
        pattern: usize,
        lines: &[String],
        taken_by: &mut [Option<usize>],
        tried: &mut [bool],
    ) -> bool {
        for line in 0..lines.len() {
            if tried[line] || !self.lines[pattern].regex.is_match(&lines[line]) {
                continue;
            }
            tried[line] = true;
            let is_free = match taken_by[line] {
                None => true,
                Some(other) => self.find_line(other, lines, taken_by, tried),
            };
            if is_free {
                taken_by[line] = Some(pattern);
                return true;
            }
        }
        false
    }
}

impl Pattern {
    fn read(written: &str) -> Result<Self, String> {
        let unclosed = || format!("the `property` has a line with unmatched braces: {written:?}");
        let mut source = "^".to_owned();
        let mut names = Vec::new();
        let mut rest = written;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            source += &regex::escape(before);
            if brace.starts_with("{{") || brace.starts_with("}}") {
                source += &regex::escape(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            let (name, after) = brace
                .strip_prefix('{')
                .and_then(|inner| inner.split_once('}'))
                .ok_or_else(unclosed)?;
            source += r"(-?\d+(?:\.\d+)?)";
            names.push(name.to_owned());
            rest = after;
        }
        source += &regex::escape(rest);
        source += "$";
        Ok(Self {
            written: written.to_owned(),
            // Everything but constants is escaped, so only a line of megabytes could fail.
            regex: Regex::new(&source).map_err(|error| error.to_string())?,
            names,
        })
    }

    fn numbers<'a>(&'a self, line: &'a str) -> Vec<(&'a str, &'a str)> {
        let Some(captures) = self.regex.captures(line) else {
            return Vec::new();
        };
        let groups = captures
            .iter()
            .skip(1)
            .flatten()
            .map(|group| group.as_str());
        let named = self.names.iter().map(String::as_str).zip(groups);
        named.filter(|(name, _)| !name.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests;
