//! Probes a cell before it is compiled.

use super::plan::{Open, Plan};
use super::{Compilation, Failed, Step};
use crate::engine::cell::Value;
use crate::engine::rustc::{Diagnostic, ProbeResult};
use crate::engine::session::{Reason, Selection};
use crate::engine::source::{Anchor, KeptVariable, Probe, Source};
use std::collections::BTreeSet;

impl Compilation<'_> {
    /// Probes the cell and makes a plan from the result.
    pub(super) fn ask(&mut self, selection: &Selection) -> Result<Step<Plan>, Failed> {
        self.state.needs_probe = true;
        let mut types = BTreeSet::new();
        let mut closures = self.state.learned.ask_traits.clone();
        for (binding, name, _) in self.cell.variables() {
            let is_wanted = binding.value == Value::None || self.state.probes_separately;
            if binding.written.is_none() || is_wanted {
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
        // This question would give a type that rustc infers late the type of the probe.
        types.retain(|name| !self.state.learned.late_types.contains(name));
        let defined: Vec<_> = self
            .cell
            .variables()
            .into_iter()
            .map(|(_, name, _)| name.to_owned())
            .collect();
        let edits = self.edits();
        let learned = &self.state.learned;
        let waiting = waiting.into_iter().filter(|name| !defined.contains(name));
        let kept = waiting
            .chain(defined.clone())
            .filter(|name| !learned.borrowing.contains_key(name));
        let kept = kept.map(|name| KeptVariable {
            ty: learned.pins.get(&name).cloned(),
            name,
            is_earlier: false,
        });
        // A borrower ends if the cell gives its name to another variable.
        let earlier = selection.variables.iter();
        let earlier = earlier
            .filter(|variable| variable.loans.is_empty() || !defined.contains(&variable.name));
        let earlier = earlier.map(|variable| KeptVariable {
            name: variable.name.clone(),
            ty: None,
            is_earlier: true,
        });
        let kept: Vec<_> = kept.chain(earlier).collect();
        let probe = Probe {
            session: &self.session,
            cell: &self.cell,
            selection,
            edits: &edits,
            types: &types,
            late_types: &self.state.learned.late_types,
            late_calls: &self.state.learned.late_calls,
            closures: &closures,
            kept: &kept,
            keeps_apart: false,
            allows_borrows: false,
            touched: &self.state.learned.touched,
            touched_parts: &self.state.learned.touched_parts,
            touched_types: &self.state.learned.touched_types,
            numbers: &self.state.learned.numbers,
            number_types: &self.state.learned.number_types,
            asks_numbers: !self.state.learned.numbers.is_empty(),
            result_is_main_result: self.state.result_is_main_result,
            result_is_debug: self.state.result_is_debug,
        };
        let source = probe.source();
        let mut answer = self.ask_rustc(&source)?;
        answer.types.extend(std::mem::take(&mut answer.late_types));
        answer.calls.extend(std::mem::take(&mut answer.late_calls));
        for (name, anchors) in &self.state.learned.anchors {
            let left = anchors.iter().find(|anchor| !anchor.is_hidden);
            if let (Some(left), Some(shown)) = (left, answer.types.get_mut(name)) {
                *shown = match left.is_leaked {
                    true => shown.strip_prefix('&').unwrap_or(shown).to_owned(),
                    false => content_of_box(shown),
                };
            }
        }
        for name in &self.state.learned.earlier_anchors {
            if let Some(shown) = answer.earlier_types.get_mut(name) {
                *shown = content_of_box(shown);
            }
        }
        self.find_annotated_borrows(&mut answer, &source);
        self.find_own_errors(&mut answer, selection);
        let apart = match self.state.probes_separately || answer.has_borrow_errors() {
            true => Some(self.find_borrowers(&mut answer, &probe)?),
            false => None,
        };
        let source_of_errors = apart.as_ref().unwrap_or(&source);
        self.confirm_conflicts(&mut answer, &probe)?;
        if self.drop_after_last_use(&answer)
            || self.leak_lenders(&answer.errors, source_of_errors)
            || self.set_aside(&answer, selection)
            || self.set_own_aside(&answer.errors, source_of_errors)
            || self.change_casts_in_lets(&answer, selection)
            || self.open_numbers_for_lets(&answer, selection)
            || self.end_failed_lets(&answer, selection)
            || self.wait_for_types(&answer, source_of_errors)
        {
            return Ok(Step::Again);
        }
        if !answer.errors.is_empty() && self.treat_as_main_result(&answer.errors) {
            return Ok(Step::Again);
        }
        if !answer.errors.is_empty() {
            return self
                .failed(selection, &answer.errors, source_of_errors)
                .map(|()| Step::Again);
        }
        if self.refill(&mut answer) {
            return Ok(Step::Again);
        }
        let planned = match self.plan(&answer, selection) {
            Err(open) if !open.closures.is_empty() => {
                self.name_closures(&open.closures, &mut answer, &source, selection)?;
                self.plan(&answer, selection)
            }
            planned => planned,
        };
        if planned.is_ok()
            && self.calls_without_numbers(&answer)
            && let Some(failed) = self.state.first_failure.take()
        {
            return Err(failed);
        }
        let open = match planned {
            Ok(plan) => return Ok(self.accepted(plan).map_or(Step::Again, Step::Done)),
            Err(open) => open,
        };
        let has_only_anchors = open.has_only_anchors();
        self.name_calls(&open.calls);
        self.state.learned.named_calls.extend(open.calls);
        self.state.learned.ask_traits.extend(open.ask_traits);
        self.state.learned.late_types.extend(open.late_types);
        self.state.learned.late_calls.extend(open.late_calls);
        self.state.learned.leaks.extend(open.leaks);
        for (name, anchors) in open.anchors {
            let known = self.state.learned.anchors.entry(name).or_default();
            known.extend(anchors);
        }
        for (name, anchor) in open.leaked_anchors {
            let known = self.state.learned.anchors.entry(name).or_default();
            known.retain(|other| *other != anchor);
            known.push(Anchor {
                is_leaked: true,
                ..anchor
            });
        }
        let earlier_anchors = &mut self.state.learned.earlier_anchors;
        earlier_anchors.extend(open.earlier_leaks.iter().cloned());
        earlier_anchors.extend(open.earlier_anchors);
        self.state.learned.earlier_leaks.extend(open.earlier_leaks);
        self.store_repeated(open.due);
        self.repeat_again(&open.not_due);
        self.state.probes_separately |= !open.touched.is_empty();
        self.state.learned.touched.extend(open.touched);
        self.state.learned.touched_parts.extend(open.touched_parts);
        self.state.learned.touched_types.extend(open.touched_types);
        for (name, why) in open.ended {
            if self.state.learned.due.contains(&name) {
                self.end_due(&name, &why);
            } else if let Some(variable) = self.session.variable(&name) {
                let cell = variable.cell;
                self.session.end(&name, cell, &why);
            }
        }
        if has_only_anchors && !self.state.never_ahead {
            self.plan_ahead(&answer, selection);
        }
        Ok(Step::Again)
    }

    /// Plans the next attempt without another probe. Anchors change where the lenders are, but not what a probe finds out: if a plan
    /// needs nothing else, it can be compiled at once.
    fn plan_ahead(&mut self, answer: &ProbeResult, selection: &Selection) {
        let mut anchored = selection.clone();
        self.anchor_selected(&mut anchored);
        let plan = self.plan(answer, &anchored).ok();
        self.state.planned = plan.and_then(|plan| self.accepted(plan));
    }

    /// Returns the plan unless it shows that something else must be stored, or asked with other types, first.
    fn accepted(&mut self, plan: Plan) -> Option<Plan> {
        let is_open = self.store_due(&plan) || self.settle_numbers(&plan);
        (!is_open).then_some(plan)
    }

    /// Notes the types of open numbers in variables that borrow: a probe can only tie these to what they borrow from under a type
    /// that is known. Returns whether there are any new ones.
    fn settle_numbers(&mut self, plan: &Plan) -> bool {
        let types = &mut self.state.learned.number_types;
        let before = types.len();
        let borrows = |name: &String| {
            let variable = self.session.variable(name);
            variable.is_some_and(|variable| !variable.loans.is_empty())
        };
        let found = plan.numbers.iter().filter(|(name, _)| borrows(name));
        types.extend(found.map(|(name, ty)| (name.clone(), ty.clone())));
        types.len() > before
    }

    /// Returns a probe that asks only for errors in the cell as the user wrote it.
    pub(super) fn error_probe<'b>(&'b self, selection: &'b Selection) -> Probe<'b> {
        Probe {
            result_is_main_result: self.state.result_is_main_result,
            result_is_debug: self.state.result_is_debug,
            ..Probe::errors(
                &self.session,
                &self.cell,
                selection,
                &self.state.learned.numbers,
            )
        }
    }

    /// Finds the variables that borrow. rustc's errors may be due to the end of the cell, where variables that borrow are kept,
    /// and not to the cell: rustc does not always say so. Such errors go away if nothing is kept. Returns the source that the errors
    /// which remain are about.
    fn find_borrowers(&self, answer: &mut ProbeResult, probe: &Probe) -> Result<Source, Failed> {
        let source = probe.apart().source();
        let apart = self.ask_rustc(&source)?;
        answer.errors = apart.errors;
        answer.failed_lets = apart.failed_lets;
        for (index, errors) in apart.borrowing_apart {
            let name = &probe.kept[index].name;
            for error in &errors {
                answer.add_borrows(vec![name.clone()], error, error.is_about_conflicts());
                answer.add_place(name, error, &source);
            }
        }
        for (index, names) in apart.exclusive_apart {
            answer
                .exclusive
                .insert(probe.kept[index].name.clone(), names);
        }
        for (index, names) in apart.shared_apart {
            answer.shared.insert(probe.kept[index].name.clone(), names);
        }
        for ((index, place), errors) in apart.lifetimes_apart {
            answer.add_lifetime(&probe.kept[index].name, place, &errors);
        }
        for (index, parts) in apart.borrowed_parts_apart {
            answer
                .borrowed_parts
                .insert(probe.kept[index].name.clone(), parts);
        }
        Ok(source)
    }

    /// Drops the conflicts that are only due to the probe: a variable that is assigned again need not be `'static` before that.
    fn confirm_conflicts(&self, answer: &mut ProbeResult, probe: &Probe) -> Result<(), Failed> {
        if answer.conflicts.is_empty() {
            return Ok(());
        }
        let used = self.ask_rustc(&probe.conflicts().source())?.borrowing_apart;
        let is_conflict =
            |errors: &Vec<Diagnostic>| errors.iter().any(Diagnostic::is_about_conflicts);
        let used = used.iter().filter(|(_, errors)| is_conflict(errors));
        let names: BTreeSet<&String> = used.map(|(index, _)| &probe.kept[*index].name).collect();
        let is_reassigned = |name: &String| !names.contains(name);
        let reassigned = answer.conflicts.keys().filter(|name| is_reassigned(name));
        answer.reassigned = reassigned.cloned().collect();
        answer.conflicts.retain(|name, _| !is_reassigned(name));
        Ok(())
    }

    fn ask_rustc(&self, source: &Source) -> Result<ProbeResult, Failed> {
        let messages = self
            .rustc
            .ask(source.text(), &self.settings.rustc, &self.crates.rustc)?;
        Ok(ProbeResult::of(&messages, source))
    }

    fn plan(&self, answer: &ProbeResult, selection: &Selection) -> Result<Plan, Box<Open>> {
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
}

/// Returns `T` for `std::boxed::Box<T>`.
fn content_of_box(shown: &str) -> String {
    let content = shown
        .strip_prefix("std::boxed::Box<")
        .and_then(|rest| rest.strip_suffix('>'));
    content.unwrap_or(shown).to_owned()
}
