//! A one-to-one mapping between stored ids and the ids of this run.

use std::collections::HashMap;

use super::line::Line;

/// Pairs of a stored id and a new one; no id is in two pairs.
#[derive(Clone, Debug, Default)]
pub struct IdMapping {
    new_of: HashMap<String, String>,
    stored_of: HashMap<String, String>,
}

impl IdMapping {
    /// Pairs the ids of two lines of the same shape. If that contradicts an earlier pair, returns `false` and changes
    /// nothing.
    pub fn join(&mut self, stored: &Line, new: &Line) -> bool {
        let fits = self.fit(stored, new);
        if fits {
            self.join_what_fits(stored, new);
        }
        fits
    }

    /// Returns whether [`IdMapping::join`] would succeed.
    pub fn fit(&self, stored: &Line, new: &Line) -> bool {
        let own: Vec<(&str, &str)> = stored.ids().zip(new.ids()).collect();
        let agree = |(a, b): &(&str, &str), (c, d): &(&str, &str)| (a == c) == (b == d);
        own.iter().enumerate().all(|(index, pair)| {
            let (stored, new) = pair;
            let known = (self.new_of.get(*stored), self.stored_of.get(*new));
            let agrees_with_known = match known {
                (None, None) => true,
                (Some(known), _) => known == new,
                (None, Some(_)) => false,
            };
            agrees_with_known && own[..index].iter().all(|other| agree(pair, other))
        })
    }

    /// Pairs as many ids of the lines as possible without a contradiction.
    pub fn join_what_fits(&mut self, stored: &Line, new: &Line) {
        for (stored, new) in stored.ids().zip(new.ids()) {
            if !self.new_of.contains_key(stored) && !self.stored_of.contains_key(new) {
                self.new_of.insert(stored.to_owned(), new.to_owned());
                self.stored_of.insert(new.to_owned(), stored.to_owned());
            }
        }
    }

    /// Returns whether this stored id has a partner.
    pub fn knows(&self, stored: &str) -> bool {
        self.new_of.contains_key(stored)
    }
}

/// Assigns names to ids; a stored id and its new partner share a name.
pub struct Names<'a> {
    pairs: &'a IdMapping,
    numbers: HashMap<(bool, String), usize>,
}

impl<'a> Names<'a> {
    /// Numbers the ids in the order in which they are first rendered.
    pub fn new(pairs: &'a IdMapping) -> Self {
        Self {
            pairs,
            numbers: HashMap::new(),
        }
    }

    /// Renders a stored line.
    pub fn stored(&mut self, line: &Line) -> String {
        line.shown(|id| self.name(true, id))
    }

    /// Renders a new line.
    pub fn new_line(&mut self, line: &Line) -> String {
        line.shown(|id| match self.pairs.stored_of.get(id) {
            Some(stored) => self.name(true, stored),
            None => self.name(false, id),
        })
    }

    fn name(&mut self, is_stored: bool, id: &str) -> String {
        let next = self.numbers.len() + 1;
        let number = self
            .numbers
            .entry((is_stored, id.to_owned()))
            .or_insert(next);
        format!("<id {number}>")
    }
}
