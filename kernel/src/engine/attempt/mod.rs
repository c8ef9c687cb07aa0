//! From a cell to its library: what rustc must be asked first, and what of earlier cells does not fit any more.

mod closures;
mod failure;
mod keep;
mod lessons;
pub mod plan;
mod planner;
mod untyped;
mod waiting;

use crate::engine::cell::{Cell, Value};
use crate::engine::crates::CrateFlags;
use crate::engine::rustc::{Answer, Diagnostic, Rustc};
use crate::engine::session::{Deferred, Reason, Selection, Session, select};
use crate::engine::settings::Settings;
use crate::engine::source::{Edits, Kept, Program, Question, Source};
use crate::ipc::CellError;
use anyhow::Result;
use plan::{Learned, Open, Plan};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Each attempt learns something, so there is an end; this is for what was not thought of.
const MAX_ATTEMPTS: u32 = 40;

/// A cell that is being compiled.
pub struct Attempt<'a> {
    pub rustc: &'a mut Rustc,
    pub settings: &'a Settings,
    pub crates: &'a CrateFlags,
    /// With the items of the cell.
    pub session: Session,
    pub cell: Cell,
    pub number: u32,
    /// Whether all items must be looked at, since some were replaced.
    pub everything: bool,
    /// Lines for the user, about what does not fit any more.
    pub notes: Vec<String>,
    pub state: State,
}

/// How far the attempts have come.
#[derive(Default)]
pub struct State {
    must_ask: bool,
    /// Whether it must be asked of each variable by itself whether it borrows.
    asks_apart: bool,
    result_is_debug: bool,
    /// Whether a trait of ours shows the result, if that is known.
    shows_by_debug: Option<bool>,
    /// Whether the result's type is found out too late for a method of its own.
    result_is_open: bool,
    /// Whether the result is what a `main` evaluates to, such as `Ok(())`.
    result_is_outcome: bool,
    learned: Learned,
    plan: Plan,
    /// The error before the types of numbers were opened again.
    first_failure: Option<Failed>,
}

/// A cell that can run.
pub struct Ready {
    /// `None` if there is nothing to run.
    pub library: Option<PathBuf>,
    pub source: Source,
    pub session: Session,
    pub cell: Cell,
    pub selection: Selection,
    pub plan: Plan,
    pub notes: Vec<String>,
}

/// A cell that cannot run.
pub struct Failed {
    pub error: CellError,
    pub diagnostics: Vec<Diagnostic>,
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Failed {
        Failed {
            error: CellError::new("Error", format!("{error:#}")),
            diagnostics: Vec::new(),
        }
    }
}

/// What an attempt has come to.
enum Step<T> {
    Done(T),
    /// Something was learned: the next attempt does better.
    Again,
}

