//! Tests of parsing cells.

use super::*;

fn cell(code: &str) -> Cell {
    parse(code, 1, Edition::CURRENT, &Macros::default())
}

fn shown(code: &str) -> (Vec<String>, Vec<String>, Option<String>) {
    let cell = cell(code);
    let text = |range: &Range<usize>| cell.code[range.clone()].to_owned();
    (
        cell.items.iter().map(Item::key).collect(),
        cell.statements
            .iter()
            .map(|statement| text(&statement.range))
            .collect(),
        cell.result.as_ref().map(text),
    )
}

fn expected(
    items: &[&str],
    statements: &[&str],
    result: Option<&str>,
) -> (Vec<String>, Vec<String>, Option<String>) {
    let owned = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    (owned(items), owned(statements), result.map(str::to_owned))
}

#[test]
fn items_statements_and_the_result_are_distinguished() {
    assert_eq!(
        shown("use a::b; let x = 1; fn f() {} f(); struct S; x + 1"),
        expected(
            &[" use a : : b ;", "fn f", "struct S"],
            &["let x = 1;", "f();"],
            Some("x + 1")
        )
    );
}

#[test]
fn a_loop_at_the_end_is_a_statement() {
    for text in ["for i in v { f(i) }", "while g() {}", "if a { f(1); }"] {
        assert_eq!(shown(text), expected(&[], &[text], None));
    }
    let text = "if a { 1 } else { 2 }";
    assert_eq!(shown(text), expected(&[], &[], Some(text)));
}

#[test]
fn a_macro_may_expand_to_items() {
    let rules = "macro_rules! m { ($n:ident) => { struct $n; } }";
    assert_eq!(
        shown(&format!("{rules} m!(A); m! {{ B }}")),
        expected(&["macro m", "struct A", "struct B"], &[], None)
    );
    assert_eq!(shown("thread_local! { static A: u8 = 1 }").0.len(), 1);
    assert_eq!(
        shown("println!(\"a\")"),
        expected(&[], &[], Some("println!(\"a\")"))
    );
}

#[test]
fn exits_are_those_of_the_cell_itself() {
    assert!(cell("f()?;").can_fail);
    assert!(cell("let x = g(f()?);").can_fail);
    assert!(cell("println!(\"{}\", f()?);").can_fail);
    assert!(cell("return Err(\"a\".into());").can_fail);
    assert!(!cell("return;").can_fail);
    assert!(!cell("let f = || g()?; fn h() { g()? } async { g()? };").can_fail);
    assert!(cell("f().await;").awaits);
    assert!(!cell("async { f().await };").awaits);
}

#[test]
fn invalid_rust_is_a_statement() {
    assert_eq!(shown("let let ; fn").1, ["let let ; fn"]);
}

#[test]
fn variables_are_those_of_all_patterns() {
    let cell = cell(
        "let (a, mut b) = f(); let [first, .., last] = g; let Some(x) | Ok(x) = h else { return }; let a = 1; let P { q, r: s, .. } = t; let w @ (y, None) = z;",
    );
    let names: Vec<_> = cell
        .variables()
        .into_iter()
        .map(|(_, name, mutable)| (name.to_owned(), mutable))
        .collect();
    let expected = [
        ("b", true),
        ("first", false),
        ("last", false),
        ("x", false),
        ("a", false),
        ("q", false),
        ("s", false),
        ("w", false),
        ("y", false),
    ];
    assert_eq!(
        names,
        expected.map(|(name, mutable)| (name.to_owned(), mutable))
    );
}
