mod stopped;

use std::path::PathBuf;

use tokio::net::UnixListener;

use super::super::fake_kernel;
use super::super::progress::Progress;
use super::*;

const NO_LIMITS: Limits = Limits {
    cell: None,
    notebook: None,
    allow_errors: false,
};

struct Run {
    execution: Execution,
    document: Document,
}

impl Run {
    /// Returns the outputs of the cell: the text of a stream, or the name, value and traceback of an error.
    fn shown(&self, cell: usize) -> Vec<String> {
        let outputs = self.document.cells()[cell]["outputs"]
            .as_array()
            .unwrap()
            .iter();
        let text = |output: &Value| match output["text"].as_str() {
            Some(text) => text.to_owned(),
            None => format!(
                "{}: {} {}",
                output["ename"], output["evalue"], output["traceback"]
            ),
        };
        outputs.map(text).collect()
    }

    fn ran(&self) -> Vec<usize> {
        self.execution.ran.iter().map(|ran| ran.index).collect()
    }

    fn count(&self, cell: usize) -> &Value {
        &self.document.cells()[cell]["execution_count"]
    }
}

/// Returns a job for a notebook with this code and the outputs of an earlier run.
fn job(cells: &[&str]) -> Job {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("notebook.ipynb");
    let number = cells.len();
    let cells: Vec<_> = cells
        .iter()
        .map(|code| {
            json!({
                "cell_type": "code", "source": code, "execution_count": 7,
                "metadata": {"tags": if code.starts_with("fail tagged") { vec!["raises-exception"] } else { vec![] }},
                "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
            })
        })
        .collect();
    let kernelspec = json!({"name": "old", "other": 1});
    let notebook = json!({"nbformat": 4, "nbformat_minor": 4, "cells": cells, "metadata": {"kernelspec": kernelspec}});
    std::fs::write(&source, notebook.to_string()).unwrap();
    let document = Document::read(&source).unwrap();
    // The temporary directory is deleted on return, so the kernel runs in the current one.
    Job {
        notes: Default::default(),
        source: PathBuf::from("notebook.ipynb"),
        document,
        cells: (0..number).collect(),
        notebook: None,
        page: None,
        trust: false,
    }
}

async fn run(cells: &[&str], limits: Limits) -> Run {
    let (_sender, stop) = Stop::by_hand();
    run_until(cells, limits, stop).await
}

async fn run_until(cells: &[&str], limits: Limits, stop: Stop) -> Run {
    let mut job = job(cells);
    let progress = Progress::on_stderr().notebook(&job.source, cells.len());
    let execution = execute(
        &mut job,
        &fake_kernel::kernel(true),
        limits,
        stop,
        &progress,
    )
    .await;
    Run {
        execution,
        document: job.document,
    }
}

#[tokio::test]
async fn cells_are_run_in_order() {
    let run = run(
        &["print a\nprint b", "  ", "print c\nprint-late d"],
        NO_LIMITS,
    )
    .await;
    assert!(
        matches!(run.execution.ending, Ending::Finished),
        "{:?}",
        run.execution
    );
    assert_eq!((run.execution.cells, run.ran()), (3, vec![0, 1, 2]));
    assert_eq!(run.shown(0), ["a\nb\nd\n"]);
    assert_eq!(run.shown(1), [""; 0]);
    assert_eq!(run.shown(2), ["c\n"]);
    assert_eq!(
        (run.count(0), run.count(1), run.count(2)),
        (&json!(1), &Value::Null, &json!(2))
    );
    let mut document = run.document;
    assert_eq!(
        *document.metadata_mut(),
        json!({
            "kernelspec": {"name": "fake", "display_name": "Fake", "language": "none", "other": 1},
            "language_info": {"name": "none"},
        })
    );
}

#[tokio::test]
async fn nothing_is_lost_with_a_kernel_that_does_not_greet() {
    let mut job = job(&["print a"]);
    let (_sender, stop) = Stop::by_hand();
    let progress = Progress::on_stderr().notebook(&job.source, 1);
    let kernel = fake_kernel::kernel(false);
    let execution = execute(&mut job, &kernel, NO_LIMITS, stop, &progress).await;
    let run = Run {
        execution,
        document: job.document,
    };
    assert_eq!(run.shown(0), ["a\n"]);
}

#[tokio::test]
async fn after_a_failed_cell_none_is_run() {
    let run = run(
        &[
            "fail tagged\nprint never",
            "print a",
            "fail here",
            "print b",
        ],
        NO_LIMITS,
    )
    .await;
    let Ending::CellFailed { cell, error } = &run.execution.ending else {
        panic!("{:?}", run.execution);
    };
    assert_eq!(
        (cell.as_str(), error.ename.as_str(), error.evalue.as_str()),
        ("number 3", "Failed", "here")
    );
    assert_eq!(run.ran(), [0, 1, 2]);
    assert_eq!(run.shown(0), ["\"Failed\": \"tagged\" [\"where\"]"]);
    assert_eq!(run.shown(2), ["\"Failed\": \"here\" [\"where\"]"]);
    assert_eq!((run.shown(3), run.count(3)), (vec![], &Value::Null));
}

