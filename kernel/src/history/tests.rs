use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn in_folder(folder: &Path) -> History {
    History::in_folder(Some(folder.join("threadbook")))
}

fn find(history: &History, query: &str) -> Vec<(u64, u64, String)> {
    let query: Query = serde_json::from_str(query).unwrap();
    let found = history.find(&query).into_iter();
    found
        .map(|entry| (entry.session, entry.line, entry.input))
        .collect()
}

fn entry(session: u64, line: u64, input: &str) -> (u64, u64, String) {
    (session, line, input.to_owned())
}

#[test]
fn sessions_are_numbered_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = in_folder(folder.path());
    first.store_input(1, "let x = 1;");
    first.store_input(2, "x");
    first.store_output(2, "1");
    let second = in_folder(folder.path());
    second.store_input(1, "größe");
    let tail = r#"{"hist_access_type": "tail", "n": 2, "output": true, "raw": true}"#;
    assert_eq!(
        find(&second, tail),
        [entry(1, 2, "x"), entry(2, 1, "größe")]
    );
    let query: Query = serde_json::from_str(tail).unwrap();
    assert_eq!(second.find(&query)[0].output.as_deref(), Some("1"));
    assert_eq!(second.find(&query)[1].output, None);
}

#[test]
fn a_range_is_of_one_session() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let history = in_folder(folder.path());
        (1..=4).for_each(|line| history.store_input(line, &format!("cell {line}")));
    }
    let history = in_folder(folder.path());
    history.store_input(1, "now");
    let range = |session: i64, limits: &str| {
        let query = format!(r#"{{"hist_access_type": "range", "session": {session}{limits}}}"#);
        let found = find(&history, &query).into_iter();
        found
            .map(|(session, line, _)| (session, line))
            .collect::<Vec<_>>()
    };
    assert_eq!(range(0, ""), [(3, 1)]);
    assert_eq!(range(-1, r#", "start": 2, "stop": 4"#), [(2, 2), (2, 3)]);
    assert_eq!(range(1, r#", "start": -2"#), [(1, 3), (1, 4)]);
    assert_eq!(range(1, r#", "start": 1, "stop": -3"#), [(1, 1)]);
    assert_eq!(range(-7, ""), []);
    assert_eq!(range(3, r#", "start": null, "stop": null"#), [(3, 1)]);
}

#[test]
fn a_search_matches_whole_cells() {
    let folder = tempfile::tempdir().unwrap();
    let history = in_folder(folder.path());
    for (line, input) in ["let a = 1;", "a", "let b = 2;", "a"].iter().enumerate() {
        history.store_input(line as u64 + 1, input);
    }
    let search = |rest: &str| {
        let query = format!(r#"{{"hist_access_type": "search"{rest}}}"#);
        let found = find(&history, &query).into_iter();
        found.map(|(_, line, _)| line).collect::<Vec<_>>()
    };
    assert_eq!(search(r#", "pattern": "let*""#), [1, 3]);
    assert_eq!(search(r#", "pattern": "?""#), [2, 4]);
    assert_eq!(search(r#", "pattern": "a", "unique": true"#), [4]);
    assert_eq!(search(r#", "pattern": "*", "n": 2"#), [3, 4]);
    assert_eq!(search(r#", "unique": true"#), [1, 3, 4]);
    assert!(search(r#", "n": -1"#).is_empty());
}

#[test]
fn nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    in_folder(folder.path()).store_input(1, "secret");
    let own = folder.path().join("threadbook");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&own), 0o700);
    assert_eq!(mode(&own.join("history.jsonl")), 0o600);
}

#[test]
fn lines_that_are_none_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    in_folder(folder.path()).store_input(1, "before");
    let path = folder.path().join("threadbook/history.jsonl");
    let mut text = fs::read(&path).unwrap();
    text.extend(b"nonsense\n\xff\xfe\n[]\n{\"session\":\"x\"}\n{\"session\":1,\"line\":2,\"inp");
    fs::write(&path, text).unwrap();
    let history = in_folder(folder.path());
    history.store_input(1, "after");
    let tail = r#"{"hist_access_type": "tail"}"#;
    assert_eq!(
        find(&history, tail),
        [entry(1, 1, "before"), entry(2, 1, "after")]
    );
}

#[test]
fn a_long_file_loses_its_older_half() {
    let folder = tempfile::tempdir().unwrap();
    let history = in_folder(folder.path());
    let text = "x".repeat(900_000);
    for line in 1..=12 {
        history.store_input(line, &text);
    }
    let path = folder.path().join("threadbook/history.jsonl");
    assert!(fs::metadata(&path).unwrap().len() > 8 << 20);
    let next = in_folder(folder.path());
    next.store_input(1, "small");
    assert!(fs::metadata(&path).unwrap().len() < 5 << 20);
    let all = find(&next, r#"{"hist_access_type": "search"}"#);
    let lines: Vec<_> = all
        .iter()
        .map(|(session, line, _)| (*session, *line))
        .collect();
    assert_eq!(lines, [(1, 9), (1, 10), (1, 11), (1, 12), (2, 1)]);
}

#[test]
fn kernels_at_the_same_time_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let history = in_folder(folder.path());
                for line in 1..=20 {
                    history.store_input(line, &format!("{line}\n"));
                    history.store_output(line, &line.to_string());
                }
            });
        }
    });
    let history = in_folder(folder.path());
    let query = Query::Search {
        pattern: None,
        n: None,
        unique: false,
    };
    let found = history.find(&query);
    assert_eq!(found.len(), 160);
    for (index, entry) in found.iter().enumerate() {
        assert_eq!(
            (entry.session, entry.line),
            (index as u64 / 20 + 1, index as u64 % 20 + 1)
        );
        assert_eq!(entry.input, format!("{}\n", entry.line));
        assert_eq!(entry.output, Some(entry.line.to_string()));
    }
}

#[test]
fn without_a_disk_it_lasts_as_long_as_the_kernel() {
    for history in [
        History::in_folder(None),
        History::in_folder(Some(PathBuf::from("/proc/no/such/folder"))),
    ] {
        history.store_input(1, "here");
        let tail = r#"{"hist_access_type": "tail"}"#;
        assert_eq!(find(&history, tail), [entry(1, 1, "here")]);
    }
}
