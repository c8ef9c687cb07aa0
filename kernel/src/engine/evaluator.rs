//! Executes cells.

use super::backtrace::Backtraces;
use super::cell::{self, Cell, is_balanced, is_too_dense};
use super::cell_text::{names_network, normalized};
use super::command_line;
use super::compile::{Compilation, Failed, Ready, State, explore};
use super::contents::Contents;
use super::evcxr_commands::EvcxrCommands;
use super::exploration::instruction;
use super::history::History;
use super::interrupt::Activity;
use super::progress::with_progress;
use super::report;
use super::runtime_process::RuntimeProcess;
use super::rustc::{Diagnostic, ProbeResult, Rustc, cell_library};
use super::session::{Selection, Session, Variable};
use super::settings::Settings;
use super::source::{Origin, Source};
use crate::cell::exploring::exploring;
use crate::cell::watching::is_watched;
use crate::cell::{deep, is_too_deep};
use crate::crates::NotebookCrates;
use crate::ipc::{
    CellEnd, CellError, EngineReply, Executed, Place, Position, RunCell, RunExplored, Site,
    Timings, Trace,
};
use crate::prebuilt::{Cache, Helper, Store, Toolchain};
use anyhow::{Context, Result};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Evaluator {
    pub(super) cache: Cache,
    pub(super) rustc: Rustc,
    pub(super) settings: Settings,
    pub(super) session: Session,
    /// How many cells have been executed.
    cells: u32,
    pub(super) helper: Option<Helper>,
    pub(super) crates: NotebookCrates,
    pub(super) evcxr: EvcxrCommands,
    pub(super) workspace: PathBuf,
    runtime: Option<RuntimeProcess>,
    pub(super) activity: Arc<Activity>,
    last_errors: Vec<Diagnostic>,
    history: History,
    /// How long the code of the current cell has run.
    run_time: Duration,
}

impl Evaluator {
    /// Creates an evaluator that compiles in `folder` and whose evcxr works in `workspace`.
    ///
    /// # Errors
    /// When the runtime cannot be started, or no cell can be compiled here.
    pub fn new(
        folder: PathBuf,
        workspace: PathBuf,
        cache: Cache,
        store: Store,
        toolchain: Toolchain,
        activity: Arc<Activity>,
    ) -> Result<Evaluator> {
        let settings = Settings::default();
        // evcxr reads its settings from the directory in EVCXR_CONFIG_DIR.
        let evcxr_settings = format!("[evcxr]\nopt_level = \"{}\"\n", settings.rustc.opt_level);
        std::fs::write(workspace.with_file_name("evcxr.toml"), evcxr_settings)?;
        let runtime = RuntimeProcess::start(&activity, &[])?;
        let library_dir = toolchain.library_dir()?;
        cell_library(&toolchain, &store, &settings.rustc)?;
        let rustc = Rustc::new(toolchain, store, folder)?;
        Ok(Evaluator {
            cache,
            rustc,
            settings,
            session: Session::default(),
            cells: 0,
            helper: None,
            crates: NotebookCrates::default(),
            evcxr: EvcxrCommands::new(&workspace, &library_dir, activity.clone()),
            workspace,
            runtime: Some(runtime),
            activity,
            last_errors: Vec::new(),
            history: History::default(),
            run_time: Duration::ZERO,
        })
    }

    /// Executes a cell. `progress` receives progress lines, notes and the timings.
    pub fn execute(&mut self, code: &str, progress: &mut dyn FnMut(EngineReply)) -> Executed {
        let begin = Instant::now();
        let code = &*normalized(code);
        self.run_time = Duration::ZERO;
        // A bug in the engine must not cost the notebook its variables.
        let evaluated =
            std::panic::catch_unwind(AssertUnwindSafe(|| self.evaluate(code, progress)));
        let interrupted = self.activity.end();
        progress(EngineReply::Timings(self.timings(begin.elapsed())));
        match evaluated {
            Ok(Ok(contents)) => Executed::Ok(contents.sorted()),
            _ if interrupted => Executed::Interrupted,
            Ok(Err(error)) => Executed::Err(error),
            Err(_) => Executed::Err(CellError::new(
                "InternalError",
                "the kernel failed on this cell; see its log",
            )),
        }
    }

