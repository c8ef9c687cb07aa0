//! Executes cells: evcxr with our additions around it.

use super::cell::Cell;
use super::crates::Crates;
use super::interrupt::Activity;
use super::probe::Probe;
use super::report;
use super::types::{Type, as_written};
use crate::cargo::{self, Moved, Tally};
use crate::cell::{deep, is_too_deep};
use crate::ipc::{CellError, EngineReply, Executed, Timings};
use crate::prebuilt::{Cache, Helper, OWN_CARGO_HOME_VAR, Store, Toolchain, with_own_cargo_home};
use anyhow::Result;
use evcxr::{CommandContext, Error, EvalContext, EvalOutputs};
use std::ffi::OsStr;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Cells are small and the helper is optimised already: a fast compile beats fast code.
/// `:opt` still rules.
const OPT_LEVEL: &str = "0";

/// What every `let` begins with.
const LET: &str = "let ";

pub struct Evaluator {
    context: CommandContext,
    workspace: PathBuf,
    cache: Cache,
    store: Store,
    toolchain: Toolchain,
    helper: Option<Helper>,
    crates: Crates,
    activity: Arc<Activity>,
    /// How long the cell in hand has run.
    run_time: Duration,
}

impl Evaluator {
    pub fn new(
        workspace: PathBuf,
        cache: Cache,
        store: Store,
        toolchain: Toolchain,
        path: &OsStr,
        activity: Arc<Activity>,
    ) -> Result<Evaluator> {
        // Its settings, in the folder of EVCXR_CONFIG_DIR. The level could be set later, but then what evcxr compiles
        // first would have another one.
        let settings = format!("[evcxr]\nopt_level = \"{OPT_LEVEL}\"\n");
        std::fs::write(workspace.with_file_name("evcxr.toml"), settings)?;
        // An engine before this one may have left it.
        Moved::of(&workspace).forget();
        let mut runtime = Command::new(std::env::current_exe()?);
        // A cell that calls cargo calls the real one.
        runtime.env("PATH", path);
        for name in cargo::ANALYZERS_VARS {
            runtime.env_remove(name);
        }
        with_own_cargo_home(&mut runtime).env_remove(OWN_CARGO_HOME_VAR);
        let (context, outputs) = EvalContext::with_subprocess_command(runtime)?;
        let mut context = CommandContext::with_eval_context(context);
        context.set_opt_level(OPT_LEVEL)?;
        activity.set_runtime(context.process_handle());
        // The runtime sends its output to the kernel itself; what is left here is its last words
        // when it cannot start.
        std::thread::spawn(move || {
            for line in outputs.stderr {
                tracing::warn!("{line}")
            }
        });
        std::thread::spawn(move || {
            for line in outputs.stdout {
                tracing::warn!("{line}")
            }
        });
        if !cargo::knows_module(&store, &toolchain) {
            // It takes longer than a cell, so no cell is to wait for it. It comes with the first variable; this one is moved, so
            // that it does not stay.
            let done = context.execute("let module: String = String::new(); drop(module);");
            if let Err(error) = done {
                tracing::warn!("cannot compile a cell ahead: {error}");
            }
        }
        // evcxr has compiled something to try it out.
        Tally::of(&workspace).take();
        Ok(Evaluator {
            context,
            workspace,
            cache,
            store,
            toolchain,
            helper: None,
            crates: Crates::default(),
            activity,
            run_time: Duration::ZERO,
        })
    }

    /// Executes a cell; `progress` is told of what takes long before it runs.
    pub fn execute(&mut self, code: &str, progress: &mut dyn FnMut(EngineReply)) -> Executed {
        let begin = Instant::now();
        self.run_time = Duration::ZERO;
        Moved::of(&self.workspace).forget();
        // A panic in the compiler's libraries must not take the notebook's variables along.
        let evaluated =
            std::panic::catch_unwind(AssertUnwindSafe(|| self.evaluate(code, progress)));
        let interrupted = self.activity.end();
        progress(EngineReply::Timings(self.timings(begin.elapsed())));
        match evaluated {
            Ok(Ok(outputs)) => Executed::Ok(sorted(outputs)),
            _ if interrupted => Executed::Interrupted,
            Ok(Err(error)) => Executed::Err(error),
            Err(_) => Executed::Err(CellError::new(
                "InternalError",
                "the compiler front end failed on this cell; the kernel's log says more",
            )),
        }
    }

