//! JupyterLab, and whether it knows this kernel.

use std::path::Path;

use super::finding::{Finding, quoted};
use super::program;
use crate::jupyter::spec::{self, Kernel, SpecError};

/// What makes JupyterLab, where nothing but Python is there.
const INSTALL: &str = "python3 -m venv ~/jupyter && ~/jupyter/bin/pip install jupyterlab";

/// JupyterLab and the kernelspec. Neither is needed for `run`, `check` and `html`.
pub async fn examine() -> (Finding, Finding) {
    let lab = match program::ask("jupyter", &["lab", "--version"]).await {
        Ok(version) => Finding::there("JupyterLab", version),
        Err(reason) => Finding::missing(
            "JupyterLab",
            format!("{reason}; stepping through notebooks needs it"),
            INSTALL,
        ),
    };
    let kernelspec = kernelspec(lab.is_there());
    (lab.optional(), kernelspec)
}

/// Whoever has JupyterLab cannot use notebooks in it without the kernelspec.
fn kernelspec(has_lab: bool) -> Finding {
    const NAME: &str = "kernelspec";
    let own = std::env::current_exe().unwrap_or_default();
    let install = |target: &str| format!("{} install {target}", quoted(&own));
    match spec::find(spec::NAME) {
        Err(SpecError::Unknown { .. }) => {
            let finding =
                Finding::missing(NAME, "Jupyter does not know this kernel", install("--user"));
            if has_lab { finding } else { finding.optional() }
        }
        // One that is there and broken is what Jupyter would stumble over.
        Err(error) => Finding::missing(NAME, error.to_string(), install("--user")),
        Ok(kernel) => {
            let program = kernel.spec.argv.first().map_or("", String::as_str);
            let target = target_of(&kernel);
            if !Path::new(program).is_file() {
                let detail = format!("it starts {program}, which is not there");
                return Finding::missing(NAME, detail, install(&target));
            }
            if !is_same_file(Path::new(program), &own) {
                let detail = format!("it starts another program, {program}");
                return Finding::missing(NAME, detail, install(&target)).optional();
            }
            let folder = kernel.folder.unwrap_or_default();
            Finding::there(NAME, folder.display().to_string())
        }
    }
}

/// How to install so that the kernelspec at hand is replaced: PREFIX/share/jupyter/kernels/threadbook.
fn target_of(kernel: &Kernel) -> String {
    let folder = kernel.folder.as_deref();
    let is_users = folder.is_some_and(|folder| {
        spec::user_data_folder().is_some_and(|users| folder.starts_with(users))
    });
    match folder.and_then(|folder| folder.ancestors().nth(4)) {
        Some(prefix) if !is_users => format!("--prefix {}", quoted(prefix)),
        _ => "--user".to_owned(),
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
