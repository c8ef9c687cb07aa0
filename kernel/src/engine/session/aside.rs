//! Items that are set aside: they do not compile with the others that the notebook has so far.

use super::Session;
use super::imports::imported_names;
use crate::engine::cell::{Cell, Item, words};
use ra_ap_parser::Edition;
use std::collections::BTreeSet;
use std::rc::Rc;

/// An item that is set aside. It keeps its place among the session's items.
#[derive(Debug, Clone)]
pub struct SetAside {
    item: Rc<Item>,
    /// The names in it and in the reason.
    mentions: BTreeSet<String>,
    /// Whether the current cell may bring what it lacks, so that it is compiled again.
    is_tried: bool,
}

impl Session {
    /// Whether a source must leave the item out.
    pub fn is_aside(&self, item: &Rc<Item>) -> bool {
        self.set_aside_as(item).is_some_and(|aside| !aside.is_tried)
    }

    /// Whether the item was set aside and is now compiled again.
    pub fn is_tried(&self, item: &Rc<Item>) -> bool {
        self.set_aside_as(item).is_some_and(|aside| aside.is_tried)
    }

    fn set_aside_as(&self, item: &Rc<Item>) -> Option<&SetAside> {
        self.aside
            .iter()
            .find(|aside| Rc::ptr_eq(&aside.item, item))
    }

    /// Whether an `impl` block for a type or trait of this name is set aside.
    pub fn has_block_aside(&self, name: &str) -> bool {
        let aside = self.aside.iter().filter(|aside| !aside.is_tried);
        let mut headers = aside.filter_map(|aside| aside.item.header.as_ref());
        headers.any(|header| header.mentions.contains(name))
    }

    /// Sets an item aside. Whoever names it later gets the note.
    pub fn set_aside(&mut self, item: &Rc<Item>, note: &str) {
        self.aside.retain(|aside| !Rc::ptr_eq(&aside.item, item));
        let mentions = item.mentions.iter().cloned();
        self.aside.push(SetAside {
            item: item.clone(),
            mentions: mentions.chain(words(note).map(str::to_owned)).collect(),
            is_tried: false,
        });
        let notes = defined_names(item).map(|name| (name.to_owned(), note.to_owned()));
        self.ended.extend(notes);
    }

    /// Plans to compile again what is set aside and names something that the cell defines, or that another such item defines.
    pub fn try_again(&mut self, cell: &Cell) {
        let is_glob = |item: &Item| item.kind == "use" && item.text.contains('*');
        if cell.items.iter().any(is_glob) {
            return self.try_all_again();
        }
        let mut defined: BTreeSet<String> = BTreeSet::new();
        for item in &cell.items {
            add_what_it_brings(item, cell.edition, &mut defined);
        }
        loop {
            let waits =
                |aside: &&mut SetAside| !aside.is_tried && !aside.mentions.is_disjoint(&defined);
            let Some(found) = self.aside.iter_mut().find(waits) else {
                return;
            };
            found.is_tried = true;
            add_what_it_brings(&found.item, cell.edition, &mut defined);
        }
    }

    /// Plans to compile again all that is set aside.
    pub fn try_all_again(&mut self) {
        for aside in &mut self.aside {
            aside.is_tried = true;
        }
    }

    /// Takes back what compiles now.
    pub fn take_back(&mut self) {
        let (back, rest) = std::mem::take(&mut self.aside)
            .into_iter()
            .partition(|aside| aside.is_tried);
        self.aside = rest;
        for SetAside { item, .. } in back {
            for name in defined_names(&item) {
                self.ended.remove(name);
            }
        }
    }

    /// Follows the session's items: forgets what is gone, and goes on with `rest` in place of `old`.
    pub(super) fn keep_aside(&mut self, replaced: &[(Rc<Item>, Rc<Item>)]) {
        for aside in &mut self.aside {
            let mut replaced = replaced.iter();
            if let Some((_, rest)) = replaced.find(|(old, _)| Rc::ptr_eq(old, &aside.item)) {
                aside.item = rest.clone();
            }
        }
        let items = &self.items;
        self.aside
            .retain(|aside| items.iter().any(|item| Rc::ptr_eq(item, &aside.item)));
    }
}

/// Returns the names that an item defines, of an `impl` block those of its associated items.
fn defined_names(item: &Item) -> impl Iterator<Item = &str> {
    let members = item.header.iter().flat_map(|header| &header.members);
    let members = members.map(|(name, _)| name.as_str());
    item.names
        .iter()
        .map(|(_, name)| name.as_str())
        .chain(members)
}

/// Adds the names by which other items may depend on this one.
fn add_what_it_brings(item: &Item, edition: Edition, names: &mut BTreeSet<String>) {
    names.extend(defined_names(item).map(str::to_owned));
    match item.kind {
        // An `impl` block may bring a trait for a type.
        "impl" => names.extend(
            item.header
                .iter()
                .flat_map(|header| header.mentions.clone()),
        ),
        // The methods of a trait, and what stands in a module.
        "trait" | "mod" | "macro call" | "extern block" | "extern crate" => {
            names.extend(item.mentions.clone())
        }
        "use" => names.extend(imported_names(std::slice::from_ref(item), edition)),
        _ => {}
    }
}