    /// Where the time of the cell went.
    fn timings(&self, total: Duration) -> Timings {
        let work = Tally::of(&self.workspace).take();
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

    /// All variables, by name and type.
    pub fn variables(&self) -> Vec<(String, String)> {
        let variables = self.context.variables_and_types();
        variables
            .map(|(name, written)| (name.to_owned(), written.to_owned()))
            .collect()
    }

    /// The line of `code`, the cell executed last, that line `line` of the source around it came
    /// from; `None` for a line of ours, or of an earlier cell.
    pub fn locate(&self, line: u32, code: &str) -> Option<u32> {
        let source = cargo::last_source(&self.workspace).or(self.context.last_source().ok())?;
        report::line_in_cell(&source, line as usize, code).map(|line| line as u32)
    }

    fn evaluate(
        &mut self,
        code: &str,
        progress: &mut dyn FnMut(EngineReply),
    ) -> Result<EvalOutputs, CellError> {
        if deep(|| is_too_deep(code)).unwrap_or_default() {
            return Err(report::too_deep());
        }
        let mut cell = Cell::new(code);
        if let Some(path) = cell.take_helper() {
            self.load_helper(&path, progress)
                .map_err(|error| CellError::new("HelperError", format!("{error:#}")))?;
        }
        if cell.speaks_of_network() {
            self.finish_network(progress)
                .map_err(|error| CellError::new("HelperError", format!("{error:#}")))?;
        }
        let mut outputs = EvalOutputs::new();
        if let Some(position) = cell.first_let_to_type() {
            // The crates that the cell asks for must be there before its types can be.
            if let Some(commands) = cell.take_commands() {
                outputs = self.run(&commands, &cell)?;
            }
            self.prepare_lets(&mut cell, position)?;
        }
        let rest = self.run(&cell.text(), &cell)?;
        outputs.merge(rest);
        Ok(outputs)
    }

    fn run(&mut self, text: &str, cell: &Cell) -> Result<EvalOutputs, CellError> {
        let executed = self.context.execute(text);
        if let Ok(outputs) = &executed {
            // evcxr's name for what follows the compilation.
            let runs = outputs
                .phases
                .iter()
                .filter(|phase| phase.name == "Execution");
            self.run_time += runs.map(|phase| phase.duration).sum::<Duration>();
        }
        executed.map_err(|error| match error {
            Error::CompilationErrors(errors) => {
                let source = self.context.last_source().unwrap_or_default();
                report::compile_errors(&errors, cell, &source)
            }
            Error::SubprocessTerminated(text) => report::runtime_died(&text),
            error => CellError::new("Error", error.to_string()),
        })
    }

    /// Hands the helper crate in folder `source` to all cells from now on.
    fn load_helper(&mut self, source: &Path, progress: &mut dyn FnMut(EngineReply)) -> Result<()> {
        let helper = with_progress(progress, |show| {
            Helper::get(source, &self.cache, &self.toolchain, show)
        })?;
        if self.helper.as_ref() != Some(&helper) {
            let flags = helper.rustc_flags().join("\x1f");
            self.context
                .execute(&format!(":build_env CARGO_ENCODED_RUSTFLAGS={flags}"))?;
            match helper.begin_network(&self.toolchain) {
                Ok(Some(build)) => self.activity.keep_in_background(build),
                Ok(None) => {}
                // The first cell that speaks of the network says why.
                Err(error) => tracing::warn!("cannot build the network library: {error:#}"),
            }
            self.helper = Some(helper);
        }
        Ok(())
    }

    /// Waits for the helper's network library, which is built since the helper was loaded.
    fn finish_network(&self, progress: &mut dyn FnMut(EngineReply)) -> Result<()> {
        match &self.helper {
            Some(helper) => with_progress(progress, |show| {
                helper.finish_network(&self.toolchain, show)
            }),
            None => Ok(()),
        }
    }

    /// Writes the types of the cell's variables into it, since evcxr without the source of `std` cannot tell them, and notes
    /// which of them are moved. `position` is that of a `let`.
    fn prepare_lets(&mut self, cell: &mut Cell, position: usize) -> Result<(), CellError> {
        // Asking for completions makes evcxr write the whole source around the cell, without
        // compiling or running anything.
        // The place is the pattern: at the place of an expression rust-analyzer would search for terms, which panics once
        // the notebook has a constant.
        let pattern = position + LET.len();
        let context = &mut self.context;
        let written = std::panic::catch_unwind(AssertUnwindSafe(|| {
            context.completions(&cell.text(), pattern)
        }));
        if !matches!(written, Ok(Ok(_))) {
            return Ok(());
        }
        let Ok(source) = self.context.last_source() else {
            return Ok(());
        };
        let crates = self
            .crates
            .flags(&self.workspace, &self.toolchain, self.helper.as_ref());
        let probe = Probe {
            toolchain: &self.toolchain,
            crates: &crates,
            workspace: &self.workspace,
            store: &self.store,
        };
        let variables = cell.variables();
        let untyped = variables.into_iter().filter(|(_, is_typed)| !is_typed);
        let names: Vec<_> = untyped.map(|(name, _)| name.to_owned()).collect();
        let answer = probe
            .ask(&source, &names)
            .map_err(|error| CellError::new("Error", format!("{error:#}")))?;
        Moved::of(&self.workspace).tell(&answer.moved);
        for name in &names {
            match answer.types.get(name).map(|shown| as_written(shown)) {
                Some(Type::Named(text)) => cell.annotate(name, &text),
                Some(Type::Closure) => return Err(report::closure(name)),
                Some(Type::MadeOfClosures) => return Err(report::made_of_closures(name)),
                Some(Type::Unknown) | None => {}
            }
        }
        Ok(())
    }
}

/// Does `work`, which shows lines, each in place of the one before. At the end none is left.
fn with_progress<T>(
    progress: &mut dyn FnMut(EngineReply),
    work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T>,
) -> Result<T> {
    let mut shown = 0;
    let done = work(&mut |line| {
        progress(EngineReply::Progress(format!("\r{line:shown$}")));
        shown = line.chars().count();
    })?;
    if shown > 0 {
        progress(EngineReply::ProgressEnded);
    }
    Ok(done)
}

/// What a cell results in. The unit value, which is what a loop or a call without a value gives,
/// is no result worth showing.
fn sorted(outputs: EvalOutputs) -> Vec<(String, String)> {
    let mut contents: Vec<_> = outputs
        .content_by_mime_type
        .into_iter()
        .filter(|(_, content)| content != "()")
        .collect();
    contents.sort();
    contents
}
