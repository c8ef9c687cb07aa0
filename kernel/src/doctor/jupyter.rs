//! Checks for JupyterLab and the kernelspec.

use std::path::PathBuf;

use super::finding::{Finding, quoted};
use super::program;
use crate::jupyter::spec::{self, InstallTarget, State};
use crate::lab::Environment;

/// Checks for JupyterLab and the kernelspec. `run`, `check` and `html` need neither.
pub async fn examine() -> (Finding, Finding) {
    let lab = match program::ask("jupyter-lab", &["--version"]).await {
        Ok(version) => Finding::there("JupyterLab", version),
        Err(_) if Environment::open().is_some() => {
            Finding::there("JupyterLab", "Threadbook's own, for `threadbook lab`")
        }
        Err(reason) => Finding::missing(
            "JupyterLab",
            format!("{reason}; needed to run notebooks cell by cell"),
            format!("{} lab", quoted(&this_program())),
        ),
    };
    let kernelspec = kernelspec(lab.is_there());
    (lab.optional(), kernelspec)
}

/// Checks the kernelspec, which is required only with JupyterLab.
fn kernelspec(has_lab: bool) -> Finding {
    const NAME: &str = "kernelspec";
    let missing = |detail: String, target| Finding::missing(NAME, detail, install(target));
    match spec::state() {
        State::Own { folder } => Finding::there(NAME, folder.display().to_string()),
        State::Unknown => {
            let detail = "this kernel is not installed in Jupyter".to_owned();
            let finding = missing(detail, &InstallTarget::User);
            if has_lab { finding } else { finding.optional() }
        }
        // Jupyter would find the broken kernelspec.
        State::Broken(error) => missing(error.to_string(), &InstallTarget::User),
        State::Gone { program, target } => {
            let program = program.display();
            missing(
                format!("it starts {program}, which does not exist"),
                &target,
            )
        }
        State::Other { program, target } => {
            let program = program.display();
            missing(format!("it starts another program: {program}"), &target).optional()
        }
    }
}

/// Returns the command that installs the kernelspec there.
fn install(target: &InstallTarget) -> String {
    let target = match target {
        InstallTarget::User => "--user".to_owned(),
        InstallTarget::Prefix(prefix) => format!("--prefix {}", quoted(prefix)),
        InstallTarget::SysPrefix => "--sys-prefix".to_owned(),
    };
    format!("{} install {target}", quoted(&this_program()))
}

fn this_program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}
