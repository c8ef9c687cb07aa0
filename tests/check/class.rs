//! `threadbook check` on the notebooks of a class: one student's mistake costs that student that cell.

use super::*;
use std::time::Duration;

/// Longer than any cell that is right takes, in seconds.
const LIMIT: &str = "20";

/// Writes a student's notebook, whose stored outputs are those that the teacher expects.
fn hand_in(sandbox: &Sandbox, student: &str, sources: [&str; 3]) {
    let folder = sandbox.work().join("submissions").join(student);
    fs::create_dir_all(&folder).expect("a directory");
    let ids = ["q1", "q2", "q3"];
    let mut made = notebook::of(ids.into_iter().zip(sources));
    for (index, text) in ["1\n", "2\n", "3\n"].into_iter().enumerate() {
        made["cells"][index]["outputs"] = json!([stream("stdout", text)]);
        made["cells"][index]["execution_count"] = json!(index + 1);
    }
    notebook::write(&folder.join("hw.ipynb"), &made);
}

#[test]
fn a_loop_a_crash_and_a_flood_each_cost_one_question() {
    let sandbox = Sandbox::new();
    let [one, two, three] = ["println!(\"1\");", "println!(\"2\");", "println!(\"3\");"];
    hand_in(&sandbox, "ann", [one, two, three]);
    hand_in(
        &sandbox,
        "kim",
        [one, "loop { std::hint::spin_loop(); }", three],
    );
    hand_in(
        &sandbox,
        "lee",
        [one, two, "for n in 0..800_000 { println!(\"{n}\"); }"],
    );
    hand_in(&sandbox, "sam", ["std::process::abort()", two, three]);
    let mut command = sandbox.threadbook();
    command.args(["check", "submissions", "--timeout", LIMIT]);
    command.args(["--table", "grades.csv", "--table", "grades.html"]);
    let ended = run::to_end(&mut command, Duration::from_secs(200)).expect_code(1);
    let read = |name: &str| fs::read_to_string(sandbox.work().join(name)).expect("a table");
    assert_eq!(
        read("grades.csv").replace("\r\n", "\n"),
        "notebook,q1,q2,q3,same\n\
         submissions/ann/hw.ipynb,same,same,same,3 of 3\n\
         submissions/kim/hw.ipynb,same,different,same,2 of 3\n\
         submissions/lee/hw.ipynb,same,same,different,2 of 3\n\
         submissions/sam/hw.ipynb,different,same,same,2 of 3\n",
        "{}",
        ended.stderr
    );
    assert!(read("grades.html").contains("<td>submissions/kim/hw.ipynb</td>"));
    assert!(
        ended
            .stdout
            .contains(&format!("the cell took longer than {LIMIT} s")),
        "{ended}"
    );
    assert!(ended.stdout.contains("more lines\n"), "{ended}");
    assert!(ended.stdout.lines().count() < 200, "{}", ended.stdout.len());
    sandbox.expect_nothing_left();

    // The executed notebooks and pages stay apart, too.
    let mut command = sandbox.threadbook();
    command.args(["html", "submissions", "--output-dir", "pages"]);
    run::to_end(&mut command, Duration::from_secs(60)).expect_code(0);
    for student in ["ann", "kim", "lee", "sam"] {
        assert!(
            sandbox
                .work()
                .join("pages")
                .join(student)
                .join("hw.html")
                .is_file()
        );
    }

    // A table replaces only a table.
    fs::write(sandbox.work().join("names.csv"), "name,mail\n").expect("a file");
    for (table, part) in [
        ("names.csv", "is not a report"),
        ("grades.txt", "ends with .csv or .html"),
    ] {
        let mut command = sandbox.threadbook();
        command.args(["check", "submissions/ann", "--table", table]);
        let ended = run::to_end(&mut command, Duration::from_secs(60)).expect_code(2);
        assert!(ended.stderr.contains(part), "{ended}");
    }
}