impl Attempt<'_> {
    /// Compiles the cell.
    ///
    /// # Errors
    /// When rustc says that the cell is wrong, or cannot be called.
    pub fn compile(mut self) -> Result<Ready, Failed> {
        for _ in 0..MAX_ATTEMPTS {
            let mut selection = select(&self.session, &self.cell, self.everything);
            for variable in &mut selection.variables {
                if self.state.learned.taken_back.contains(&variable.name) {
                    variable.lent_to = None;
                }
            }
            self.cell.can_fail |= selection.deferred.iter().any(Deferred::can_fail);
            self.cell.awaits |= selection.deferred.iter().any(Deferred::awaits);
            let guessed = Plan::guess(&self.cell, self.number, &self.session, &selection)
                .filter(|_| !self.state.must_ask);
            self.state.plan = match guessed {
                Some(plan) => plan,
                None => match self.ask(&selection)? {
                    Step::Done(plan) => plan,
                    Step::Again => continue,
                },
            };
            let mut source = self.program(&selection, &self.edits()).source();
            self.crates.link(&mut source);
            if let Step::Done(library) = self.build(&selection, &source)? {
                let Attempt {
                    session,
                    cell,
                    notes,
                    state,
                    ..
                } = self;
                let plan = Plan {
                    taken_back: state.learned.taken_back,
                    ..state.plan
                };
                return Ok(Ready {
                    library,
                    source,
                    session,
                    cell,
                    selection,
                    plan,
                    notes,
                });
            }
        }
        Err(anyhow::anyhow!(
            "rustc says something else about this cell each time; please report it"
        )
        .into())
    }

    /// Asks rustc, and makes a plan of what it says.
    fn ask(&mut self, selection: &Selection) -> Result<Step<Plan>, Failed> {
        self.state.must_ask = true;
        let mut types = BTreeSet::new();
        let mut closures = self.state.learned.ask_traits.clone();
        for (binding, name, _) in self.cell.variables() {
            if binding.written.is_none() {
                types.insert(name.to_owned());
            }
            if matches!(binding.value, Value::Closure | Value::WithClosure)
                && binding.written.is_none()
            {
                closures.insert(name.to_owned());
            }
        }
        let waiting = selection
            .deferred
            .iter()
            .filter(|deferred| deferred.reason == Reason::Unfinished);
        let waiting: Vec<_> = waiting
            .flat_map(|deferred| deferred.variables.iter().map(|(name, _)| name.clone()))
            .collect();
        types.extend(waiting.iter().cloned());
        let mut defined: Vec<_> = self
            .cell
            .variables()
            .into_iter()
            .map(|(_, name, _)| name.to_owned())
            .collect();
        let lent = self.state.learned.lent.iter();
        for (name, _) in lent.filter(|(_, lending)| !lending.is_hidden) {
            types.insert(name.clone());
            if !defined.contains(name) {
                defined.insert(0, name.clone());
            }
        }
        let edits = self.edits();
        let learned = &self.state.learned;
        let waiting = waiting.into_iter().filter(|name| !defined.contains(name));
        let kept = waiting
            .chain(defined.clone())
            .filter(|name| !learned.borrowing.contains_key(name));
        let kept = kept.map(|name| Kept {
            ty: learned.pins.get(&name).cloned(),
            name,
            is_earlier: false,
        });
        let earlier = selection.variables.iter().map(|variable| Kept {
            name: variable.name.clone(),
            ty: None,
            is_earlier: true,
        });
        let kept: Vec<_> = kept.chain(earlier).collect();
        let question = Question {
            session: &self.session,
            cell: &self.cell,
            selection,
            edits: &edits,
            types: &types,
            late_types: &self.state.learned.late_types,
            closures: &closures,
            kept: &kept,
            keeps_apart: false,
            numbers: &self.state.learned.numbers,
            result_is_outcome: self.state.result_is_outcome,
            result_is_debug: self.state.result_is_debug,
        };
        let source = question.source();
        let messages = self
            .rustc
            .ask(source.text(), &self.settings.rustc, &self.crates.rustc)?;
        let mut answer = Answer::of(&messages, &source);
        answer.types.extend(std::mem::take(&mut answer.late_types));
        self.find_annotated_borrows(&mut answer, &source);
        self.find_own_errors(&mut answer, selection);
        if self.state.asks_apart || answer.errors.iter().any(Diagnostic::is_about_borrows) {
            self.find_borrowers(&mut answer, &question)?;
        }
        if self.set_aside(&answer, selection)
            || self.end_failed_lets(&answer, selection)
            || self.wait_for_types(&answer, &source)
        {
            return Ok(Step::Again);
        }
        if !answer.not_cloneable.is_empty() {
            let learned = &mut self.state.learned;
            learned
                .taken_back
                .retain(|name| !answer.not_cloneable.contains(name));
            learned.not_cloneable.extend(answer.not_cloneable);
            return Ok(Step::Again);
        }
        if !answer.errors.is_empty() && self.take_for_outcome(&answer.errors) {
            return Ok(Step::Again);
        }
        if !answer.errors.is_empty() {
            return self
                .failed(selection, &answer.errors, &source)
                .map(|()| Step::Again);
        }
        let planned = match self.plan(&answer, selection) {
            Err(open) if !open.closures.is_empty() => {
                self.name_closures(&open.closures, &mut answer, &source, selection)?;
                self.plan(&answer, selection)
            }
            planned => planned,
        };
        let open = match planned {
            Ok(plan) => return Ok(Step::Done(plan)),
            Err(open) => open,
        };
        self.state.learned.ask_traits.extend(open.ask_traits);
        self.state.learned.late_types.extend(open.late_types);
        self.state.learned.leaks.extend(open.leaks);
        // Who borrows from it is asked about once more.
        self.state
            .learned
            .borrowing
            .retain(|name, _| !open.lend.values().any(|lending| lending.borrower == *name));
        self.state.learned.lent.extend(open.lend);
        Ok(Step::Again)
    }

    /// Rustc's complaints may be about the end of the cell, where variables are kept that borrow, and not about the cell: it does not
    /// always say so. Then they go away if nothing is kept.
    fn find_borrowers(&self, answer: &mut Answer, question: &Question) -> Result<(), Failed> {
        let source = question.apart().source();
        let messages = self
            .rustc
            .ask(source.text(), &self.settings.rustc, &self.crates.rustc)?;
        let apart = Answer::of(&messages, &source);
        answer.errors = apart.errors;
        for (index, errors) in apart.borrowing_apart {
            let name = &question.kept[index].name;
            for error in &errors {
                answer.add_borrows(vec![name.clone()], error);
            }
        }
        Ok(())
    }

    fn plan(&self, answer: &Answer, selection: &Selection) -> Result<Plan, Open> {
        let learned = &self.state.learned;
        Plan::of(
            answer,
            learned,
            &self.session,
            &self.cell,
            self.number,
            selection,
        )
    }

    /// Compiles the cell by the plan.
    fn build(
        &mut self,
        selection: &Selection,
        source: &Source,
    ) -> Result<Step<Option<PathBuf>>, Failed> {
        let defines_statics = selection
            .items
            .iter()
            .any(|item| !self.session.statics.has_all(item));
        let messages = if self.cell.has_only_items() && !defines_statics {
            let messages =
                self.rustc
                    .check(source.text(), &self.settings.rustc, &self.crates.rustc)?;
            if Diagnostic::errors(&messages).is_empty() {
                return Ok(Step::Done(None));
            }
            messages
        } else {
            let compiled =
                self.rustc
                    .compile(source.text(), &self.settings.rustc, &self.crates.rustc)?;
            if compiled.library.is_some() {
                return Ok(Step::Done(compiled.library));
            }
            compiled.messages
        };
        let mut answer = Answer::of(&messages, source);
        self.find_own_errors(&mut answer, selection);
        let borrows =
            !answer.borrowing.is_empty() || answer.errors.iter().any(Diagnostic::is_about_borrows);
        if borrows && !self.state.asks_apart {
            // Whose borrow it is only a question tells for certain.
            self.state.asks_apart = self.state.must_ask;
            self.state.must_ask = true;
            return Ok(Step::Again);
        }
        let learned = self.set_aside(&answer, selection)
            | self.learn(&answer)
            | self.end_failed_lets(&answer, selection);
        let shows_by_debug = self
            .state
            .shows_by_debug
            .unwrap_or_else(|| !has_prelude(selection));
        if answer.result_is_ambiguous && shows_by_debug
            || answer.result_is_hidden && !shows_by_debug
        {
            self.state.shows_by_debug = Some(!shows_by_debug);
        } else if answer.result_is_hidden && !self.state.result_is_debug {
            (self.state.result_is_debug, self.state.must_ask) = (true, true);
        } else if !learned && !self.state.must_ask {
            // The question has the cell as it is, so that rustc's words fit.
            self.state.must_ask = true;
        } else if !learned && !self.wait_for_types(&answer, source) {
            if self.take_for_outcome(&answer.errors) {
                return Ok(Step::Again);
            }
            let is_open =
                self.cell.result.is_some() && answer.errors.iter().all(Diagnostic::is_untyped);
            if is_open && !self.state.result_is_open {
                self.state.result_is_open = true;
            } else if !self.blame_keeping() {
                self.failed(selection, &answer.errors, source)?;
            }
        }
        Ok(Step::Again)
    }

    /// Takes a result for what a `main` evaluates to, if its type is not known otherwise; whether that is new.
    fn take_for_outcome(&mut self, errors: &[Diagnostic]) -> bool {
        let result = self
            .cell
            .result
            .as_ref()
            .map(|range| self.cell.code[range.clone()].trim());
        let is_outcome =
            result.is_some_and(|text| text.starts_with("Ok(") || text.starts_with("Err("));
        let is_new = is_outcome
            && !self.state.result_is_outcome
            && errors.iter().all(Diagnostic::is_untyped);
        self.state.result_is_outcome |= is_new;
        is_new
    }

    /// What is written otherwise than in the cell.
    fn edits(&self) -> Edits {
        let learned = &self.state.learned;
        let lent = learned.lent.iter();
        let leak = |name: &String| {
            let binding = self.cell.binding(name)?;
            let value = binding.temporary()?;
            let start = self.cell.end_of(binding) - binding.text.len();
            Some(start + value.start..start + value.end)
        };
        Edits {
            lending: lent
                .map(|(name, lending)| (name.clone(), lending.range.clone()))
                .collect(),
            leaks: learned.leaks.iter().filter_map(leak).collect(),
            casts: learned.closures.casts(),
        }
    }

    fn program<'b>(&'b self, selection: &'b Selection, edits: &'b Edits) -> Program<'b> {
        Program {
            session: &self.session,
            cell: &self.cell,
            selection,
            edits,
            left: &self.state.plan.left,
            found: &self.state.plan.found,
            hoisted: &self.state.plan.hoisted,
            pinned: &self.state.plan.pinned,
            numbers: &self.state.plan.numbers,
            items: &self.state.plan.items,
            moved: &self.state.plan.moved,
            result: &self.settings.result,
            shows_by_debug: self
                .state
                .shows_by_debug
                .unwrap_or_else(|| !has_prelude(selection)),
            result_is_debug: self.state.result_is_open,
            result_is_outcome: self.state.result_is_outcome,
            tokio: self.crates.tokio.filter(|_| {
                let items = selection.items.iter().map(|item| &item.mentions);
                self.cell.awaits
                    || items
                        .chain([&self.cell.names()])
                        .any(|names| self.crates.are_in(names))
            }),
        }
    }
}

/// Whether the cell sees the helper's prelude, in which a trait shows values.
fn has_prelude(selection: &Selection) -> bool {
    let mut uses = selection.items.iter().filter(|item| item.kind == "use");
    uses.any(|item| item.mentions.contains("threadbook"))
}
