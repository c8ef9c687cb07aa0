//! Compiles a cell to its library: probes it first where needed, and drops what no longer compiles of earlier cells.

mod anchoring;
mod closures;
mod combined_trait;
mod comparison;
mod deferred_lets;
mod deferred_types;
mod ends;
mod failure;
mod forward_references;
mod leaks;
mod opaque_calls;
mod open_types;
mod other_std;
mod persistence;
pub mod plan;
mod planner;
mod probing;
mod repeated_lets;
mod retry;
mod trait_objects;
mod unknown_names;

use crate::engine::cell::Cell;
use crate::engine::crates::CrateFlags;
use crate::engine::rustc::{Diagnostic, ProbeResult, Rustc};
use crate::engine::session::{Deferred, Selection, Session, Variable, hidden_name, select};
use crate::engine::settings::Settings;
use crate::engine::source::{Edits, MovedParts, Place, Program, Source};
use crate::ipc::CellError;
use crate::prebuilt::Helper;
use anyhow::Result;
pub use deferred_lets::changed;
pub use other_std::explore;
use plan::{Findings, Plan};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Each attempt learns something, so attempts end by themselves; this limit is for cases that nobody thought of.
const MAX_ATTEMPTS: u32 = 40;

/// A cell that is being compiled.
pub struct Compilation<'a> {
    pub rustc: &'a mut Rustc,
    pub settings: &'a Settings,
    pub crates: &'a CrateFlags,
    /// Includes the items of the cell.
    pub session: Session,
    pub cell: Cell,
    pub number: u32,
    /// The texts of earlier cells, by their numbers.
    pub earlier: &'a HashMap<u32, String>,
    /// Whether all items must be compiled, since some were replaced.
    pub everything: bool,
    /// Whether what the cell does to locks, channels and atomics is to be recorded.
    pub is_watched: bool,
    /// Notes for the user on what no longer compiles.
    pub notes: Vec<String>,
    pub state: State,
}

/// The state of the attempts so far.
#[derive(Default)]
pub struct State {
    /// Whether a probe is needed before the cell is compiled.
    needs_probe: bool,
    /// Whether the probe must check each variable separately for borrows.
    probes_separately: bool,
    result_is_debug: bool,
    /// Whether our own trait shows the result, if that is known.
    shows_by_debug: Option<bool>,
    /// Whether the result's type is inferred too late for a method call on it.
    result_is_open: bool,
    /// Whether the result is what a `main` returns, such as `Ok(())`.
    result_is_main_result: bool,
    learned: Findings,
    plan: Plan,
    /// A plan for the next attempt, made before rustc has seen it: see `plan_ahead`.
    planned: Option<Plan>,
    /// Whether the attempt follows such a plan.
    is_ahead: bool,
    /// Whether such a plan has failed.
    never_ahead: bool,
    /// Closures whose `let`s are repeated, since this cell may call them with other numbers, with the types of their calls before, as
    /// rustc shows them.
    reopened_calls: BTreeMap<String, String>,
    /// The error from before the types of numbers were reopened.
    first_failure: Option<Failed>,
}

/// A cell's library.
pub struct Built {
    /// `None` if there is nothing to run.
    pub library: Option<PathBuf>,
    pub source: Source,
    /// rustc's flags for the crates that it names.
    pub crates: Vec<String>,
}

