//! Compares outputs of threads and processes: the same lines in any order.

mod interleaving;
mod matching;

use std::collections::{HashMap, HashSet};

use super::difference::Difference;
use super::id_mapping::{IdMapping, Names};
use super::line::Line;
use matching::Match;

/// Returns the differences between the stored lines and the new ones.
pub fn compare(stored: &[Line], new: &[Line]) -> Vec<Difference> {
    let (stored, new) = (in_parts(stored), in_parts(new));
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in stored.iter().chain(&new) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let of = |parts: &[(String, Vec<Line>)], name: &str| -> Vec<Line> {
        let own = parts.iter().filter(|(other, _)| other == name);
        own.flat_map(|(_, lines)| lines.clone()).collect()
    };
    let parts: Vec<Part> = names
        .iter()
        .map(|name| Part::of(name, of(&stored, name), of(&new, name)))
        .collect();
    let mut differences: Vec<Difference> = parts.iter().filter_map(Part::difference).collect();
    if differences.is_empty() {
        differences.extend(ids_differ(&parts));
    }
    differences
}

/// Groups the lines by part. Displays lose their numbers, because several threads may display in any order. The newline
/// at the end of a part does not count.
fn in_parts(lines: &[Line]) -> Vec<(String, Vec<Line>)> {
    let chunks = lines.chunk_by(|a, b| a.part == b.part);
    let part = |lines: &[Line]| {
        let name = &lines[0].part;
        let name = match name
            .strip_prefix("display ")
            .and_then(|rest| rest.split_once(": "))
        {
            Some((_, format)) => format!("display: {format}"),
            None => name.clone(),
        };
        let lines = match lines {
            [lines @ .., last] if last.is_blank() => lines,
            lines => lines,
        };
        (name, lines.to_vec())
    };
    chunks.map(part).collect()
}

struct Part<'a> {
    name: &'a str,
    stored: Vec<Line>,
    new: Vec<Line>,
    /// For each stored line, the index of a new line of the same shape.
    partners: Vec<Option<usize>>,
}

impl<'a> Part<'a> {
    fn of(name: &'a str, stored: Vec<Line>, new: Vec<Line>) -> Self {
        let mut by_shape: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, line) in new.iter().enumerate().rev() {
            by_shape.entry(line.shape()).or_default().push(index);
        }
        let partner = |line: &Line| by_shape.get_mut(&line.shape()).and_then(Vec::pop);
        let partners = stored.iter().map(partner).collect();
        Self {
            name,
            stored,
            new,
            partners,
        }
    }

    fn difference(&self) -> Option<Difference> {
        let (missing, unexpected) = (self.missing(), self.unexpected());
        if (missing.is_empty() && unexpected.is_empty()) || is_shared(&missing, &unexpected) {
            return None;
        }
        // The ids are not paired yet, so they get no numbers.
        let shown = |line: &Line| line.shown(|_| "<id>".to_owned());
        // Restores the newline at the end of each text, which does not count here.
        let end = |lines: usize| (lines > 0).then(String::new);
        let stored: Vec<String> = self
            .stored
            .iter()
            .map(shown)
            .chain(end(self.stored.len()))
            .collect();
        let new = self.reordered().into_iter().map(shown);
        let new: Vec<String> = new.chain(end(self.new.len())).collect();
        Some(Difference::between(self.name, &stored, &new))
    }

    fn missing(&self) -> Vec<&Line> {
        let unmatched = self.stored.iter().zip(&self.partners);
        unmatched
            .filter_map(|(line, partner)| partner.is_none().then_some(line))
            .collect()
    }

    fn unexpected(&self) -> Vec<&Line> {
        let matched: HashSet<usize> = self.partners.iter().flatten().copied().collect();
        let unmatched = self.new.iter().enumerate();
        let unmatched = unmatched.filter(|(index, _)| !matched.contains(index));
        unmatched.map(|(_, line)| line).collect()
    }

    fn stored_with_partner(&self) -> Vec<Line> {
        let pairs = self.stored.iter().zip(&self.partners);
        let with_partner = pairs.filter(|(_, partner)| partner.is_some());
        with_partner.map(|(line, _)| self.own(line)).collect()
    }

    fn partners_of_stored(&self) -> Vec<Line> {
        let partners = self.partners.iter().flatten();
        partners.map(|&index| self.own(&self.new[index])).collect()
    }

    /// Returns the line under this part's name.
    fn own(&self, line: &Line) -> Line {
        let mut line = line.clone();
        line.part = self.name.to_owned();
        line
    }

    /// Returns the new lines in the order of the stored ones, those without a partner last.
    fn reordered(&self) -> Vec<&Line> {
        let matched = self
            .partners
            .iter()
            .flatten()
            .map(|&index| &self.new[index]);
        matched.chain(self.unexpected()).collect()
    }
}

/// Returns whether the difference is only that several writers mixed their text in shared lines on one of the two
/// sides.
fn is_shared(missing: &[&Line], unexpected: &[&Line]) -> bool {
    let tokens = |lines: &[&Line]| -> Vec<Vec<String>> {
        let lines = lines.iter().map(|line| line.tokens());
        lines.filter(|tokens| !tokens.is_empty()).collect()
    };
    let (missing, unexpected) = (tokens(missing), tokens(unexpected));
    interleaving::is_shuffle(&missing, &unexpected.concat())
        || interleaving::is_shuffle(&unexpected, &missing.concat())
}

/// Returns a difference if no assignment of new ids to stored ids fits the lines that have a partner.
fn ids_differ(parts: &[Part]) -> Option<Difference> {
    let with_ids = |lines: Vec<Line>| -> Vec<Line> {
        lines
            .into_iter()
            .filter(|line| line.ids().next().is_some())
            .collect()
    };
    let stored = with_ids(parts.iter().flat_map(Part::stored_with_partner).collect());
    let new = with_ids(parts.iter().flat_map(Part::partners_of_stored).collect());
    let reason = match matching::find(&stored, &new) {
        Match::Found => return None,
        Match::None => "the lines match, but not which of their ids are equal",
        Match::TooMany => "there are too many lines with ids to tell which ids correspond",
    };
    let none = IdMapping::default();
    let shown = |lines: &[Line]| -> Vec<String> {
        let mut names = Names::new(&none);
        lines.iter().map(|line| names.stored(line)).collect()
    };
    let mut difference = Difference::between("ids", &shown(&stored), &shown(&new));
    difference.reason = reason.to_owned();
    Some(difference)
}

#[cfg(test)]
mod tests;
