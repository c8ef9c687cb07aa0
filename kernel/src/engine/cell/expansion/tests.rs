//! Tests of expansions.

use super::*;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::HasModuleItem;

/// Expands the call at the end of a text with the macros before it.
fn expand(text: &str) -> Option<Expansion> {
    let parsed = SourceFile::parse(text, Edition::CURRENT);
    let mut macros = Macros::default();
    let mut call = None;
    for item in parsed.tree().items() {
        match item {
            ast::Item::MacroRules(rules) => macros.define(&rules),
            ast::Item::MacroCall(found) => call = Some(found),
            _ => {}
        }
    }
    macros.expand(&call?, Edition::CURRENT)
}

#[test]
fn items_are_found() {
    let items =
        expand("macro_rules! m { ($n:ident) => { struct $n; impl $n { fn f() {} } } }\nm!(A);");
    let Some(Expansion::Items(text)) = items else {
        panic!("{items:?}")
    };
    assert_eq!(text.trim(), "struct A ;\nimpl A { fn f() {} }");
}

#[test]
fn macros_in_macros_are_followed() {
    let items = expand(
        "macro_rules! one { ($n:ident) => { fn $n() {} } } macro_rules! two { ($a:ident $b:ident) => { one!($a); one!($b); } }\ntwo!(a b);",
    );
    let Some(Expansion::Items(text)) = items else {
        panic!("{items:?}")
    };
    assert_eq!(
        text.split_whitespace().collect::<Vec<_>>().join(" "),
        "fn a () {} fn b () {}"
    );
}

#[test]
fn only_names_in_the_call_become_variables() {
    let lets =
        expand("macro_rules! m { ($n:ident) => { let mut hidden = 1; let $n = hidden; } }\nm!(a);");
    assert_eq!(lets, Some(Expansion::Lets(vec![("a".to_owned(), false)])));
}

#[test]
fn items_are_taken_out_of_statements() {
    let mixed = expand(
        "macro_rules! m { ($n:ident = $v:expr) => { struct S(u8); let hidden = $v; let mut $n = S(hidden); } }\nm!(a = b+\"{c}\");",
    );
    let rule = r#"( $threadbook_0:tt  =  $threadbook_4:tt + $threadbook_6:tt ) => { let hidden = ( $threadbook_4+$threadbook_6 ); let mut $threadbook_0 = S(hidden); }"#;
    assert_eq!(
        mixed,
        Some(Expansion::Mixed {
            items: "struct S(u8);".to_owned(),
            rule: rule.to_owned(),
            variables: vec![("a".to_owned(), true)],
        })
    );
}

#[test]
fn items_begin_with_a_keyword() {
    for items in [
        "(pub fn f() {})",
        "{ #[a] static ref N: u8 = 1; }",
        "(impl<T> A for B {})",
        "(pub(crate) mod m {})",
    ] {
        assert!(has_items(items), "{items}");
    }
    for others in [
        "(type_name_of_val(&a))",
        "(union, [1])",
        "(union == 2)",
        "(fn_name())",
        "(\"{}\", fn_pointer)",
    ] {
        assert!(!has_items(others), "{others}");
    }
}

#[test]
fn an_expression_defines_nothing() {
    assert_eq!(
        expand("macro_rules! m { ($e:expr) => { $e + 1 } }\nm!(2);"),
        Some(Expansion::Other)
    );
    assert_eq!(expand("println!(\"\");"), None);
    assert_eq!(
        expand("macro_rules! m { () => {} }\nm! {}"),
        Some(Expansion::Statements)
    );
}
