//! `threadbook doctor`: finds what is missing on a machine, and suggests a command for each problem.

mod clips;
mod finding;
mod folders;
mod jupyter;
mod program;
mod rust;

use std::fmt;

use serde_json::json;

use finding::Finding;

/// The results of all checks, in order.
pub struct Findings(Vec<Finding>);

/// Checks everything that cells and notebooks need. Changes nothing.
pub async fn examine() -> Findings {
    let ((cargo, rustc, source, linker), (lab, kernelspec), clips) =
        tokio::join!(rust::examine(), jupyter::examine(), clips::examine());
    let folders = folders::examine();
    let mut findings = vec![cargo, rustc, linker, source];
    findings.extend(folders);
    findings.extend([lab, kernelspec, clips]);
    Findings(findings)
}

impl Findings {
    /// Returns whether everything required is present.
    pub fn are_good(&self) -> bool {
        self.0
            .iter()
            .all(|finding| finding.is_there() || !finding.required)
    }

    /// Returns the report as one JSON object.
    pub fn to_json(&self) -> String {
        let findings: Vec<_> = self.0.iter().map(Finding::to_json).collect();
        let report = json!({"ok": self.are_good(), "findings": findings});
        format!("{report:#}")
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for finding in &self.0 {
            write!(f, "{finding}")?;
        }
        let missing = |required| {
            let missing = self.0.iter().filter(|finding| !finding.is_there());
            missing
                .filter(|finding| finding.required == required)
                .count()
        };
        match (missing(true), missing(false)) {
            (0, 0) => writeln!(f, "Nothing is missing."),
            (0, _) => writeln!(f, "Nothing required is missing."),
            (1, _) => writeln!(f, "1 required item is missing."),
            (many, _) => writeln!(f, "{many} required items are missing."),
        }
    }
}
