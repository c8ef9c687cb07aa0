//! The source that a cell is compiled from.

use super::body::{add_deferred, add_items, add_result, add_statements, end, outcome};
use super::edits::Edits;
use super::includes::resolve_includes;
use super::map::{Source, Use};
use crate::engine::cell::Cell;
use crate::engine::rustc::with_other_numbers;
use crate::engine::session::{Deferred, Openness, Selection, Session, Variable};
use crate::runtime::ENTRY;
use std::collections::{BTreeMap, BTreeSet};

/// tokio, as far as its features run what a cell awaits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokio {
    pub has_many_threads: bool,
    /// Whether its runtime tells when a task is spawned, polled and ended.
    pub has_task_hooks: bool,
}

impl Tokio {
    /// The runtime of the notebook, made by the first cell that awaits something.
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

/// What a task prints goes to the cell that has spawned it.
const TASK_HOOKS: &str = concat!(
    ".on_task_spawn({ let tasks = tasks.clone(); move |task| tasks.spawned(task.id()) })",
    ".on_before_task_poll({ let tasks = tasks.clone(); move |task| tasks.poll_begins(task.id()) })",
    ".on_after_task_poll({ let tasks = tasks.clone(); move |_| tasks.poll_ends() })",
    ".on_task_terminate(move |task| tasks.ended(task.id()))",
);

/// A variable that the cell leaves, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersistedVariable {
    pub variable: Variable,
    /// What is kept, as an expression over the variable's name.
    pub value: String,
}

impl PersistedVariable {
    /// Whether the variable may be less general than its type says, which leaves lifetimes out.
    pub fn may_be_special(&self) -> bool {
        self.value != self.variable.name
            || self.variable.ty.contains(['&', '\''])
            || self.variable.ty.contains("dyn ")
    }
}

/// What is to be known of a cell before it can be compiled.
pub struct Program<'a> {
    pub session: &'a Session,
    pub cell: &'a Cell,
    pub selection: &'a Selection,
    pub edits: &'a Edits,
    /// The variables that the cell defines and that can be kept.
    pub left: &'a [PersistedVariable],
    /// Variables of `let`s that have waited for the cell.
    pub found: &'a [PersistedVariable],
    /// These `let`s.
    pub hoisted: &'a [Deferred],
    /// Variables whose types nobody has said yet, under types that do for now.
    pub pinned: &'a [PersistedVariable],
    /// Numbers of earlier cells that turn out to be of other types than they were kept under.
    pub numbers: &'a BTreeMap<String, String>,
    /// Variables of earlier cells that go on under other names, since the cell gives theirs to others.
    pub renamed: &'a BTreeMap<String, String>,
    /// Items for the types under which variables are kept.
    pub items: &'a BTreeSet<String>,
    /// Variables of earlier cells that are not there any more at its end.
    pub moved: &'a BTreeSet<String>,
    pub result: &'a ResultFormat,
    /// Whether a trait of ours shows the result if no other one does.
    pub shows_by_debug: bool,
    /// Whether the result is known to be `Debug` alone: its type is found out too late for a method.
    pub result_is_debug: bool,
    /// Whether the result is what a `main` evaluates to.
    pub result_is_outcome: bool,
    /// The notebook's tokio, if the cell uses crates. It runs what the cell awaits.
    pub tokio: Option<Tokio>,
}

