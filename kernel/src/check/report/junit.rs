//! The JUnit XML report: a suite per notebook and a case per code cell.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::super::comparison::{Cell, Comparison, Status};

/// The name of the report.
const NAME: &str = "threadbook check";

/// Returns the content of the file.
pub fn of(comparisons: &[Comparison]) -> Vec<u8> {
    let mut report = Report::new(NAME);
    let seconds: f64 = comparisons
        .iter()
        .map(|comparison| comparison.seconds)
        .sum();
    report.set_time(duration(seconds));
    report.add_test_suites(comparisons.iter().map(suite));
    let text = report.to_string().expect("XML is written to memory");
    text.into_bytes()
}

/// Returns whether the bytes are a JUnit report of this program.
pub fn is_report(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.starts_with("<?xml") && text.contains(&format!("<testsuites name=\"{NAME}\""))
}

fn suite(comparison: &Comparison) -> TestSuite {
    let path = comparison.path.as_str();
    let mut suite = TestSuite::new(path);
    suite.set_time(duration(comparison.seconds));
    for cell in &comparison.cells {
        let failure = comparison.failure.as_deref().unwrap_or_default();
        let mut case = TestCase::new(cell.id.as_str(), status(cell, failure));
        case.set_classname(path);
        case.set_time(duration(cell.seconds));
        suite.add_test_case(case);
    }
    // No cell shows a failure if, for example, the kernel died in the last one.
    let has_failed = |case: &TestCase| matches!(case.status, TestCaseStatus::NonSuccess { .. });
    if let Some(failure) = &comparison.failure
        && !suite.test_cases.iter().any(has_failed)
    {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(failure.as_str());
        let mut case = TestCase::new("notebook", status);
        case.set_classname(path);
        suite.add_test_case(case);
    }
    suite
}

fn status(cell: &Cell, failure: &str) -> TestCaseStatus {
    match cell.status {
        Status::Same => TestCaseStatus::success(),
        Status::Skipped => TestCaseStatus::skipped(),
        Status::NotRun => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(format!("not run: {failure}"));
            status
        }
        Status::Different => {
            let reasons: Vec<&str> = cell.differences.iter().map(|d| d.reason.as_str()).collect();
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_type(cell.rule.as_str());
            status.set_message(reasons.join("; "));
            let texts = cell
                .differences
                .iter()
                .map(|d| format!("{}\n{}", d.reason, d.diff));
            let mut text = texts.collect::<Vec<_>>().join("\n");
            if let Some(hint) = &cell.hint {
                text.push_str(&format!("\nhint: the outputs match with {hint}\n"));
            }
            status.set_description(text);
            status
        }
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}