#[tokio::test]
async fn errors_can_be_allowed() {
    let limits = Limits {
        allow_errors: true,
        ..NO_LIMITS
    };
    let run = run(&["fail-quietly here", "print a"], limits).await;
    assert!(
        matches!(run.execution.ending, Ending::Finished),
        "{:?}",
        run.execution
    );
    assert_eq!(run.shown(0), ["\"Failed\": \"here\" []"]);
    assert_eq!(run.shown(1), ["a\n"]);
}

#[tokio::test]
async fn a_kernel_that_dies_is_noticed_at_once() {
    let run = run(&["print a", "die", "print b"], NO_LIMITS).await;
    let Ending::KernelFailed(error) = &run.execution.ending else {
        panic!("{:?}", run.execution);
    };
    let reason = "the kernel died (exit status: 3); it last printed: last words";
    assert_eq!(error.to_string(), reason);
    assert_eq!(run.shown(0), ["a\n"]);
    assert_eq!(run.shown(1).len(), 1);
    assert!(
        run.shown(1)[0].starts_with(&format!("\"DeadKernelError\": {reason:?}")),
        "{:?}",
        run.shown(1)
    );
    assert_eq!(run.shown(2), [""; 0]);
    assert!(
        run.execution.elapsed < Duration::from_secs(10),
        "{:?}",
        run.execution
    );
}

#[tokio::test]
async fn cells_that_are_not_chosen_keep_their_outputs() {
    let mut job = job(&["print a", "print b", "fail here", "print d", "print e"]);
    job.cells = vec![1, 2, 4];
    let (_sender, stop) = Stop::by_hand();
    let progress = Progress::on_stderr().notebook(&job.source, 3);
    let execution = execute(
        &mut job,
        &fake_kernel::kernel(true),
        NO_LIMITS,
        stop,
        &progress,
    )
    .await;
    let run = Run {
        execution,
        document: job.document,
    };
    assert_eq!((run.execution.cells, run.ran()), (3, vec![1, 2]));
    assert_eq!(
        (run.shown(0), run.count(0)),
        (vec!["old".to_owned()], &json!(7))
    );
    assert_eq!(run.shown(1), ["b\n"]);
    assert_eq!(
        (run.shown(3), run.count(3)),
        (vec!["old".to_owned()], &json!(7))
    );
    assert_eq!((run.shown(4), run.count(4)), (vec![], &Value::Null));
}

#[tokio::test]
async fn a_question_is_answered_with_nothing() {
    let run = run(&["ask"], NO_LIMITS).await;
    assert_eq!(run.shown(0), ["answer: \"\"\n"]);
}

#[tokio::test]
async fn a_kernel_that_forgets_to_become_idle_does_not_stop_the_run() {
    let run = run(&["print a\nnever-idle", "print b"], NO_LIMITS).await;
    assert!(
        matches!(run.execution.ending, Ending::Finished),
        "{:?}",
        run.execution
    );
    assert_eq!(
        (run.shown(0), run.shown(1)),
        (vec!["a\n".to_owned()], vec!["b\n".to_owned()])
    );
}

#[tokio::test]
async fn a_kernel_that_does_not_start_changes_nothing() {
    let mut kernel = fake_kernel::kernel(true);
    kernel.spec.argv = vec![
        "/bin/sh".to_owned(),
        "-c".to_owned(),
        "echo no >&2; exit 1".to_owned(),
    ];
    assert_eq!(
        failed_start(&kernel).await,
        "the kernel died (exit status: 1); it last printed: no"
    );
}

#[tokio::test]
async fn a_kernel_that_dies_while_the_client_connects_is_reported_as_dead() {
    let mut kernel = fake_kernel::kernel(true);
    kernel.spec.env = Some([("FAKE_KERNEL_DIES".to_owned(), "no".to_owned())].into());
    assert_eq!(
        failed_start(&kernel).await,
        "the kernel died (exit status: 1); it last printed: no"
    );
}

/// Returns the error of a kernel that does not start; nothing has been run, and the notebook is unchanged.
async fn failed_start(kernel: &Kernel) -> String {
    let mut job = job(&["print a"]);
    let before = job.document.clone();
    let (_sender, stop) = Stop::by_hand();
    let progress = Progress::on_stderr().notebook(&job.source, 1);
    let execution = execute(&mut job, kernel, NO_LIMITS, stop, &progress).await;
    assert!(execution.is_nothing_run());
    assert_eq!(job.document, before);
    let Ending::KernelFailed(error) = execution.ending else {
        panic!("{execution:?}")
    };
    error.to_string()
}
