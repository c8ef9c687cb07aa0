//! The program: the source from which a cell is compiled.

use super::body::{
    add_anchored, add_deferred, add_items, add_result, add_statements, deferred_first, end, outcome,
};
use super::edits::Edits;
use super::includes::resolve_includes;
use super::map::{Source, Use};
use super::taking::{StoredValues, lenders_first, untied};
use crate::engine::cell::{Cell, Item};
use crate::engine::session::{Deferred, Selection, Session, Variable};
use crate::runtime::ENTRY;
use std::collections::{BTreeMap, BTreeSet};

/// The features of the notebook's tokio that matter to cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokio {
    pub has_many_threads: bool,
    /// Whether its runtime has hooks for when a task is spawned, polled and ended.
    pub has_task_hooks: bool,
}

impl Tokio {
    /// Returns the expression for the notebook's tokio runtime, which the first cell that needs it creates.
    fn runtime(self) -> String {
        let builder = match self.has_many_threads {
            true => "::tokio::runtime::Builder::new_multi_thread()",
            false => "::tokio::runtime::Builder::new_current_thread()",
        };
        let (tasks, hooks) = match self.has_task_hooks {
            true => (TASKS, TASK_HOOKS),
            false => ("", ""),
        };
        format!(
            "threadbook_variables.shared(\"tokio::runtime::Runtime\", || {{ {tasks}{builder}.enable_all(){hooks}.build().unwrap() }})"
        )
    }
}

const TASKS: &str =
    "let tasks = ::std::sync::Arc::new(::threadbook_cell::tasks::TaskOutputs::new()); ";

/// Sends a task's output to the cell that spawned it.
const TASK_HOOKS: &str = concat!(
    ".on_task_spawn({ let tasks = tasks.clone(); move |task| tasks.spawned(task.id()) })",
    ".on_before_task_poll({ let tasks = tasks.clone(); move |task| tasks.poll_begins(task.id()) })",
    ".on_after_task_poll({ let tasks = tasks.clone(); move |_| tasks.poll_ends() })",
    ".on_task_terminate(move |task| tasks.ended(task.id()))",
);

/// A variable that the cell stores, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedVariable {
    pub variable: Variable,
    /// The value to store, as an expression over the variable's name.
    pub value: String,
}

impl PersistedVariable {
    /// Whether the variable may be less general than its type, which omits lifetimes.
    pub fn may_be_special(&self) -> bool {
        self.value != self.variable.name
            || self.variable.ty.contains(['&', '\''])
            || self.variable.ty.contains("dyn ")
    }
}

/// What must be known about a cell to generate its source.
pub struct Program<'a> {
    pub session: &'a Session,
    pub cell: &'a Cell,
    pub selection: &'a Selection,
    pub edits: &'a Edits,
    /// The variables that the cell defines and stores.
    pub left: &'a [PersistedVariable],
    /// Variables of deferred `let`s that the cell completes.
    pub found: &'a [PersistedVariable],
    /// These deferred `let`s.
    pub hoisted: &'a [Deferred],
    /// Variables whose types are not yet determined, under provisional types.
    pub pinned: &'a [PersistedVariable],
    /// Numbers of earlier cells that turn out to have other types than those under which they were stored, with the former.
    pub numbers: &'a BTreeMap<String, String>,
    /// Variables of earlier cells that live on under new names, since the cell reuses theirs.
    pub renamed: &'a BTreeMap<String, String>,
    /// Variables of earlier cells that the cell itself takes and stores: it uses both a lender and its exclusive borrower, which a
    /// closure around the cell cannot capture together.
    pub inside: &'a BTreeSet<String>,
    /// Variables that the cell drops before it stores others, from which they may borrow.
    pub dropped: &'a BTreeSet<String>,
    /// Items for the types under which variables are stored.
    pub items: &'a BTreeSet<String>,
    /// Variables of earlier cells that are gone at the cell's end.
    pub moved: &'a BTreeSet<String>,
    /// Those that begin to borrow in the cell.
    pub begin_to_borrow: &'a BTreeSet<String>,
    /// Whether what is left of partially moved variables is leaked.
    pub leaks_rests: bool,
    pub result: &'a ResultFormat,
    /// Whether our own trait shows the result if no other one does.
    pub shows_by_debug: bool,
    /// Whether the result is known only to be `Debug`: its type is inferred too late for a method call.
    pub result_is_debug: bool,
    /// Whether the result is what a `main` returns.
    pub result_is_main_result: bool,
    /// The notebook's tokio, if the cell awaits something or uses crates. It runs what the cell awaits.
    pub tokio: Option<Tokio>,
}

