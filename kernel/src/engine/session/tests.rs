//! Tests of what cells leave to each other.

use super::definition::Changes;
use super::*;
use crate::engine::cell::parse;
use ra_ap_parser::Edition;

/// Returns the session after these cells, and what the last one changed.
fn after(cells: &[&str]) -> (Session, Changes) {
    let mut session = Session::default();
    let mut changes = Changes::default();
    for (code, number) in cells.iter().zip(1..) {
        let cell = parse(
            code,
            number,
            Edition::CURRENT,
            &session.macros(Edition::CURRENT),
        );
        changes = session.define(&cell);
        for item in session.items.clone() {
            session.statics.export(&item);
        }
    }
    (session, changes)
}

fn items(cells: &[&str]) -> Vec<String> {
    let (session, _) = after(cells);
    session.items.iter().map(|item| item.text.clone()).collect()
}

fn variable(name: &str, ty: &str) -> Variable {
    Variable::new(name, false, ty.to_owned(), 1)
}

#[test]
fn a_later_item_replaces_an_earlier_one_in_its_namespace() {
    assert_eq!(
        items(&["fn f() {}", "fn f() -> u8 { 1 }"]),
        ["fn f() -> u8 { 1 }"]
    );
    assert_eq!(
        items(&["struct f {}", "fn f() {}"]),
        ["struct f {}", "fn f() {}"]
    );
    // A tuple struct also defines a function.
    assert_eq!(items(&["struct F();", "fn F() {}"]), ["fn F() {}"]);
    let one = "#[cfg(unix)] fn f() {}";
    let other = "#[cfg(windows)] fn f() {}";
    assert_eq!(items(&[one, other]), [one, other]);
}

#[test]
fn macros_stay_where_they_are_used() {
    let one = "macro_rules! m { () => { 1 } }";
    let other = "macro_rules! m { () => { 2 } }";
    let function = "fn f() -> i32 { m!() }";
    assert_eq!(items(&[one, function, other]), [one, function, other]);
    assert_eq!(items(&[one, function, one]), [one, function]);
}

#[test]
fn blocks_belong_to_their_type_and_trait() {
    let device = "struct D;";
    assert_eq!(
        items(&[device, "impl T for D { fn a() {} }", "impl T for D {}"]),
        [device, "impl T for D {}"]
    );
    assert_eq!(
        items(&[
            device,
            "impl D { fn a() {} fn b() {} }",
            "impl D { fn b() { } fn c() {} }"
        ]),
        [
            device,
            "impl D { fn a() {}  }",
            "impl D { fn b() { } fn c() {} }"
        ]
    );
    assert_eq!(
        items(&[device, "impl D { fn a() {} }", "impl D { fn a() { } }"]),
        [device, "impl D { fn a() { } }"]
    );
}

#[test]
fn imports_are_replaced_one_by_one() {
    assert_eq!(
        items(&["use std::{io, fmt::Result};", "use std::io::Result;"]),
        ["use std::io;", "use std::io::Result;"]
    );
}

#[test]
fn variables_of_changed_types_are_lost() {
    let lost = |cells: &[&str], ty: &str| {
        let (mut session, _) = after(&cells[..cells.len() - 1]);
        session.variables.push(variable("v", ty));
        let cell = parse(
            cells[cells.len() - 1],
            9,
            Edition::CURRENT,
            &session.macros(Edition::CURRENT),
        );
        let changes = session.define(&cell);
        assert_eq!(session.variables.is_empty(), !changes.notes.is_empty());
        session.variables.is_empty()
    };
    let cells = ["struct P { x: u8 }", "struct Q(P); fn p() {}"];
    assert!(lost(
        &[&cells[..], &["struct P { x: u16 }"]].concat(),
        "Vec<P>"
    ));
    assert!(
        lost(&[&cells[..], &["struct P { x: u16 }"]].concat(), "Q"),
        "it contains the other"
    );
    assert!(!lost(
        &[&cells[..], &["struct P { x: u8, }  // the same"]].concat(),
        "Vec<P>"
    ));
    assert!(!lost(&[&cells[..], &["fn p() { 1; }"]].concat(), "Vec<P>"));
    assert!(lost(
        &[
            "const N: usize = 1;",
            "struct A([u8; N]);",
            "const N: usize = 2;"
        ],
        "A"
    ));
}

