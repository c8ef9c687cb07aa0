//! Executes evcxr's commands in an evcxr context, which starts when a cell first needs it.

use super::contents::Contents;
use super::interrupt::Activity;
use anyhow::{Context, Result};
use evcxr::{CommandContext, Error, EvalContext};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub struct EvcxrCommands {
    workspace: PathBuf,
    /// The directory of the dynamic standard library.
    library_dir: PathBuf,
    activity: Arc<Activity>,
    context: Option<CommandContext>,
}

impl EvcxrCommands {
    /// Creates a context, not started yet, that will work in the directory `workspace`.
    pub fn new(workspace: &Path, library_dir: &Path, activity: Arc<Activity>) -> EvcxrCommands {
        EvcxrCommands {
            workspace: workspace.to_owned(),
            library_dir: library_dir.to_owned(),
            activity,
            context: None,
        }
    }

    /// Executes command lines in evcxr and returns its output.
    ///
    /// # Errors
    /// When evcxr reports an error or cannot be started.
    pub fn execute(&mut self, commands: &str) -> Result<Contents> {
        if self.context.is_none() {
            self.context = Some(self.start()?);
        }
        let context = self.context.as_mut().context("evcxr has exited")?;
        let outputs = context.execute(commands).map_err(|error| match error {
            Error::CompilationErrors(errors) => {
                let messages: Vec<_> = errors.iter().map(|error| error.message()).collect();
                anyhow::anyhow!(messages.join("\n"))
            }
            error => error.into(),
        });
        if outputs.is_err() {
            // An interrupt may have killed its process.
            self.context = self.context.take().filter(|context| {
                let process = context.process_handle();
                let mut process = process
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                matches!(process.try_wait(), Ok(None))
            });
        }
        Ok(outputs?.content_by_mime_type.into())
    }

    fn start(&self) -> Result<CommandContext> {
        std::fs::create_dir_all(&self.workspace)?;
        let mut runtime = Command::new(std::env::current_exe()?);
        // The library paths that cargo writes into a binary are not valid on every machine.
        let variable = if cfg!(target_os = "macos") {
            "DYLD_LIBRARY_PATH"
        } else {
            "LD_LIBRARY_PATH"
        };
        let before = std::env::var_os(variable).unwrap_or_default();
        let folders = [self.library_dir.clone()]
            .into_iter()
            .chain(std::env::split_paths(&before));
        runtime.env(variable, std::env::join_paths(folders)?);
        let (context, outputs) = EvalContext::with_subprocess_command(runtime)?;
        for lines in [outputs.stdout, outputs.stderr] {
            std::thread::spawn(move || {
                for line in lines {
                    tracing::debug!("evcxr: {line}");
                }
            });
        }
        let context = CommandContext::with_eval_context(context);
        self.activity.spare(context.process_handle());
        Ok(context)
    }
}
