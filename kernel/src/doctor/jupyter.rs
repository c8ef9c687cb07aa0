//! JupyterLab, and whether it knows this kernel.

use std::path::PathBuf;

use super::finding::{Finding, quoted};
use super::program;
use crate::jupyter::spec::{self, InstallTarget, State};
use crate::lab::Environment;

/// JupyterLab and the kernelspec. Neither is needed for `run`, `check` and `html`.
pub async fn examine() -> (Finding, Finding) {
    let lab = match program::ask("jupyter-lab", &["--version"]).await {
        Ok(version) => Finding::there("JupyterLab", version),
        Err(_) if Environment::open().is_some() => {
            Finding::there("JupyterLab", "Threadbook's own, for `threadbook lab`")
        }
        Err(reason) => Finding::missing(
            "JupyterLab",
            format!("{reason}; stepping through notebooks needs it"),
            format!("{} lab", quoted(&own())),
        ),
    };
    let kernelspec = kernelspec(lab.is_there());
    (lab.optional(), kernelspec)
}

/// Whoever has JupyterLab cannot use notebooks in it without the kernelspec.
fn kernelspec(has_lab: bool) -> Finding {
    const NAME: &str = "kernelspec";
    let missing = |detail: String, target| Finding::missing(NAME, detail, install(target));
    match spec::state() {
        State::Own { folder } => Finding::there(NAME, folder.display().to_string()),
        State::Unknown => {
            let detail = "Jupyter does not know this kernel".to_owned();
            let finding = missing(detail, &InstallTarget::User);
            if has_lab { finding } else { finding.optional() }
        }
        // One that is there and broken is what Jupyter would stumble over.
        State::Broken(error) => missing(error.to_string(), &InstallTarget::User),
        State::Gone { program, target } => {
            let program = program.display();
            missing(format!("it starts {program}, which is not there"), &target)
        }
        State::Other { program, target } => {
            let program = program.display();
            missing(format!("it starts another program, {program}"), &target).optional()
        }
    }
}

/// The command that installs the kernelspec there.
fn install(target: &InstallTarget) -> String {
    let target = match target {
        InstallTarget::User => "--user".to_owned(),
        InstallTarget::Prefix(prefix) => format!("--prefix {}", quoted(prefix)),
        InstallTarget::SysPrefix => "--sys-prefix".to_owned(),
    };
    format!("{} install {target}", quoted(&own()))
}

fn own() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}
