//! Runs that a limit or the user stops.

use super::*;

#[tokio::test]
async fn a_cell_that_takes_too_long_is_interrupted() {
    let limits = Limits {
        cell: Some(Duration::from_millis(300)),
        ..NO_LIMITS
    };
    let run = run(&["print a\nhang", "print b"], limits).await;
    let Ending::CellFailed { error, .. } = &run.execution.ending else {
        panic!("{:?}", run.execution);
    };
    assert_eq!(error.evalue, "the cell took longer than 0.3 s");
    assert_eq!(
        run.shown(0),
        [
            "a\n".to_owned(),
            format!(
                "\"CellTimeoutError\": {:?} [\"in the loop\",\"CellTimeoutError: {}\"]",
                error.evalue, error.evalue
            )
        ]
    );
    assert_eq!((run.shown(1), run.count(1)), (vec![], &Value::Null));
}

#[tokio::test]
async fn where_errors_are_allowed_the_others_run_after_one_that_takes_too_long() {
    let limits = Limits {
        cell: Some(Duration::from_millis(300)),
        allow_errors: true,
        ..NO_LIMITS
    };
    let run = run(&["hang", "print b"], limits).await;
    assert!(
        matches!(run.execution.ending, Ending::Finished),
        "{:?}",
        run.execution
    );
    assert!(run.shown(0)[0].contains("the cell took longer than 0.3 s"));
    assert_eq!(run.shown(1), ["b\n"]);
}

#[tokio::test]
async fn a_kernel_that_never_stops_printing_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("begun");
    let begun = UnixListener::bind(&path).unwrap();
    let (sender, stop) = Stop::by_hand();
    let stopped = tokio::spawn(async move {
        run_until(
            &[&format!("call {}\nflood", path.display()), "print b"],
            NO_LIMITS,
            stop,
        )
        .await
    });
    begun.accept().await.unwrap();
    // Two requests: the kernel does not listen while it prints.
    sender.send(2).unwrap();
    let run = stopped.await.unwrap();
    assert!(run.execution.is_stopped(), "{:?}", run.execution);
    assert_eq!(run.ran(), [0]);
}

/// The results are kept, and the running cell is interrupted, not killed.
#[tokio::test]
async fn a_run_that_is_stopped_keeps_what_ran() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("begun");
    let begun = UnixListener::bind(&path).unwrap();
    let (sender, stop) = Stop::by_hand();
    let stopped = tokio::spawn(async move {
        let endless = format!("print b\ncall {}\nhang", path.display());
        run_until(&["print a", &endless, "print c"], NO_LIMITS, stop).await
    });
    begun.accept().await.unwrap();
    sender.send(1).unwrap();
    let run = stopped.await.unwrap();
    assert!(run.execution.is_stopped(), "{:?}", run.execution);
    assert!(!run.execution.is_nothing_run());
    assert_eq!(run.ran(), [0, 1]);
    assert_eq!(run.shown(0), ["a\n"]);
    assert_eq!(
        run.shown(1),
        ["b\n", "\"Interrupted\": \"\" [\"in the loop\"]"]
    );
    assert_eq!((run.shown(2), run.count(2)), (vec![], &Value::Null));
}

#[tokio::test]
async fn a_notebook_that_takes_too_long_keeps_what_ran() {
    let limits = Limits {
        cell: Some(Duration::from_secs(3600)),
        // Includes the start of the kernel.
        notebook: Some(Duration::from_secs(3)),
        allow_errors: true,
    };
    let run = run(&["print a", "print b\nhang", "print c"], limits).await;
    let Ending::CellFailed { cell, error } = &run.execution.ending else {
        panic!("{:?}", run.execution);
    };
    assert_eq!(
        (cell.as_str(), error.ename.as_str(), error.evalue.as_str()),
        (
            "number 2",
            "NotebookTimeoutError",
            "the notebook took longer than 3 s"
        )
    );
    assert_eq!(run.shown(0), ["a\n"]);
    assert_eq!(run.shown(1)[0], "b\n");
    assert_eq!((run.shown(2), run.count(2)), (vec![], &Value::Null));
}

#[tokio::test]
async fn a_notebook_whose_kernel_starts_too_slowly_stays_as_it_was() {
    let mut job = job(&["print a"]);
    let before = job.document.clone();
    let mut kernel = fake_kernel::kernel(true);
    kernel.spec.argv = ["/bin/sleep", "1000"].map(str::to_owned).to_vec();
    let limits = Limits {
        notebook: Some(Duration::from_millis(200)),
        ..NO_LIMITS
    };
    let (_sender, stop) = Stop::by_hand();
    let progress = Progress::on_stderr().notebook(&job.source, 1);
    let execution = execute(&mut job, &kernel, limits, stop, &progress).await;
    assert!(execution.is_nothing_run());
    let Ending::OutOfTime(reason) = execution.ending else {
        panic!("{execution:?}")
    };
    assert_eq!(reason, "the notebook took longer than 0.2 s");
    assert_eq!(job.document, before);
}