/// A cell that can run.
pub struct Ready {
    pub built: Built,
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

/// The outcome of an attempt.
enum Step<T> {
    Done(T),
    /// The attempt learned something: try again.
    Again,
}

impl Compilation<'_> {
    /// Compiles the cell.
    ///
    /// # Errors
    /// When the cell has errors, or rustc cannot be run.
    pub fn compile(mut self) -> Result<Ready, Failed> {
        self.anchor_pointees();
        for _ in 0..MAX_ATTEMPTS {
            self.end_exclusive_borrowers();
            let due = &self.state.learned.due;
            let mut selection = select(&self.session, &self.cell, due, self.everything);
            if !self.crates.rich.is_empty()
                && selection.mentions(&self.cell, |names| names.contains("display"))
                && selection.mentions(&self.cell, |names| names.contains(Helper::NAME))
            {
                selection.implementations.push_str(&self.crates.rich);
            }
            self.anchor_selected(&mut selection);
            self.cell.can_fail |= selection.deferred.iter().any(Deferred::can_fail);
            self.cell.awaits |= selection.deferred.iter().any(Deferred::awaits);
            let guessed = Plan::guess(&self.cell, self.number, &self.session, &selection)
                .filter(|_| !self.state.needs_probe);
            let planned = self.state.planned.take();
            self.state.is_ahead = planned.is_some();
            self.state.plan = match planned.or(guessed) {
                Some(plan) => plan,
                None => match self.ask(&selection)? {
                    Step::Done(plan) => plan,
                    Step::Again => continue,
                },
            };
            self.state.plan.renamed = self.renamed();
            let mut source = self.program(&selection, &self.edits()).source();
            self.crates.link(&mut source);
            if let Step::Done(built) = self.build(&selection, source)? {
                let Compilation {
                    mut session,
                    cell,
                    notes,
                    state,
                    ..
                } = self;
                session.take_back();
                let plan = Plan {
                    parts: state.learned.parts,
                    earlier_parts: state.learned.earlier_parts,
                    ..state.plan
                };
                return Ok(Ready {
                    built,
                    session,
                    cell,
                    selection,
                    plan,
                    notes,
                });
            }
        }
        Err(anyhow::anyhow!(
            "cannot settle how to compile this cell after {MAX_ATTEMPTS} attempts; please report it"
        )
        .into())
    }

    /// Compiles the cell according to the plan.
    fn build(&mut self, selection: &Selection, source: Source) -> Result<Step<Built>, Failed> {
        let crates = &self.crates.rustc;

        let defines_statics = selection
            .items
            .iter()
            .any(|item| !self.session.statics.has_all(item));
        let messages = if self.cell.has_only_items() && !defines_statics {
            let messages = self
                .rustc
                .check(source.text(), &self.settings.rustc, crates)?;
            if Diagnostic::errors(&messages).is_empty() {
                return Ok(Step::Done(Built {
                    library: None,
                    source,
                    crates: crates.clone(),
                }));
            }
            messages
        } else {
            let mut unwatched = None;
            if self.is_watched && other_std::names_recorded(&source) {
                match other_std::watch(self.rustc, &self.settings.rustc, crates, &source)? {
                    Ok(built) => return Ok(Step::Done(built)),
                    // If it does not compile without either, that is the error to explain.
                    Err(why) => unwatched = Some(why),
                }
            }
            let compiled = self
                .rustc
                .compile(source.text(), &self.settings.rustc, crates)?;
            if compiled.library.is_some() {
                let note = |why| format!("watched without its locks, channels and atomics: {why}");
                self.notes.extend(unwatched.map(note));
                return Ok(Step::Done(Built {
                    library: compiled.library,
                    source,
                    crates: crates.clone(),
                }));
            }
            compiled.messages
        };
        if self.state.is_ahead {
            self.state.never_ahead = true;
            return Ok(Step::Again);
        }
        let mut answer = ProbeResult::of(&messages, &source);
        self.find_own_errors(&mut answer, selection);
        if self.give_back_parts(&mut answer) || self.refill(&mut answer) {
            return Ok(Step::Again);
        }
        let borrows = !answer.borrowing.is_empty() || answer.has_borrow_errors();
        if borrows && !self.state.probes_separately {
            // Only a probe shows for certain which variable borrows.
            self.state.probes_separately = self.state.needs_probe;
            self.state.needs_probe = true;
            return Ok(Step::Again);
        }
        let learned = self.take_apart(&mut answer)
            | self.set_aside(&answer, selection)
            | self.set_own_aside(&answer.errors, &source)
            | self.learn(&answer)
            | (self.change_casts_in_lets(&answer, selection)
                || self.open_numbers_for_lets(&answer, selection)
                || self.end_failed_lets(&answer, selection));
        let shows_by_debug = self
            .state
            .shows_by_debug
            .unwrap_or_else(|| !has_prelude(selection));
        if answer.result_is_ambiguous && shows_by_debug
            || answer.result_is_hidden && !shows_by_debug
        {
            self.state.shows_by_debug = Some(!shows_by_debug);
        } else if answer.result_is_hidden && !self.state.result_is_debug {
            (self.state.result_is_debug, self.state.needs_probe) = (true, true);
        } else if !learned && !self.state.needs_probe {
            // The probe holds the cell as it is, so that rustc's messages fit.
            self.state.needs_probe = true;
        } else if !learned && !self.wait_for_types(&answer, &source) {
            if self.treat_as_main_result(&answer.errors) {
                return Ok(Step::Again);
            }
            let is_open =
                self.cell.result.is_some() && answer.errors.iter().all(Diagnostic::is_untyped);
            if is_open && !self.state.result_is_open {
                self.state.result_is_open = true;
            } else if !self.change_casts(&answer.errors, &source) && !self.downgrade_types() {
                // All errors may be about the code around the cell's own.
                let errors = match answer.errors.is_empty() {
                    true => Diagnostic::errors(&messages),
                    false => answer.errors,
                };
                self.failed(selection, &errors, &source)?;
            }
        }
        Ok(Step::Again)
    }

