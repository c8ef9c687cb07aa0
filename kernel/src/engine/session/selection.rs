//! Selects what a cell needs of the notebook.

use super::aliases::Aliases;
use super::{Deferred, Loan, Reason, Session, Variable};
use crate::engine::cell::{Cell, Item};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// Items, variables and deferred `let`s for one cell, in the order of the notebook.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub items: Vec<Rc<Item>>,
    /// The indices of the macros among the items that name variables. They must be defined once more where these are.
    pub macros: Vec<usize>,
    pub variables: Vec<Variable>,
    pub deferred: Vec<Deferred>,
    /// Implementations of the helper's traits for types of crates.
    pub implementations: String,
}

impl Selection {
    /// Returns the names in the cell and in the deferred `let`s.
    pub fn used_names(&self, cell: &Cell) -> BTreeSet<String> {
        let deferred = self.deferred.iter().flat_map(|deferred| &deferred.mentions);
        deferred.cloned().chain(cell.names()).collect()
    }

    /// Whether the names in the cell or in one of the items satisfy `is_wanted`.
    pub fn mentions(&self, cell: &Cell, is_wanted: impl Fn(&BTreeSet<String>) -> bool) -> bool {
        let mut items = self.items.iter().map(|item| &item.mentions);
        is_wanted(&cell.names()) || items.any(is_wanted)
    }
}

/// Selects what the cell names, and the variables `due` whose `let`s it must complete, and what that names in turn. The session
/// already contains the cell's items. With `everything` all items are selected, to check whether they still compile.
pub fn select(
    session: &Session,
    cell: &Cell,
    due: &BTreeSet<String>,
    everything: bool,
) -> Selection {
    let mut names = cell.names();
    names.extend(due.iter().cloned());
    let macros = session.macros_with_variables(cell, &mut names);
    let deferred = deferred(session, cell, &mut names);
    add_loans(session, &mut names);
    // A deferred `let` hides a variable of the same name.
    let is_hidden = |name: &str| {
        deferred
            .iter()
            .any(|deferred| deferred.reason == Reason::Unfinished && deferred.defines(name))
    };
    let is_needed =
        |variable: &&Variable| names.contains(&variable.name) && !is_hidden(&variable.name);
    let variables: Vec<_> = session
        .variables
        .iter()
        .filter(is_needed)
        .cloned()
        .collect();

    let mut search = Search::new(session);
    for (index, item) in session.items.iter().enumerate() {
        let is_new = cell.items.iter().any(|new| new.cell == item.cell);
        if everything
            || is_new
            || item.is_always_there()
            || search.is_for_all(item)
            || session.is_tried(item)
        {
            search.add_item(index);
        }
    }
    search.add_names(names.iter().cloned());
    search.add_names(variables.iter().flat_map(Variable::mentions));
    search.follow();
    let items: Vec<Rc<Item>> = search
        .items
        .into_iter()
        .map(|index| session.items[index].clone())
        .collect();
    let is_macro = |index: &usize| {
        let mut macros = macros.iter();
        macros.any(|found| Rc::ptr_eq(found, &items[*index]))
    };
    Selection {
        macros: (0..items.len()).filter(is_macro).collect(),
        items,
        variables,
        deferred,
        implementations: String::new(),
    }
}

/// Returns the deferred `let`s of these names and those that wait for them, and adds the names in them to `names`.
fn deferred(session: &Session, cell: &Cell, names: &mut BTreeSet<String>) -> Vec<Deferred> {
    let mut found: Vec<Deferred> = Vec::new();
    loop {
        let defined: BTreeSet<&String> = found
            .iter()
            .flat_map(|deferred| deferred.variables.iter().map(|(name, _)| name))
            .collect();
        let is_needed = |deferred: &&Deferred| {
            let is_named = |name: &String| {
                // What the cell itself defines before it uses it, an earlier `let` may still need.
                let mut needing = found.iter().filter(|other| *other != *deferred);
                names.contains(name)
                    && (!cell.begins_with(name)
                        || needing.any(|other| other.mentions.contains(name)))
            };
            let waits_for =
                |name: &String| deferred.reason == Reason::Unfinished && defined.contains(name);
            deferred.variables.iter().any(|(name, _)| is_named(name))
                || deferred.mentions.iter().any(waits_for)
        };
        let now: Vec<_> = session.deferred.iter().filter(is_needed).cloned().collect();
        let is_all = now.len() == found.len();
        names.extend(
            now.iter()
                .flat_map(|deferred| deferred.mentions.iter().cloned()),
        );
        found = now;
        if is_all {
            return found;
        }
    }
}

/// Adds the variables that share loans with those in `names`: the lenders of each, and those that borrow from it but leave it, or
/// parts of it, readable.
fn add_loans(session: &Session, names: &mut BTreeSet<String>) {
    let used = names.clone();
    for variable in &session.variables {
        let mut loans = variable.loans.iter();
        let leaves_it = |loan: &Loan| !loan.is_exclusive || !loan.parts.is_empty();
        if loans.any(|loan| leaves_it(loan) && used.contains(&loan.lender)) {
            names.insert(variable.name.clone());
        }
    }
    *names = session.with_lenders(std::mem::take(names));
}

/// Follows names from item to item.
struct Search<'a> {
    session: &'a Session,
    items_by_name: HashMap<&'a str, Vec<usize>>,
    /// The types of the notebook, and its modules, which may contain types.
    types: BTreeSet<&'a str>,
    aliases: Aliases<'a>,
    items: BTreeSet<usize>,
    names: BTreeSet<String>,
    open: Vec<String>,
}

impl<'a> Search<'a> {
    fn new(session: &'a Session) -> Search<'a> {
        let mut items_by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut types = BTreeSet::new();
        for (index, item) in session.items.iter().enumerate() {
            if session.is_aside(item) {
                continue;
            }
            for (_, name) in &item.names {
                items_by_name.entry(name).or_default().push(index);
                if matches!(item.kind, "struct" | "enum" | "union" | "mod") {
                    types.insert(name.as_str());
                }
            }
        }
        Search {
            session,
            items_by_name,
            types,
            aliases: Aliases::of(session),
            items: BTreeSet::new(),
            names: BTreeSet::new(),
            open: Vec::new(),
        }
    }

    /// Whether an `impl` block names no type of the notebook, so that a cell can call its methods without naming one.
    fn is_for_all(&self, item: &Item) -> bool {
        let header = item.header.as_ref();
        header.is_some_and(|header| {
            let about = self.aliases.resolved(&header.mentions);
            about.is_disjoint(&self.types)
        })
    }

    fn add_item(&mut self, index: usize) {
        let item = &self.session.items[index];
        if !self.session.is_aside(item) && self.items.insert(index) {
            self.add_names(item.mentions.iter().cloned());
        }
    }

    fn add_names(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if self.names.insert(name.clone()) {
                self.open.push(name);
            }
        }
    }

    fn follow(&mut self) {
        while let Some(name) = self.open.pop() {
            for index in self
                .items_by_name
                .get(name.as_str())
                .cloned()
                .unwrap_or_default()
            {
                self.add_item(index);
            }
            if self.types.contains(name.as_str()) {
                self.add_blocks_for(&name);
            }
        }
    }

    fn add_blocks_for(&mut self, name: &str) {
        for (index, item) in self.session.items.iter().enumerate() {
            let is_about = |names| self.aliases.resolved(names).contains(name);
            if is_about(item.names_of_blocks()) {
                self.add_item(index);
            }
        }
    }
}