/// How a result is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFormat {
    /// As in `format!`.
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
        for name in &self.session.to_forget {
            source.generate(&format!("threadbook_variables.forget({name:?});\n"));
        }
        for variable in &self.selection.variables {
            let name = &variable.name;
            let ty = variable.kept_type();
            let mutable = self.edits.mutability(variable);
            if self.session.is_taken_back(variable) {
                let line = format!(
                    "let {mutable}{name} = ::std::clone::Clone::clone(threadbook_variables.take::<&'static {ty}>({name:?}));"
                );
                source.use_variable(&line, Use::TakeBack, name);
                continue;
            }
            // With a type of its own, which may borrow for less than ever.
            let here = self.numbers.get(name).unwrap_or(&ty);
            let taken = format!("threadbook_variables.take::<{ty}>({name:?})");
            let value = match (self.numbers.get(name), &variable.openness) {
                (Some(_), Openness::Inside(shown)) => with_other_numbers(shown, &taken),
                (Some(number), _) => Some(format!("{taken} as {number}")),
                (None, _) => None,
            };
            let value = value.unwrap_or(taken);
            let line = format!("let {mutable}{name}: {here} = {value};");
            source.use_variable(&line, Use::Take, name);
            if !self.gets_parts_back(variable) {
                source.generate(&variable.moves());
            }
        }
        add_deferred(
            &mut source,
            self.cell,
            self.selection,
            self.edits,
            &self.hoisted_places(),
        );
        self.add_run(&mut source);
        for PersistedVariable { variable, value } in self.found {
            let (name, ty) = (&variable.name, variable.kept_type());
            source.use_variable(
                &format!("threadbook_variables.put::<{ty}>({name:?}, {value});"),
                Use::PutBack,
                name,
            );
        }
        for variable in &self.selection.variables {
            let name = &variable.name;
            if !self.moved.contains(name) {
                self.edits.refill(&mut source, name);
                let ty = self
                    .numbers
                    .get(name)
                    .cloned()
                    .unwrap_or_else(|| variable.kept_type());
                let line = match self.renamed.get(name) {
                    Some(other) => format!(
                        "threadbook_variables.put_back_as::<{ty}>({name:?}, {other:?}, {name});"
                    ),
                    None => format!("threadbook_variables.put_back::<{ty}>({name:?}, {name});"),
                };
                source.use_variable(&line, Use::PutBack, name);
            }
        }
        source.generate("threadbook_end\n}\n");
        resolve_includes(&mut source, self.cell.edition);
        source
    }

    /// Whether the cell gives a variable back what was moved out of it. Then the variable is kept by the cell itself, since a closure
    /// cannot borrow what is missing.
    fn gets_parts_back(&self, variable: &Variable) -> bool {
        let mut left = self.left.iter();
        let is_left = left.any(|left| left.variable.name == variable.name);
        is_left && !variable.moved_parts.is_empty() && self.moved.contains(&variable.name)
    }

    /// The places of waiting `let`s that are done before what the user wrote in this cell.
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
            // Tasks can be spawned all the same, as in an `async fn main`.
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
        source.generate(&match tokio {
            Some(tokio) => format!(
                "::threadbook_cell::run(|| -> {outcome} {{ {}.block_on(async {{\n",
                tokio.runtime()
            ),
            None if self.cell.awaits => {
                format!("::threadbook_cell::run_async::<{outcome}>(async {{\n")
            }
            None => format!("::threadbook_cell::run(|| -> {outcome} {{\n"),
        });
        for variable in &self.selection.variables {
            if self.gets_parts_back(variable) {
                source.generate(&variable.moves());
            }
        }
        add_statements(
            source,
            self.cell,
            self.selection,
            self.edits,
            &self.hoisted_places(),
        );
        self.add_shown_result(source);
        for (name, other) in self.renamed {
            source.generate(&format!(
                "threadbook_variables.rename({name:?}, {other:?});\n"
            ));
        }
        for PersistedVariable { variable, .. } in self.left {
            self.edits.refill(source, &variable.name);
        }
        for PersistedVariable { variable, value } in self.left.iter().chain(self.pinned) {
            let (name, ty) = (&variable.name, variable.kept_type());
            let line = format!("threadbook_variables.put::<{ty}>({name:?}, {value});");
            source.use_variable(&line, Use::Put, name);
        }
        if self.cell.returns {
            source.generate("threadbook_reached.set(true);\n");
        }
        source.generate(end(self.cell));
        source.generate(if tokio.is_some() { "}) });\n" } else { "});\n" });
        if self.tokio.is_some() && !self.cell.awaits {
            source.generate("::std::mem::drop(threadbook_entered);\n");
        }
        if self.cell.returns {
            source.generate(
                "let threadbook_end = threadbook_end.if_reached(threadbook_reached.get());\n",
            );
        }
    }

    fn add_shown_result(&self, source: &mut Source) {
        let ResultFormat { format, with_type } = self.result;
        let after = if format == "{:?}" && !with_type && !self.result_is_debug {
            // A type may show itself, in its own way or by a trait in scope.
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
        let before = if self.result_is_outcome {
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