    /// Treats the result as what a `main` returns if its type is not known otherwise. Returns whether that is new.
    fn treat_as_main_result(&mut self, errors: &[Diagnostic]) -> bool {
        let result = self
            .cell
            .result
            .as_ref()
            .map(|range| self.cell.code[range.clone()].trim());
        let is_outcome =
            result.is_some_and(|text| text.starts_with("Ok(") || text.starts_with("Err("));
        let is_new = is_outcome
            && !self.state.result_is_main_result
            && errors.iter().all(Diagnostic::is_untyped);
        self.state.result_is_main_result |= is_new;
        is_new
    }

    /// Returns new names for variables of earlier cells that live on although the cell reuses their names: repeated `let`s read
    /// them, macros name them, or their end has effects, which a program has only at its own end. A cell that runs again replaces
    /// its variables, unless they have a `Drop` of the notebook.
    fn renamed(&self) -> BTreeMap<String, String> {
        let plan = &self.state.plan;
        let names = self.cell.variables().into_iter().map(|(_, name, _)| name);
        let earlier = names.filter_map(|name| self.session.variable(name));
        let lives_on = |variable: &&Variable| {
            let mut deferred = self.session.deferred.iter();
            !plan.moved.contains(&variable.name)
                && (deferred.any(|deferred| deferred.needs(&variable.name))
                    || variable.is_anchored
                    || self.session.has_own_drop(&variable.ty)
                    || self.session.shares_ownership(&variable.ty)
                        && self.earlier.get(&variable.cell) != Some(&self.cell.code)
                    || self
                        .session
                        .is_in_macro(variable, self.number, self.cell.edition))
        };
        earlier
            .filter(lives_on)
            .map(|variable| {
                let name = hidden_name(&variable.name, variable.cell);
                (variable.name.clone(), name)
            })
            .collect()
    }

    /// Returns the edits to the cell's text that the attempts so far call for.
    fn edits(&self) -> Edits {
        let learned = &self.state.learned;
        let casts = learned.closures.casts().into_iter();
        let calls = learned.calls.iter();
        let calls = calls.map(|(range, cast)| (Place::in_cell(range.clone()), cast.clone()));
        Edits {
            anchors: learned.anchors.clone(),
            leaks: self.leaks(),
            casts: casts.chain(calls).collect(),
            parts: MovedParts::new(learned.parts.clone()),
            earlier_parts: MovedParts::new(learned.earlier_parts.clone()),
            drops: learned.drops.clone(),
            unboxed: learned.unboxed.clone(),
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
            inside: &self.state.plan.inside,
            dropped: &self.state.plan.dropped,
            renamed: &self.state.plan.renamed,
            moved: &self.state.plan.moved,
            begin_to_borrow: &self.state.plan.begin_to_borrow,
            leaks_rests: self.state.learned.leaks_rests,
            result: &self.settings.result,
            shows_by_debug: self
                .state
                .shows_by_debug
                .unwrap_or_else(|| !has_prelude(selection)),
            result_is_debug: self.state.result_is_open,
            result_is_main_result: self.state.result_is_main_result,
            tokio: self.crates.tokio.filter(|_| {
                self.cell.awaits
                    || selection.mentions(&self.cell, |names| self.crates.are_in(names))
            }),
        }
    }
}

/// Whether the helper's prelude, whose trait shows values, is in scope in the cell.
fn has_prelude(selection: &Selection) -> bool {
    let mut uses = selection.items.iter().filter(|item| item.kind == "use");
    uses.any(|item| item.mentions.contains("threadbook"))
}
