//! What may differ from run to run, found in the text: ids, times, rates and the like.

mod patterns;

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

/// What a part of a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The number of a process, a thread or a worker: equal ones stay equal, different ones different.
    Ids,
    /// Durations, clock times and dates.
    Times,
    /// So much each second.
    Rates,
    /// Sizes in bytes.
    Bytes,
    /// Addresses in memory, and the names of temporary files that hold a cell's code.
    Addresses,
    /// The folders of a path; its last name counts.
    Paths,
    /// The content of pictures.
    Images,
    /// Any number.
    Numbers,
    /// All that is written to stderr.
    Stderr,
    /// Whatever a notebook's author says, by a regular expression.
    Any,
}

impl Kind {
    /// All that can be asked for by name.
    pub const NAMED: [Kind; 9] = [
        Kind::Ids,
        Kind::Times,
        Kind::Rates,
        Kind::Bytes,
        Kind::Addresses,
        Kind::Paths,
        Kind::Images,
        Kind::Numbers,
        Kind::Stderr,
    ];

    /// The name in a notebook's metadata and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ids => "ids",
            Kind::Times => "times",
            Kind::Rates => "rates",
            Kind::Bytes => "bytes",
            Kind::Addresses => "addresses",
            Kind::Paths => "paths",
            Kind::Images => "images",
            Kind::Numbers => "numbers",
            Kind::Stderr => "stderr",
            Kind::Any => "any",
        }
    }

    /// What is shown in place of the text.
    pub fn placeholder(self) -> &'static str {
        match self {
            Kind::Ids => "<id>",
            Kind::Times => "<time>",
            Kind::Rates => "<rate>",
            Kind::Bytes => "<bytes>",
            Kind::Addresses => "<address>",
            Kind::Paths => "<folder>/",
            Kind::Images => "<image>",
            Kind::Numbers => "<number>",
            Kind::Stderr => "<stderr>",
            Kind::Any => "<any>",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut named = Kind::NAMED.into_iter();
        named.find(|kind| kind.name() == name).ok_or_else(|| {
            let names = Kind::NAMED.map(Kind::name).join(", ");
            format!("there is no mask `{name}`; there are: {names}")
        })
    }
}

/// A list of masks. Where two find the same text, a notebook's own expression counts, else the earlier one.
#[derive(Clone, Debug, Default)]
pub struct Masks {
    /// For the kinds, and for a kind with an expression of the notebook's own.
    entries: Vec<(Kind, Option<Arc<Regex>>)>,
}

impl Masks {
    /// Those of these kinds.
    pub fn of(kinds: &[Kind]) -> Self {
        Self {
            entries: kinds.iter().map(|&kind| (kind, None)).collect(),
        }
    }

    /// The `masks` of a cell's metadata: names, and objects that have a regular expression for a name, of which the
    /// first group is masked or all that it finds.
    ///
    /// # Errors
    /// In words, what is no mask.
    pub fn read(value: &Value) -> Result<Self, String> {
        let Value::Array(list) = value else {
            return Err("`masks` is no list".to_owned());
        };
        let mut masks = Self::default();
        for entry in list {
            match entry {
                Value::String(name) => masks.add(name.parse()?),
                Value::Object(object) => {
                    for (name, pattern) in object {
                        masks.entries.push(expression(name, pattern)?);
                    }
                }
                other => return Err(format!("{other} is no mask")),
            }
        }
        masks
            .entries
            .sort_by_key(|(_, expression)| expression.is_none());
        Ok(masks)
    }

    /// One more kind, after the others.
    pub fn add(&mut self, kind: Kind) {
        if !self.has(kind) {
            self.entries.push((kind, None));
        }
    }

    /// Whether the kind is masked wherever it is found.
    pub fn has(&self, kind: Kind) -> bool {
        self.entries
            .iter()
            .any(|(own, expression)| *own == kind && expression.is_none())
    }

    /// The names of the kinds, each once.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.entries.iter().map(|(kind, _)| kind.name()).collect();
        names.dedup();
        names
    }

    /// What is masked in a line, from left to right.
    pub fn find(&self, line: &str) -> Vec<(Range<usize>, Kind)> {
        let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
        for (kind, own) in &self.entries {
            let expressions = match own {
                Some(own) => std::slice::from_ref(own.as_ref()),
                None => patterns::of(*kind),
            };
            for captures in expressions
                .iter()
                .flat_map(|expression| expression.captures_iter(line))
            {
                let Some(part) = captures.get(1).or_else(|| captures.get(0)) else {
                    continue;
                };
                let is_free = found
                    .iter()
                    .all(|(other, _)| part.end() <= other.start || other.end <= part.start());
                if is_free && !part.is_empty() {
                    found.push((part.range(), *kind));
                }
            }
        }
        found.sort_by_key(|(range, _)| range.start);
        found
    }
}

fn expression(name: &str, pattern: &Value) -> Result<(Kind, Option<Arc<Regex>>), String> {
    let kind = match name {
        "any" => Kind::Any,
        name => name.parse()?,
    };
    let Some(pattern) = pattern.as_str() else {
        return Err(format!("the mask `{name}` wants a regular expression"));
    };
    // The error shows the expression on lines of its own; the last line says what is wrong.
    let compiled = Regex::new(pattern).map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!("the mask `{name}` has a wrong regular expression, {pattern}: {reason}")
    })?;
    Ok((kind, Some(Arc::new(compiled))))
}

#[cfg(test)]
mod tests;
