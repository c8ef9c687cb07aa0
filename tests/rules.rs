//! The rules that judge the notebooks' cells, and the report of tests that did not run.

use serde_json::json;
use support::notebook::Cell;
use support::{expected_output, not_run, tools};

#[test]
fn right_outputs_are_accepted_and_wrong_ones_rejected() {
    let right = [
        (
            "A5",
            "----------Using thread-safe variable----------\nFinal result: 500000\n",
        ),
        ("B10", "Cube: 1000\nSquare: 100\nDone!\n"),
        ("B23", "5\n"),
        ("B25", "[1]"),
        (
            "A9",
            "main process running ... PID:7\nUI thread starting ... PID:7\nDownload thread starting ... PID:7\n\
                Downloading...: 100%|██████████| 100/100 [00:01<00:00, 50.25it/s]",
        ),
        (
            "B19",
            "100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 100%|██████████| 100000/100000 [00:04<00:00, 25000.00it/s]\n\
                 100%|██████████| 100000/100000 [00:04<00:00, 24000.25it/s]\n\
                 Final balance = 300000\nExecution time: 4.10 seconds\n",
        ),
        (
            "B20",
            "300000\n100%|██████████| 300000/300000 [00:10<00:00, 29000.10it/s]\nExecution time: 10.35 seconds\n",
        ),
        (
            "B26",
            "1000000 rows of data have been written to data.csv\nExecution time: 0.13 seconds\n",
        ),
        ("W4", "10 deposits, balance 5\n"),
        (
            "W12",
            "done: a job of 20 ms\ndone: a job of 60 ms\ndone: a job of 20 ms\n\
             done: a job of 20 ms\ndone: a job of 40 ms\n160 ms of work\n",
        ),
        (
            "W13",
            "sold loaf 1\nsold loaf 2\nall baked\nsold loaf 3\nsold loaf 4\nsold loaf 5\nsold loaf 6\n",
        ),
        (
            "B3",
            "Main thread name: MainThread\nID of process running main program: 7\n\
             Task 2 assigned to thread: t2\nID of process running task 2: 7\n\
             ID of process running task 1: 7\nTask 1 assigned to thread: t1\n",
        ),
    ];
    for (id, output) in right {
        assert_eq!(expected_output::judge(id, output), Ok(()), "{id}");
    }
    let wrong = [
        // A bar that stopped early, and one without its description.
        (
            "A9",
            "main process running ... PID:7\nUI thread starting ... PID:7\nDownload thread starting ... PID:7\n\
                Downloading...:  99%|█████████▉| 99/100 [00:01<00:00, 50.25it/s]",
        ),
        (
            "A9",
            "main process running ... PID:7\nUI thread starting ... PID:7\nDownload thread starting ... PID:7\n\
                100%|██████████| 100/100 [00:01<00:00, 50.25it/s]",
        ),
        // Another process, other orders, and another size.
        (
            "A13",
            "main process running ... PID:7\nUI thread starting ... PID:8\nDownload thread starting ... PID:7\n\
                 Downloading...: 100%|██████████| 100/100 [00:01<00:00, 50.25it/s]",
        ),
        (
            "A13",
            "main process running ... PID:7\nDownload thread starting ... PID:7\nUI thread starting ... PID:7\n\
                 Downloading...: 100%|██████████| 100/100 [00:01<00:00, 50.25it/s]",
        ),
        (
            "B1",
            "Downloaded https://google.com (21788 bytes)\nDownloaded https://github.com (230041 bytes)\n\
                Downloaded https://example.com (1256 bytes)\n",
        ),
        (
            "B2",
            "Downloaded https://github.com (230041 bytes)\nDownloaded https://google.com (21788 bytes)\n\
                Downloaded https://example.com (1257 bytes)\n",
        ),
        // Two bars for three processes, a lost update, and an impossible time.
        (
            "B19",
            "100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 Final balance = 300000\nExecution time: 3.10 seconds\n",
        ),
        (
            "B19",
            "100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 100%|██████████| 100000/100000 [00:03<00:00, 31397.77it/s]\n\
                 Final balance = 299999\nExecution time: 3.10 seconds\n",
        ),
        (
            "B20",
            "100%|██████████| 300000/300000 [00:00<00:00, 9999999.99it/s]\n300000\nExecution time: 0.03 seconds\n",
        ),
        (
            "B26",
            "1000000 rows of data have been written to data.csv\n",
        ),
        (
            "A5",
            "----------Using thread-safe variable----------\nFinal result: 499999\n",
        ),
        ("B10", "Done!\nCube: 1000\nSquare: 100\n"),
        ("B10", "Cube: 1000\nCube: 1000\nDone!\n"),
        ("B23", "6\n"),
        ("B25", "[1]\n"),
        (
            // Another process id.
            "B3",
            "Main thread name: MainThread\nID of process running main program: 7\n\
             Task 2 assigned to thread: t2\nID of process running task 2: 7\n\
             ID of process running task 1: 8\nTask 1 assigned to thread: t1\n",
        ),
        (
            // The same id for two processes.
            "B11",
            "ID of main process: 1\nID of process running worker1: 2\nID of process running worker2: 2\n\
             ID of process p1: 2\nID of process p2: 2\nBoth processes finished execution!\n\
             Process p1 is alive: False\nProcess p2 is alive: False\n",
        ),
        (
            // The reader started too late.
            "B15",
            "Function square_list is processing by 1\n1 squared is added to the queue by process 1\n\
             2 squared is added to the queue by process 1\nFunction print_queue is processing by 2\n\
             Queue elements: \n1\n4\nQueue is now empty!\n3 squared is added to the queue by process 1\n\
             4 squared is added to the queue by process 1\n",
        ),
        ("B18", "Final balance = 100\n"),
        // No update lost, a loaf sold before another that was baked earlier, and one that was not sold.
        ("W4", "10 deposits, balance 10\n"),
        (
            "W13",
            "sold loaf 2\nsold loaf 1\nall baked\nsold loaf 3\nsold loaf 4\nsold loaf 5\nsold loaf 6\n",
        ),
        (
            "W13",
            "sold loaf 1\nsold loaf 2\nall baked\nsold loaf 3\nsold loaf 4\nsold loaf 5\n",
        ),
        (
            // Two tasks on one worker.
            "B22",
            "Worker process id for 1: 11\nWorker process id for 2: 11\nWorker process id for 3: 13\n\
             Worker process id for 4: 14\nWorker process id for 5: 15\n[1, 4, 9, 16, 25]\n",
        ),
        (
            // No faster in parallel.
            "A2",
            "----------Sequential execution----------\nNumber: #1\nNumber: #2\nNumber: #3\nNumber: #4\nNumber: #5\n\
             Alphabet: a\nAlphabet: b\nAlphabet: c\nAlphabet: d\nAlphabet: e\nexecution time : 1.001\n\
             ----------Parallel execution----------\nNumber: #1\nNumber: #2\nNumber: #3\nNumber: #4\nNumber: #5\n\
             Alphabet: a\nAlphabet: b\nAlphabet: c\nAlphabet: d\nAlphabet: e\nexecution time : 1.001\n",
        ),
        ("no such cell", ""),
    ];
    for (id, output) in wrong {
        assert!(
            expected_output::judge(id, output).is_err(),
            "{id}: {output}"
        );
    }
}

