//! Masks: find text that may differ from run to run, such as ids, times and rates.

mod patterns;

use std::ops::Range;
use std::str::FromStr;
use std::sync::Arc;

use regex::Regex;
use serde_json::Value;

/// A kind of masked text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Numbers of processes, threads or workers: equal ones stay equal, and different ones different.
    Ids,
    /// Durations, clock times and dates.
    Times,
    /// Amounts per second.
    Rates,
    /// Sizes in bytes.
    Bytes,
    /// Memory addresses, and the names of temporary files that hold a cell's code.
    Addresses,
    /// The directories of a path; its last component counts.
    Paths,
    /// The content of pictures.
    Images,
    /// Any number.
    Numbers,
    /// Everything on stderr.
    Stderr,
    /// Text that matches a regular expression of the notebook's author.
    Any,
}

impl Kind {
    /// All kinds that a user can name.
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

    /// Returns the name in a notebook's metadata and on the command line.
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

    /// Returns the text that a diff shows instead.
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
            format!("unknown mask `{name}`; the masks are: {names}")
        })
    }
}

/// A list of masks. Where two overlap, an expression of the notebook wins, otherwise the earlier one.
#[derive(Clone, Debug, Default)]
pub struct Masks {
    /// Each kind, with the notebook's expression if it has one.
    entries: Vec<(Kind, Option<Arc<Regex>>)>,
}

impl Masks {
    /// Returns the masks of these kinds.
    pub fn of(kinds: &[Kind]) -> Self {
        Self {
            entries: kinds.iter().map(|&kind| (kind, None)).collect(),
        }
    }

    /// Parses the `masks` of a cell's metadata: a list of names, and of objects that map names to regular expressions.
    /// An expression masks its first group, or its whole match if it has none.
    ///
    /// # Errors
    /// A message: which entry is invalid.
    pub fn read(value: &Value) -> Result<Self, String> {
        let Value::Array(list) = value else {
            return Err("`masks` is not a list".to_owned());
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
                other => return Err(format!("{other} is not a mask")),
            }
        }
        masks
            .entries
            .sort_by_key(|(_, expression)| expression.is_none());
        Ok(masks)
    }

    /// Adds a kind after the others.
    pub fn add(&mut self, kind: Kind) {
        if !self.has(kind) {
            self.entries.push((kind, None));
        }
    }

    /// Returns whether the kind is masked wherever it occurs.
    pub fn has(&self, kind: Kind) -> bool {
        self.entries
            .iter()
            .any(|(own, expression)| *own == kind && expression.is_none())
    }

    /// Returns the names of the kinds, without repetitions.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.entries.iter().map(|(kind, _)| kind.name()).collect();
        names.dedup();
        names
    }

    /// Returns the masked ranges of a line, from left to right.
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
        return Err(format!("the mask `{name}` needs a regular expression"));
    };
    // The error is several lines that show the expression; the last one says what is wrong.
    let compiled = Regex::new(pattern).map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        format!("the mask `{name}` has an invalid regular expression, {pattern}: {reason}")
    })?;
    Ok((kind, Some(Arc::new(compiled))))
}

#[cfg(test)]
mod tests;
