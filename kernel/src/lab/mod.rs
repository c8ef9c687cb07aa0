//! `threadbook lab`: starts JupyterLab with this kernel; needs only Python and Rust.

mod environment;
mod notebook_folder;
mod pip;
mod server;
mod status;

pub use environment::Environment;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::fetch;
use crate::jupyter::spec::{self, InstallTarget, State};
use crate::notebook::{Document, collect};
use crate::prebuilt::{Cache, Helper, HelperSource, Toolchain};
use notebook_folder::NotebookFolder;
use server::JupyterLab;
use status::{Line, Status};

/// What to open, and how.
pub struct LabOptions {
    /// A notebook or a directory of notebooks.
    pub path: Option<PathBuf>,
    /// Uses the JupyterLab of our [`Environment`] even if another one is installed.
    pub own: bool,
    /// The port; if it is in use, JupyterLab takes the next free one.
    pub port: Option<u16>,
    /// JupyterLab prints its address and opens no browser.
    pub no_browser: bool,
    /// Installs and builds everything, but does not start JupyterLab.
    pub only_prepare: bool,
    /// Further arguments for `jupyter lab`.
    pub arguments: Vec<OsString>,
}

/// Finds JupyterLab or creates an environment with it, installs the kernel in it, builds the helper crate, and then
/// replaces this process by JupyterLab. Returns only with [`LabOptions::only_prepare`].
///
/// # Errors
/// When something is missing that this program cannot install; the message says how to install it.
pub fn run(options: &LabOptions) -> Result<()> {
    let notebooks = NotebookFolder::find(options.path.as_deref())?;
    let toolchain = Toolchain::find()
        .context("cannot compile cells; run `threadbook doctor` to see what is missing")?;
    let status = Status::on_stderr();
    // pip mostly waits for the network and rustc uses the processor, so they run in parallel.
    let (lab, helper) = std::thread::scope(|scope| {
        let helper = scope.spawn(|| build_helper(&notebooks, &toolchain, &status.line()));
        let lab = jupyter_lab(options.own, &status.line());
        (lab, helper.join())
    });
    let lab = lab?;
    // The notebook's first cell builds the helper crate again, and shows the error where the user sees it.
    if let Ok(Err(error)) = helper {
        status.note(&format!("The helper crate is not ready: {error:#}"));
    }
    if asks_for_missing_crates(&notebooks, &toolchain) {
        status.note(&format!(
            "Some notebooks need crates that are not built yet: `threadbook fetch {}` builds them ahead of time.",
            notebooks.path().display()
        ));
    }
    if options.only_prepare {
        status.note(&format!("Ready: {}", lab.program().display()));
        return Ok(());
    }
    status.end();
    match lab.become_it(&notebooks, options)? {}
}

/// Returns a JupyterLab in which this kernel is installed.
fn jupyter_lab(own: bool, line: &Line) -> Result<JupyterLab> {
    if !own {
        match JupyterLab::on_the_path() {
            Ok(lab) => {
                make_kernel_known(line)?;
                return Ok(lab);
            }
            Err(reason) => line.note(&format!("{reason}; using Threadbook's own.")),
        }
    }
    let environment = Environment::make(line)?;
    spec::install(&InstallTarget::Prefix(environment.folder()))?;
    Ok(JupyterLab::of(&environment))
}

fn make_kernel_known(line: &Line) -> Result<()> {
    let target = match spec::state() {
        State::Own { .. } => return Ok(()),
        State::Unknown | State::Broken(_) => InstallTarget::User,
        State::Gone { target, .. } | State::Other { target, .. } => target,
    };
    let folder = spec::install(&target)?;
    line.note(&format!(
        "Installed this kernel for Jupyter in {}.",
        folder.display()
    ));
    Ok(())
}

/// Returns whether a notebook asks for crates that are not built yet. Ignores errors: they show up when the notebook is
/// opened.
fn asks_for_missing_crates(notebooks: &NotebookFolder, toolchain: &Toolchain) -> bool {
    let paths = collect(&[notebooks.path().to_owned()]).unwrap_or_default();
    let mut documents = paths
        .iter()
        .filter_map(|path| Some((path, Document::read(path).ok()?)));
    let Ok(cache) = Cache::open() else {
        return false;
    };
    documents.any(|(path, document)| {
        fetch::asks_for_crates(&document)
            && !fetch::missing(path, &document, &cache, toolchain).is_empty()
    })
}

/// Builds the helper crate if the notebooks are in its project; others may not need it.
fn build_helper(notebooks: &NotebookFolder, toolchain: &Toolchain, line: &Line) -> Result<()> {
    if let Some(source) = notebooks.helper() {
        let source = HelperSource::Project(source.to_owned());
        Helper::get(&source, &Cache::open()?, toolchain, &mut |text| {
            line.show(text)
        })?;
    }
    line.clear();
    Ok(())
}