    /// Returns each variable's name, and its type as it can be written.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = self.named_variables();
        variables
            .map(|variable| (variable.name.clone(), variable.ty.clone()))
            .collect()
    }

    /// Returns the line of a cell from which a line of a library's source came; `None` for a generated line.
    pub fn locate(&self, position: &Position) -> Option<Place> {
        self.history.place(position)
    }

    /// Traces places back to the lines of cells.
    pub fn trace(&self, sites: &[Site]) -> Vec<Trace> {
        let mut backtraces = Backtraces::new(&self.rustc, &self.history);
        sites.iter().map(|site| backtraces.trace(site)).collect()
    }

    /// Returns each variable's name, and its type as rustc shows it.
    pub(super) fn shown_variables(&self) -> Vec<(String, String)> {
        let variables = self.named_variables();
        variables
            .map(|variable| (variable.name.clone(), variable.shown.clone()))
            .collect()
    }

    /// Returns the variables that still have the names that the user gave them.
    fn named_variables(&self) -> impl Iterator<Item = &Variable> {
        let variables = self.session.variables.iter();
        variables.filter(|variable| !variable.name.starts_with("threadbook_"))
    }

    pub(super) fn folder(&self) -> &Path {
        self.rustc.folder()
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.cache
    }

    pub(super) fn last_errors(&self) -> &[Diagnostic] {
        &self.last_errors
    }

    pub(super) fn last_errors_as_json(&self) -> String {
        let lines = self
            .last_errors
            .iter()
            .filter_map(|error| serde_json::to_string(error).ok());
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(super) fn set_toolchain(&mut self, toolchain: Toolchain) {
        self.rustc.set_toolchain(toolchain);
    }

    /// Forgets all items and variables.
    pub(super) fn clear(&mut self) {
        self.session = Session::default();
    }

    /// Restarts the runtime. The variables are lost; `why` tells the user the reason.
    pub(super) fn restart(&mut self, why: &str) -> Result<()> {
        self.session.lose_variables(why);
        if let Some(runtime) = self.runtime.take() {
            runtime.end();
        }
        self.runtime = Some(RuntimeProcess::start(
            &self.activity,
            &self.settings.environment,
        )?);
        Ok(())
    }

    fn evaluate(
        &mut self,
        code: &str,
        progress: &mut dyn FnMut(EngineReply),
    ) -> Result<Contents, CellError> {
        let begin = Instant::now();
        let edition = self.settings.edition();
        let defines = |name: &str| self.session.defines(name, edition);
        let (lines, rust) = command_line::take(code, edition, defines);
        let mut contents = Contents::default();
        with_progress(progress, |show| {
            contents.add(self.commands(&lines, show)?);
            let failed = |error| CellError::new("HelperError", format!("{error:#}"));
            self.load_implied_helper(&rust, show).map_err(failed)?;
            if names_network(code)
                && let Some(helper) = &self.helper
            {
                let finished = helper.finish_network(self.rustc.toolchain(), show);
                finished.map_err(failed)?;
            }
            Ok(())
        })?;
        if !rust.trim().is_empty() {
            contents.add(self.evaluate_rust(&rust, code, progress)?);
        }
        if self.settings.timing {
            let took = format!("Took {}ms", begin.elapsed().as_millis());
            contents.add(Contents::text(took));
        }
        Ok(contents)
    }

    fn evaluate_rust(
        &mut self,
        rust: &str,
        code: &str,
        progress: &mut dyn FnMut(EngineReply),
    ) -> Result<Contents, CellError> {
        let exploring =
            exploring(code).map_err(|message| CellError::new("ExploreError", message))?;
        let failed = |error: anyhow::Error| CellError::new("Error", format!("{error:#}"));
        let edition = self.settings.edition();
        if is_too_dense(rust, edition) {
            return Err(report::too_deep());
        }
        if !is_balanced(rust, edition) {
            return Err(self.unbalanced(rust).map_err(failed)?);
        }
        if deep(|| is_too_deep(rust)).unwrap_or_default() {
            return Err(report::too_deep());
        }
        self.cells += 1;
        let (number, macros) = (self.cells, self.session.macros(edition));
        let cell = deep(|| cell::parse(rust, number, edition, &macros))
            .context("cannot parse the cell: its thread failed")
            .map_err(failed)?;
        if cell.is_empty() {
            return Ok(Contents::default());
        }
        let notes = with_progress(progress, |show| {
            let notes = self.follow_crates(&cell, show);
            notes.map_err(|error| CellError::new("CrateError", format!("{error:#}")))
        })?;
        for note in notes {
            progress(EngineReply::Note(format!("{note}\n")));
        }
        let is_watched = is_watched(code);
        let defined = cell.defined_names();
        let mut session = self.session.clone();
        let changes = session.define(&cell);
        let crates = self.crate_flags().map_err(failed)?;
        let attempt = Compilation {
            rustc: &mut self.rustc,
            settings: &self.settings,
            crates: &crates,
            session,
            cell,
            number,
            earlier: self.history.codes(),
            everything: changes.replaced,
            is_watched,
            notes: changes.notes,
            state: State::default(),
        };
        let ready = attempt.compile().map_err(|Failed { error, diagnostics }| {
            self.last_errors = diagnostics;
            self.session
                .note_failure(&defined, number, "does not compile", edition);
            error
        })?;
        for note in &ready.notes {
            progress(EngineReply::Note(format!("{note}\n")));
        }
        let settings = &self.settings.rustc;
        let exploring = exploring.filter(|_| ready.built.library.is_some());
        let explored = exploring.map(|exploring| {
            let built = &ready.built;
            let explored = explore(&mut self.rustc, settings, &built.crates, &built.source);
            let explored = explored.unwrap_or_else(|error| Err(format!("{error:#}")));
            let library = explored.and_then(|explored| {
                self.history
                    .add_library(number, &explored, &ready, settings);
                explored.library.ok_or_else(String::new)
            });
            instruction(exploring, library, code)
        });
        self.history.add(number, code, &ready, settings);
        let ran = self.run(ready, is_watched, explored);
        if ran.is_err() {
            self.session
                .note_failure(&defined, number, "did not reach its end", edition);
        }
        ran
    }

    /// Returns rustc's error for a cell with unbalanced delimiters. rustc gets the cell alone: code generated around it would
    /// become a part of it.
    fn unbalanced(&mut self, rust: &str) -> Result<CellError> {
        let mut source = Source::default();
        source.add(rust, Origin::Cell, 0);
        let messages = self.rustc.check(source.text(), &self.settings.rustc, &[])?;
        self.last_errors = Diagnostic::errors(&messages);
        let cell = Cell::unread(rust, self.settings.edition());
        let reporter = report::Reporter {
            cell: &cell,
            session: &self.session,
            selection: &Selection::default(),
            earlier: self.history.codes(),
            source: &source,
        };
        Ok(reporter.report(&ProbeResult::of(&messages, &source).errors))
    }

    /// Runs a cell's library and commits what the cell has changed.
    fn run(
        &mut self,
        ready: Ready,
        is_watched: bool,
        explore: Option<RunExplored>,
    ) -> Result<Contents, CellError> {
        let begin = Instant::now();
        let Some(library) = &ready.built.library else {
            self.session = ready.session;
            return Ok(Contents::default());
        };
        let cell = RunCell {
            number: self.cells,
            library: library.to_owned(),
            lines: self.history.lines(library),
            is_watched,
            explore,
        };
        let runtime = self
            .runtime
            .as_mut()
            .ok_or_else(|| report::runtime_died(None))?;
        let ran = runtime.run(&cell);
        self.run_time += begin.elapsed();
        let Some(ran) = ran else {
            let status = self.runtime.as_mut().and_then(RuntimeProcess::wait);
            let restarted = self.restart("the process that held it has ended");
            restarted.map_err(|error| CellError::new("Error", format!("{error:#}")))?;
            return Err(report::runtime_died(status));
        };
        match ran.end {
            CellEnd::Done => self.session = ready.commit(self.cells, true),
            CellEnd::Returned => self.session = ready.commit(self.cells, false),
            CellEnd::Panicked | CellEnd::LeftByError => {
                self.session = ready.commit(self.cells, false);
                return Err(CellError::new("Error", "the cell did not finish"));
            }
            // The process continues as a fork from before the cell, so the session stays as it was.
            CellEnd::Crashed => return Err(CellError::new("Error", "the cell ended its process")),
            CellEnd::Interrupted => {
                self.activity.set_interrupted();
                return Err(CellError::new("Error", "the cell was interrupted"));
            }
        }
        Ok(ran.contents)
    }

    /// Returns how long each step of the cell took.
    fn timings(&self, total: Duration) -> Timings {
        let work = self.rustc.take_stats();
        let seconds: f64 = work.iter().map(|work| work.seconds).sum();
        let link = work
            .iter()
            .filter_map(|work| work.link)
            .reduce(|one, other| one + other);
        let reused = work.iter().filter(|work| work.from_store).count() as u32;
        let run = self.run_time.as_secs_f64();
        Timings {
            analysis: (total.as_secs_f64() - seconds - run).max(0.0),
            compile: seconds - link.unwrap_or_default(),
            link,
            run,
            rustc: work.len() as u32 - reused,
            reused,
        }
    }
}
