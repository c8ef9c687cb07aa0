use super::*;
use std::sync::Arc;

fn with_notebook_names<T>(ask: impl FnOnce(&NotebookNames<'_>) -> T) -> T {
    let cells: [Arc<str>; 2] = [
        "use std::thread;\n/// Adds.\nfn add(a: u8) -> u8 { a.wrapping_add(1) }".into(),
        "let numbers = vec![1]; thread::spawn(|| ());".into(),
    ];
    ask(&NotebookNames {
        variables: &[Variable {
            name: "numbers".into(),
            written: "Vec<i32>".into(),
        }],
        cells: &cells,
    })
}

fn completed(code: &str) -> (usize, usize, Vec<String>) {
    let found = with_notebook_names(|known| complete(code, code.len(), known));
    let texts = found.completions.into_iter();
    (
        found.start,
        found.end,
        texts.map(|found| found.text).collect(),
    )
}

#[test]
fn commands_are_completed_before_the_rust() {
    assert_eq!(completed(":de"), (0, 3, vec![":dep".into()]));
    assert_eq!(completed(":opt 1\n  :hel"), (9, 13, vec![":help".into()]));
    assert_eq!(completed(":dep ra").2, [] as [String; 0]);
    assert_eq!(completed("let x = 1;\n:de").2, [] as [String; 0]);
}

#[test]
fn variables_and_items_come_first() {
    assert_eq!(completed("nu"), (0, 2, vec!["numbers".into()]));
    assert_eq!(completed("let größe = ad").2, ["add"]);
    assert_eq!(completed("largest; la").2, ["largest"]);
    assert_eq!(completed("prin").2, ["print", "println"]);
    assert_eq!(completed("").2, ["numbers", "add"]);
}

#[test]
fn after_a_dot_only_what_stood_after_one() {
    assert_eq!(completed("x.wr").2, ["wrapping_add"]);
    assert_eq!(completed("thread::s").2, ["spawn"]);
    assert_eq!(completed("x.nu").2, [] as [String; 0]);
}

#[test]
fn names_are_explained() {
    let inspected = |code: &str| with_notebook_names(|known| inspect(code, &[0], known));
    assert_eq!(
        inspected("numbers.len()").unwrap().plain,
        "let numbers: Vec<i32>"
    );
    assert_eq!(
        inspected("add").unwrap().plain,
        "fn add(a: u8) -> u8\n\nAdds."
    );
    assert!(
        inspected(":dep a")
            .unwrap()
            .plain
            .starts_with(":dep\n\nUse a crate")
    );
    assert!(inspected("nothing").is_none());
}
