//! `threadbook lab`: JupyterLab with this kernel, from nothing but Python and Rust.

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
use crate::prebuilt::{Cache, Helper, Toolchain};
use notebook_folder::NotebookFolder;
use server::JupyterLab;
use status::{Line, Status};

/// What is opened, and how.
pub struct LabOptions {
    /// A notebook, or the folder with notebooks.
    pub path: Option<PathBuf>,
    /// Not the JupyterLab that is installed, but the one of our [`Environment`].
    pub own: bool,
    /// The port; JupyterLab takes the next free one if it is in use.
    pub port: Option<u16>,
    /// JupyterLab only prints its address.
    pub no_browser: bool,
    /// Make everything ready, and start nothing.
    pub only_prepare: bool,
    /// More arguments for `jupyter lab`.
    pub arguments: Vec<OsString>,
}

/// Finds JupyterLab or makes an environment with it, makes the kernel known to it, builds the helper crate, and then
/// becomes JupyterLab. Returns only with [`LabOptions::only_prepare`].
///
/// # Errors
/// When something is missing that this program cannot get; the message says how to get it.
pub fn run(options: &LabOptions) -> Result<()> {
    let place = NotebookFolder::find(options.path.as_deref())?;
    let toolchain = Toolchain::find()
        .context("cells cannot be compiled; `threadbook doctor` tells what is missing")?;
    let status = Status::on_stderr();
    // pip waits for the network and rustc for the processor, so neither waits for the other.
    let (lab, helper) = std::thread::scope(|scope| {
        let helper = scope.spawn(|| build_helper(&place, &toolchain, &status.line()));
        let lab = jupyter_lab(options.own, &status.line());
        (lab, helper.join())
    });
    let lab = lab?;
    // Without it, the notebook's first cell builds it, and shows what is wrong where it is looked at.
    if let Ok(Err(error)) = helper {
        status.note(&format!("The helper crate is not ready: {error:#}"));
    }
    if asks_for_missing_crates(&place, &toolchain) {
        status.note(&format!(
            "Some notebooks ask for crates that are not built yet: `threadbook fetch {}` builds them ahead.",
            place.path().display()
        ));
    }
    if options.only_prepare {
        status.note(&format!("Ready: {}", lab.program().display()));
        return Ok(());
    }
    status.end();
    match lab.become_it(&place, options)? {}
}

/// A JupyterLab that knows this kernel.
fn jupyter_lab(own: bool, line: &Line) -> Result<JupyterLab> {
    if !own {
        match JupyterLab::on_the_path() {
            Ok(lab) => {
                make_kernel_known(line)?;
                return Ok(lab);
            }
            Err(reason) => line.note(&format!("{reason}, so Threadbook's own is used.")),
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
        "Jupyter knows this kernel by {}.",
        folder.display()
    ));
    Ok(())
}

/// What cannot be read or found is told when it is opened.
fn asks_for_missing_crates(place: &NotebookFolder, toolchain: &Toolchain) -> bool {
    let paths = collect(&[place.path().to_owned()]).unwrap_or_default();
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

/// Notebooks elsewhere may well do without it.
fn build_helper(place: &NotebookFolder, toolchain: &Toolchain, line: &Line) -> Result<()> {
    if let Some(source) = place.helper() {
        Helper::get(source, &Cache::open()?, toolchain, &mut |text| {
            line.show(text)
        })?;
    }
    line.clear();
    Ok(())
}
