//! The JSON report.

use serde::Serialize;

use super::super::comparison::Comparison;

#[derive(Serialize)]
struct Report<'a> {
    /// The version of this program.
    threadbook: &'static str,
    ok: bool,
    notebooks: Vec<Notebook<'a>>,
}

#[derive(Serialize)]
struct Notebook<'a> {
    ok: bool,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// Returns the content of the file.
pub fn of(comparisons: &[Comparison]) -> Vec<u8> {
    let report = Report {
        threadbook: env!("CARGO_PKG_VERSION"),
        ok: comparisons.iter().all(Comparison::is_ok),
        notebooks: comparisons
            .iter()
            .map(|comparison| Notebook {
                ok: comparison.is_ok(),
                comparison,
            })
            .collect(),
    };
    let mut bytes =
        serde_json::to_vec_pretty(&report).expect("texts and numbers are written to memory");
    bytes.push(b'\n');
    bytes
}

/// Returns whether the bytes are a JSON report.
pub fn is_report(bytes: &[u8]) -> bool {
    let report = serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_default();
    report["threadbook"].is_string() && report["ok"].is_boolean() && report["notebooks"].is_array()
}
