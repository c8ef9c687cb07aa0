use super::*;

/// Returns the interface with single spaces.
fn reduced(source: &str, is_expanded: bool) -> String {
    let text = interface(source, Edition::Edition2024, is_expanded);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn expect(source: &str, expected: &str) {
    assert_eq!(reduced(source, true), expected);
}

#[test]
fn bodies_are_left_out() {
    expect(
        "pub const fn f<T>(a: [u8; { 1 + 1 }]) -> Foo<{ N }> where T: Fn() -> u8 { if a { 1 } else { 2 } }\nstruct S;",
        "pub const fn f<T>(a: [u8; { 1 + 1 }]) -> Foo<{ N }> where T: Fn() -> u8 {} struct S;",
    );
}

#[test]
fn only_what_cells_can_name_is_kept() {
    expect(
        "fn a() {} pub(crate) fn b() {} pub unsafe extern \"C\" fn c() {} const D: u8 = 1; pub const E: u8 = 2;\n\
         impl S { fn f() {} pub async fn g(&self) {} const H: u8 = 3; }\n\
         #[unstable(feature = \"x\")] pub fn i() {}\nimpl S { #[unstable(feature = \"x\")] pub fn j() {} }",
        "pub unsafe extern \"C\" fn c() {} pub const E: u8 = 2; impl S { pub async fn g(&self) {} } \
         #[unstable] pub fn i() {} impl S { }",
    );
}

#[test]
fn a_trait_keeps_its_functions_and_its_implementations_only_types() {
    expect(
        "trait T { type A; fn a(); fn b(&self) -> u8 { 1 } const C: u8; }",
        "trait T { type A; fn a(); fn b(&self) -> u8 {} const C: u8; }",
    );
    expect(
        "const unsafe impl<F: for<'a> Fn(&'a u8) -> u8> T for S<F> where F: Copy { type A = u8; fn a() {} }",
        "const unsafe impl<F: for<'a> Fn(&'a u8) -> u8> T for S<F> where F: Copy { type A = u8; }",
    );
    expect(
        "impl S<for<'a> fn(&'a u8)> where for<'a> &'a S: T { pub fn a() {} }",
        "impl S<for<'a> fn(&'a u8)> where for<'a> &'a S: T { pub fn a() {} }",
    );
}

#[test]
fn documentation_stays_and_other_comments_go() {
    let source = "// One.\n/// Two.\n///\n///     three\n#[inline]\n#[doc(alias = \"g\")]\npub fn f() {}\n//// Four.";
    let text = interface(source, Edition::Edition2024, true);
    let expected = "/** Two.\n\n     three*/\n #[doc(alias = \"g\")] pub fn f() {}";
    assert_eq!(text, expected.replace("*/\n", "*/"));
    // Such a comment cannot be one block.
    expect(
        "/// a /* b\n/// c\npub struct S { /// d\n #[must_use] pub e: u8 }",
        "/// a /* b /// c pub struct S { /// d pub e: u8 }",
    );
    expect(
        "#![feature(f)]\n//! Crate.\n#![allow(unused)]\n/// Hidden.\n#[unstable(feature = \"x\")] pub mod m {}",
        "#![feature(f)] //! Crate. #[unstable] pub mod m {}",
    );
}

#[test]
fn macros_are_kept_if_their_calls_are() {
    let source = "macro_rules! a { () => { fn b() {} } }\n#[macro_export] macro_rules! c { () => {} }\n\
        macro d() {} pub macro e() { (#[$a:meta]) => {} }";
    expect(
        source,
        "#[macro_export] macro_rules! c { () => {} } pub macro e() { (#[$a:meta]) => {} }",
    );
    let unexpanded =
        format!("{source}\na! {{ x }}\na!(y);\n#[cfg(test)] mod tests {{ fn f() {{}} }}");
    let expected = "macro_rules! a { () => { fn b() {} } } #[macro_export] macro_rules! c { () => {} } \
        macro d() {} pub macro e() { (#[$a:meta]) => {} } a! { x } a!(y);";
    assert_eq!(reduced(&unexpanded, false), expected);
}

#[test]
fn an_import_stays_if_something_uses_it() {
    expect(
        "use a::B; use a::{C, d::E as F}; use a::G as _; use a::*; use a::h::{self}; pub use a::I;\n\
         pub fn f(b: B) -> F { C }",
        "use a::B; use a::{C, d::E as F}; use a::*; use a::h::{self}; pub use a::I; pub fn f(b: B) -> F {}",
    );
    expect("use a::B; pub fn f() { B::new() }", "pub fn f() {}");
}

#[test]
fn long_values_are_left_out() {
    let list = "1, ".repeat(MAX_VALUE_TOKENS);
    expect(
        &format!("pub static A: [u8; 40] = [{list}]; pub const B: u8 = 1;"),
        "pub static A: [u8; 40]; pub const B: u8 = 1;",
    );
}

#[test]
fn what_is_no_item_is_kept() {
    expect("} ) pub fn f() {}", "} ) pub fn f() {}");
    expect("pub fn f(", "pub fn f(");
}
