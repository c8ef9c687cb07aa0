//! Which id of this run stands for which stored one: one for one.

use std::collections::HashMap;

use super::line::Line;

/// IdMapping of a stored id and a new one, in which none occurs twice.
#[derive(Clone, Debug, Default)]
pub struct IdMapping {
    new_of: HashMap<String, String>,
    stored_of: HashMap<String, String>,
}

impl IdMapping {
    /// Lets the ids of two lines of one shape stand for each other; does nothing and gives `false` if that contradicts
    /// what was joined before.
    pub fn join(&mut self, stored: &Line, new: &Line) -> bool {
        let fits = self.fit(stored, new);
        if fits {
            self.join_what_fits(stored, new);
        }
        fits
    }

    /// Whether [`IdMapping::join`] would join them.
    pub fn fit(&self, stored: &Line, new: &Line) -> bool {
        let own: Vec<(&str, &str)> = stored.ids().zip(new.ids()).collect();
        let agree = |(a, b): &(&str, &str), (c, d): &(&str, &str)| (a == c) == (b == d);
        own.iter().enumerate().all(|(place, pair)| {
            let (stored, new) = pair;
            let known = (self.new_of.get(*stored), self.stored_of.get(*new));
            let agrees_with_known = match known {
                (None, None) => true,
                (Some(known), _) => known == new,
                (None, Some(_)) => false,
            };
            agrees_with_known && own[..place].iter().all(|other| agree(pair, other))
        })
    }

    /// As [`IdMapping::join`], for as many ids as are not contradicted.
    pub fn join_what_fits(&mut self, stored: &Line, new: &Line) {
        for (stored, new) in stored.ids().zip(new.ids()) {
            if !self.new_of.contains_key(stored) && !self.stored_of.contains_key(new) {
                self.new_of.insert(stored.to_owned(), new.to_owned());
                self.stored_of.insert(new.to_owned(), stored.to_owned());
            }
        }
    }

    /// Whether something stands for this stored id.
    pub fn knows(&self, stored: &str) -> bool {
        self.new_of.contains_key(stored)
    }
}

/// Names for the ids, such that a stored one and the new one that stands for it have one name.
pub struct Names<'a> {
    pairs: &'a IdMapping,
    numbers: HashMap<(bool, String), usize>,
}

impl<'a> Names<'a> {
    /// Names by the order in which they are asked for.
    pub fn new(pairs: &'a IdMapping) -> Self {
        Self {
            pairs,
            numbers: HashMap::new(),
        }
    }

    /// A stored line as text.
    pub fn stored(&mut self, line: &Line) -> String {
        line.shown(|id| self.name(true, id))
    }

    /// A new line as text.
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