#[test]
fn only_cells_that_fail_on_purpose_may_fail() {
    let failed = |code: &str| {
        let error = json!({
            "output_type": "error", "ename": format!("error[{code}]"), "evalue": "no", "traceback": [],
        });
        Cell(json!({ "outputs": [error] }))
    };
    let passed = Cell(json!({ "outputs": [] }));
    assert_eq!(expected_output::judge_error("A5", &passed), Ok(()));
    assert_eq!(
        expected_output::judge_error("extra-rc-not-send", &failed("E0277")),
        Ok(())
    );
    assert!(expected_output::judge_error("A5", &failed("E0277")).is_err());
    assert!(expected_output::judge_error("extra-rc-not-send", &failed("E0425")).is_err());
    assert!(expected_output::judge_error("extra-rc-not-send", &passed).is_err());
}

/// A progress bar is a display, which has its own lines.
#[test]
fn displays_are_read_as_lines_among_the_streams() {
    let display =
        |text: &str| json!({ "output_type": "display_data", "data": { "text/plain": [text] } });
    let stream = |text: &str| json!({ "output_type": "stream", "name": "stdout", "text": text });
    let cell = Cell(json!({ "outputs": [
        stream("a"), display("50%"), display("100%"), stream("b\n"), display("c"),
    ] }));
    assert_eq!(cell.shown(), "a\n50%\n100%\nb\nc");
}

#[test]
fn tests_that_did_not_run_are_grouped_by_reason() {
    let records = "lab::b\tno browser\nlive::a\tno Python\nlab::a\tno browser\npage::a\tno browser\nlab::b\tno browser\n\
        stock::a\tno source\nstock::b\tno source\n";
    assert_eq!(
        not_run::report(records),
        "not run: live::a, because no Python\n\
         not run: lab::a (and 2 others), because no browser\n\
         not run: stock::a (and 1 other), because no source\n"
    );
    assert_eq!(not_run::report(""), "");
}

#[test]
fn the_cause_of_a_failure_is_one_line() {
    for (output, cause) in [
        (
            "WARNING: retrying after a ConnectionError\nERROR: no such version\nERROR: no match\n",
            "ERROR: no such version",
        ),
        (
            "Traceback:\n  line 1\nModuleNotFoundError: No module named 'ensurepip'\n\n",
            "ModuleNotFoundError: No module named 'ensurepip'",
        ),
        ("größer\n", "größer"),
        (" \n", "no message"),
    ] {
        assert_eq!(tools::cause(output), cause);
    }
}
