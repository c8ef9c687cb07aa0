//! Reports why a cell cannot be compiled, after the last ways to compile it have been tried.

use super::{Compilation, Failed};
use crate::engine::report::Reporter;
use crate::engine::rustc::{Diagnostic, ProbeResult};
use crate::engine::session::{Selection, select};
use crate::engine::source::Source;
use anyhow::Result;

impl Compilation<'_> {
    /// Handles rustc's `errors` about `source`: changes something that may make the cell compile, such as the types of numbers
    /// of earlier cells, or else fails with the report.
    pub(super) fn failed(
        &mut self,
        selection: &Selection,
        errors: &[Diagnostic],
        source: &Source,
    ) -> Result<(), Failed> {
        if !self.cell.awaits && errors.iter().any(|error| error.code() == "E0728") {
            // A macro may await.
            self.cell.awaits = true;
            return Ok(());
        }
        let learned = &mut self.state.learned;
        let messages = errors.iter().map(|error| error.message.as_str());
        if learned.closures.try_next(&messages.collect::<String>()) {
            return Ok(());
        }
        if !learned.anchors.is_empty() || !learned.earlier_anchors.is_empty() {
            // The cell may compile if it anchors nothing.
            let anchors = std::mem::take(&mut learned.anchors).into_keys();
            learned.loose.extend(anchors);
            learned.loose.append(&mut learned.earlier_anchors);
            learned.earlier_leaks.clear();
            return Ok(());
        }
        if self.cast_calls(errors, selection) {
            return Ok(());
        }
        let failed = self.report(selection, errors, source)?;
        if let Some(first) = self.state.first_failure.take() {
            // If the types are now right, the error is a different one.
            let mut errors = failed.diagnostics.iter();
            let is_of_types = errors.any(|error| error.is_about_types() || error.is_untyped());
            return Err(if is_of_types { first } else { failed });
        }
        if !self.open_numbers(selection) {
            return Err(failed);
        }
        self.state.first_failure = Some(failed);
        Ok(())
    }

    /// Returns rustc's report on the cell as the user wrote it.
    fn report(
        &self,
        selection: &Selection,
        errors: &[Diagnostic],
        compiled: &Source,
    ) -> Result<Failed> {
        let alone = self.check(selection.clone())?;
        // rustc suggests similar names, which may be in cells that this one does not name.
        let is_missing = alone
            .diagnostics
            .iter()
            .any(|error| MISSING_NAMES.contains(&error.code()));
        let with_all = is_missing
            .then(|| self.check(self.select_all()))
            .transpose()?;
        let result = match with_all.filter(|with_all| with_all.is_about_the_same(&alone)) {
            Some(with_all) => with_all,
            None => alone,
        };
        if !result.errors.is_empty() {
            let reporter = Reporter {
                cell: &self.cell,
                session: &self.session,
                selection: &result.selection,
                earlier: self.earlier,
                source: &result.source,
            };
            return Ok(Failed {
                error: reporter.report(&result.errors),
                diagnostics: result.diagnostics,
            });
        }
        // The error shows only when the cell is compiled.
        let reporter = Reporter {
            cell: &self.cell,
            session: &self.session,
            selection,
            earlier: self.earlier,
            source: compiled,
        };
        Ok(Failed {
            error: reporter.report(errors),
            diagnostics: errors.to_vec(),
        })
    }

    /// Checks the cell as the user wrote it.
    fn check(&self, selection: Selection) -> Result<RustcErrors> {
        let source = self.error_probe(&selection).source();
        let messages = self
            .rustc
            .check(source.text(), &self.settings.rustc, &self.crates.rustc)?;
        let mut answer = ProbeResult::of(&messages, &source);
        if answer.errors.is_empty() {
            answer.errors.extend(answer.failed_lets.into_values());
        }
        Ok(RustcErrors {
            diagnostics: Diagnostic::errors(&messages),
            errors: answer.errors,
            selection,
            source,
        })
    }

    /// Selects everything in the notebook.
    fn select_all(&self) -> Selection {
        Selection {
            variables: self.session.variables.clone(),
            ..select(&self.session, &self.cell, &self.state.learned.due, true)
        }
    }
}

/// rustc's errors about a cell.
struct RustcErrors {
    /// All errors.
    diagnostics: Vec<Diagnostic>,
    /// The cell's own errors.
    errors: Vec<Diagnostic>,
    /// What the source contains of earlier cells.
    selection: Selection,
    source: Source,
}

impl RustcErrors {
    fn is_about_the_same(&self, other: &RustcErrors) -> bool {
        let messages = |result: &RustcErrors| -> Vec<String> {
            let errors = result.errors.iter();
            errors.map(|error| error.message.clone()).collect()
        };
        messages(self) == messages(other)
    }
}

/// Errors about missing names, for which rustc suggests a similar one (The Rust error codes index).
const MISSING_NAMES: [&str; 6] = ["E0405", "E0412", "E0422", "E0425", "E0432", "E0433"];