/// How a result is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFormat {
    /// The format string, as in `format!`.
    pub format: String,
    /// Whether its type is shown too.
    pub with_type: bool,
}

impl Program<'_> {
    /// Writes the source.
    pub fn source(&self) -> Source {
        let mut source = Source::default();
        add_items(&mut source, self.session, self.cell, self.selection);
        for item in self.items {
            source.generate(item);
            source.generate("\n");
        }
        source.generate(&format!(
            "#[unsafe(no_mangle)]\npub extern \"C\" fn {ENTRY}(threadbook_variables: &mut *mut ::threadbook_cell::Variables) \
             -> ::threadbook_cell::End {{\nlet threadbook_variables = ::threadbook_cell::Variables::at(threadbook_variables);\n"
        ));
        for allocator in self.cell.items.iter().filter_map(Item::global_allocator) {
            source.generate(&format!(
                "::threadbook_cell::allocate_with(&{allocator});\n"
            ));
        }
        for name in &self.session.to_forget {
            source.generate(&format!("threadbook_variables.forget({name:?});\n"));
        }
        self.take_variables(&mut source, |variable| {
            !self.inside.contains(&variable.name)
        });
        add_deferred(
            &mut source,
            self.cell,
            self.selection,
            self.edits,
            &self.hoisted_places(),
        );
        self.add_run(&mut source);
        self.put(&mut source, self.found, Use::PutBack);
        let selected: Vec<_> = self.selection.variables.iter().collect();
        for variable in lenders_first(&selected).into_iter().rev().flatten() {
            let name = &variable.name;
            if !self.moved.contains(name) {
                self.edits.earlier_parts.refill(&mut source, name);
                let variable = self.in_cell(variable);
                let ty = variable.stored_type();
                let value = untied(&variable, name);
                let (ty, value) = self.edits.earlier_parts.stored(name, ty, value);
                let line = match self.renamed.get(name) {
                    Some(other) => format!(
                        "threadbook_variables.put_back_as::<{ty}>({name:?}, {other:?}, {value});"
                    ),
                    None => format!("threadbook_variables.put_back::<{ty}>({name:?}, {value});"),
                };
                source.use_variable(&line, Use::PutBack, name);
            }
        }
        source.generate("threadbook_end\n}\n");
        resolve_includes(&mut source, self.cell.edition);
        source
    }

    /// Returns the indices of the deferred `let`s that run before the user's code in this cell.
    fn hoisted_places(&self) -> BTreeSet<usize> {
        let places = self
            .selection
            .deferred
            .iter()
            .enumerate()
            .filter(|(_, deferred)| self.hoisted.contains(deferred));
        places.map(|(index, _)| index).collect()
    }

    fn add_run(&self, source: &mut Source) {
        let outcome = outcome(self.cell);
        if let Some(tokio) = self.tokio.filter(|_| !self.cell.awaits) {
            // The cell can still spawn tasks, as an `async fn main` can.
            source.generate(&format!(
                "let threadbook_runtime = {}; let threadbook_entered = threadbook_runtime.enter();\n",
                tokio.runtime()
            ));
        }
        if self.cell.returns {
            source.generate("let threadbook_reached = ::std::cell::Cell::new(false);\n");
        }
        source.generate("let threadbook_end = ");
        // `return` leaves the closure or the block.
        let tokio = self.tokio.filter(|_| self.cell.awaits);
        let (leaking, end_of_leaking) = match self.leaks_rests {
            true => (
                format!("::threadbook_cell::rests::leaking::<_, {outcome}>("),
                ")",
            ),
            false => (String::new(), ""),
        };
        source.generate(&match tokio {
            Some(tokio) => format!(
                "::threadbook_cell::run(|| -> {outcome} {{ {}.block_on({leaking}async {{\n",
                tokio.runtime()
            ),
            None if self.cell.awaits || self.leaks_rests => {
                format!("::threadbook_cell::run_async::<{outcome}>({leaking}async {{\n")
            }
            None => format!("::threadbook_cell::run(|| -> {outcome} {{\n"),
        });
        let hoisted = self.hoisted_places();
        let mut done = deferred_first(self.selection);
        done.retain(|index| !hoisted.contains(index));
        add_anchored(source, self.cell, self.selection, self.edits, &done);
        done.extend(hoisted);
        // The lenders outlive what borrows from them: even an empty box counts as a borrower until its scope ends.
        self.take_variables(source, |variable| self.is_lender_inside(&variable.name));
        source.generate("{\n");
        self.take_variables(source, |variable| {
            self.inside.contains(&variable.name) && !self.is_lender_inside(&variable.name)
        });
        for variable in &self.selection.variables {
            if !self.moves_at_once(variable) {
                let parts = &self.edits.earlier_parts;
                parts.save(source, &variable.name, &variable.moved_parts);
            }
        }
        add_statements(source, self.cell, self.selection, self.edits, &done);
        self.add_shown_result(source);
        for (name, other) in self.renamed {
            source.generate(&format!(
                "threadbook_variables.rename({name:?}, {other:?});\n"
            ));
        }
        for PersistedVariable { variable, .. } in self.left {
            self.parts(&variable.name).refill(source, &variable.name);
        }
        for name in self.dropped_in_order() {
            source.generate(&format!("::std::mem::drop({name});\n"));
        }
        let mut left: Vec<_> = self.left.iter().chain(self.pinned).collect();
        let variables: Vec<_> = left.iter().map(|left| &left.variable).collect();
        let order: Vec<_> = lenders_first(&variables).into_iter().flatten().collect();
        // Borrowers before what they borrow from.
        left.sort_by_key(|left| {
            let place = order
                .iter()
                .position(|variable| variable.name == left.variable.name);
            std::cmp::Reverse(place.filter(|_| has_loans(&variables)))
        });
        let (lenders, others): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|left| self.is_lender_inside(&left.variable.name));
        self.put(source, others, Use::Put);
        let reached = match self.cell.returns {
            true => "threadbook_reached.set(true);\n",
            false => "",
        };
        if self.leaks_rests && lenders.is_empty() {
            source.generate(&format!(
                "{reached}::threadbook_cell::rests::leak().await;\n"
            ));
        }
        source.generate("}\n");
        self.put(source, lenders, Use::Put);
        source.generate(reached);
        source.generate(end(self.cell));
        let end_of_run = if tokio.is_some() { ") })" } else { ")" };
        source.generate(&format!("}}{end_of_leaking}{end_of_run};\n"));
        if self.tokio.is_some() && !self.cell.awaits {
            source.generate("::std::mem::drop(threadbook_entered);\n");
        }
        if self.cell.returns {
            source.generate(
                "let threadbook_end = threadbook_end.if_reached(threadbook_reached.get());\n",
            );
        }
    }

    /// Returns the variables that the cell drops, each before those that are defined before it, from which it may borrow.
    fn dropped_in_order(&self) -> Vec<&String> {
        let mut order: Vec<&String> = self.dropped.iter().collect();
        let place = |name: &str| self.cell.variables().iter().position(|own| own.1 == name);
        order.sort_by_key(|name| std::cmp::Reverse(place(name)));
        order
    }

    fn add_shown_result(&self, source: &mut Source) {
        let ResultFormat { format, with_type } = self.result;
        let after = if format == "{:?}" && !with_type && !self.result_is_debug {
            // A type may show itself by a method of its own or by a trait in scope.
            let import = if self.shows_by_debug {
                "#[allow(unused_imports)] use ::threadbook_cell::ShowByDebug as _; "
            } else {
                ""
            };
            format!(") {{ threadbook_result => {{ {import}threadbook_result.evcxr_display(); }} }}")
        } else {
            let before = if *with_type {
                "::threadbook_cell::type_of(threadbook_result) + \" = \" + &"
            } else {
                ""
            };
            format!(
                ") {{ threadbook_result => ::threadbook_cell::show({before}::std::format!({format:?}, threadbook_result)) }}"
            )
        };
        let before = if self.result_is_main_result {
            "match &::threadbook_cell::outcome("
        } else {
            "match &("
        };
        add_result(
            source,
            self.cell,
            self.selection,
            self.edits,
            (before, &after),
        );
    }
}

fn has_loans(variables: &[&Variable]) -> bool {
    variables.iter().any(|variable| !variable.loans.is_empty())
}