#[test]
fn a_cell_gets_what_it_names() {
    let (mut session, _) = after(&[
        "struct A(B); struct B; impl A { fn f() { g() } } fn g() {} fn h() {} trait T {} impl T for u8 {}",
        "static S: u8 = 1;",
    ]);
    session.variables.push(variable("a", "Vec<A>"));
    session.variables.push(variable("g", "u8"));
    let cell = parse(
        "println!(\"{a:?}\");",
        3,
        Edition::CURRENT,
        &session.macros(Edition::CURRENT),
    );
    let selection = select(&session, &cell, &BTreeSet::new(), false);
    let names: Vec<_> = selection
        .items
        .iter()
        .map(|item| item.key().trim().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "struct A",
            "struct B",
            "impl A",
            "fn g",
            "trait T",
            "impl T for u8"
        ]
    );
    let variables: Vec<_> = selection
        .variables
        .iter()
        .map(|variable| variable.name.as_str())
        .collect();
    assert_eq!(variables, ["a"], "an item does not see variables");
    assert_eq!(
        select(&session, &cell, &BTreeSet::new(), true).items.len(),
        session.items.len()
    );
}

#[test]
fn a_static_is_defined_once_and_declared_after_that() {
    let text = |session: &Session| {
        let pieces = session
            .items
            .iter()
            .flat_map(|item| session.statics.written(item, &session.items));
        pieces.map(|(text, _)| text).collect::<String>()
    };
    let code = "fn f() -> u8 { static S: &str = \"a\"; thread_local! { pub static T: u8 = 1; } 1 }";
    let mut session = Session::default();
    let cell = parse(code, 1, Edition::CURRENT, &Macros::default());
    session.define(&cell);
    let defined = text(&session);
    assert!(
        defined.contains("#[unsafe(export_name = \"threadbook_"),
        "{defined}"
    );
    assert!(
        defined.contains("_KEY: ::std::thread::LocalKey<u8> = T;"),
        "{defined}"
    );
    let item = session.items[0].clone();
    session.statics.export(&item);
    let declared = text(&session);
    assert!(
        declared.contains("safe static S: &'static str;"),
        "{declared}"
    );
    assert!(
        declared.contains("pub safe static T: ::std::thread::LocalKey<u8>;"),
        "{declared}"
    );
    // The same text means the same static, another text another one.
    session.define(&parse(code, 2, Edition::CURRENT, &Macros::default()));
    assert_eq!(text(&session), declared);
    session.define(&parse(
        &code.replace("\"a\"", "\"b\""),
        3,
        Edition::CURRENT,
        &Macros::default(),
    ));
    assert!(text(&session).contains("_1\")]"), "{}", text(&session));
}

#[test]
fn only_what_may_borrow_is_shared() {
    for (one, other, expected) in [
        (
            "std::rc::Rc<std::cell::RefCell<std::vec::Vec<&str>>>",
            "Rc<RefCell<Vec<&str>>>",
            true,
        ),
        (
            "(Arc<Mutex<&u8>>, u8)",
            "Vec<std::sync::Weak<std::sync::Mutex<&u8>>>",
            true,
        ),
        ("Rc<Log<'_>>", "Vec<Rc<Log<'_>>>", true),
        ("(Rc<Log>, &str)", "Rc<Log>", false),
        ("Rc<Cell<&u8>>", "Rc<Cell<&i8>>", false),
    ] {
        let shares = variable("a", one).may_share_with(&variable("b", other));
        assert_eq!(shares, expected, "{one} and {other}");
    }
}

#[test]
fn loans_of_different_parts_do_not_overlap() {
    let loan = |lender: &str, parts: &[&str]| Loan {
        lifetimes: BTreeSet::new(),
        lender: lender.to_owned(),
        is_exclusive: true,
        parts: parts.iter().map(|part| part.to_string()).collect(),
    };
    let (left, both) = (loan("p", &["p.a"]), loan("p", &["p.a", "p.b"]));
    assert!(left.overlaps(&both) && left.overlaps(&loan("p", &[])));
    assert!(!left.overlaps(&loan("p", &["p.ab"])) && !left.overlaps(&loan("q", &[])));
    assert!(is_within("p.a.0", "p.a") && !is_within("p.ab", "p.a"));
}
