//! Every expected text is what CPython prints for the same value.

use super::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

#[derive(Debug)]
#[allow(dead_code, reason = "read by its Debug text")]
struct Record {
    name: &'static str,
    score: f64,
    best: bool,
}

/// A type with the given Debug text.
struct Raw(&'static str);

impl Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[test]
fn quotes() {
    assert_eq!(repr("text"), "'text'");
    assert_eq!(repr(""), "''");
    assert_eq!(repr("it's"), r#""it's""#);
    assert_eq!(repr(r#"say "hi""#), r#"'say "hi"'"#);
    assert_eq!(repr(r#"it's "both""#), r#"'it\'s "both"'"#);
    assert_eq!(repr(&'a'), "'a'");
    assert_eq!(repr(&'\''), r#""'""#);
    assert_eq!(repr(&'"'), r#"'"'"#);
}

#[test]
fn escapes() {
    assert_eq!(repr("a\\b"), r"'a\\b'");
    assert_eq!(repr("\n\r\t"), r"'\n\r\t'");
    assert_eq!(repr("\0\x1b\x7f"), r"'\x00\x1b\x7f'");
    assert_eq!(repr("\u{85}\u{a0}\u{ad}"), r"'\x85\xa0\xad'");
    assert_eq!(repr("\u{200b}\u{2028}\u{3000}"), r"'\u200b\u2028\u3000'");
    assert_eq!(repr("\u{e000}\u{f0000}"), r"'\ue000\U000f0000'");
    assert_eq!(repr("é ü 日本 🦀"), "'é ü 日本 🦀'");
    assert_eq!(repr("\u{301}e\u{301}"), "'\u{301}e\u{301}'");
    assert_eq!(repr("\\u{41}"), r"'\\u{41}'");
    assert_eq!(repr(OsStr::from_bytes(b"a\xff")), r"'a\udcff'");
}

#[test]
fn floats() {
    let cases = [
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (0.1, "0.1"),
        (100.0, "100.0"),
        (1e15, "1000000000000000.0"),
        (9999999999999998.0, "9999999999999998.0"),
        (1e16, "1e+16"),
        (1.5e16, "1.5e+16"),
        (1.2345678901234568e22, "1.2345678901234568e+22"),
        // Halfway between two texts of the same length.
        (2023347301156851.0 + 0.25, "2023347301156851.2"),
        (2023347301156851.0 + 0.75, "2023347301156851.8"),
        (-43245012304.0625, "-43245012304.0625"),
        (0.0001, "0.0001"),
        (0.00012345, "0.00012345"),
        (1e-5, "1e-05"),
        (1.5e-10, "1.5e-10"),
        (-2.5e-7, "-2.5e-07"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (f64::NAN, "nan"),
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
    ];
    for (value, python) in cases {
        assert_eq!(repr(&value), python);
    }
}

#[test]
fn containers() {
    assert_eq!(repr(&[1, -2, 3]), "[1, -2, 3]");
    assert_eq!(repr(&Vec::<i32>::new()), "[]");
    assert_eq!(repr(&[1e20, 0.5]), "[1e+20, 0.5]");
    assert_eq!(repr(&(1, "a", 'b', 2.0)), "(1, 'a', 'b', 2.0)");
    assert_eq!(repr(&(1,)), "(1,)");
    assert_eq!(repr(&()), "()");
    assert_eq!(repr(&[vec!["a"], vec![]]), "[['a'], []]");
    let map = BTreeMap::from([("Jeff", (8, true)), ("Sam", (10, false))]);
    assert_eq!(repr(&map), "{'Jeff': (8, True), 'Sam': (10, False)}");
    assert_eq!(repr(&HashMap::<i32, i32>::new()), "{}");
    assert_eq!(repr(&BTreeSet::from([1, 2])), "{1, 2}");
    assert_eq!(repr(&HashSet::<i32>::new()), "set()");
    assert_eq!(repr(&&BTreeSet::<i32>::new()), "set()");
    assert_eq!(repr(&None::<i32>), "None");
}

#[test]
fn a_struct_keeps_its_shape() {
    let record = Record {
        name: "Sam",
        score: 1e-7,
        best: true,
    };
    assert_eq!(
        repr(&record),
        "Record { name: 'Sam', score: 1e-07, best: True }"
    );
    assert_eq!(repr(&Some("x")), "Some('x')");
}

#[test]
fn text_that_only_looks_like_a_token_is_kept() {
    for text in [
        "don't touch 'this",
        "an open \" quote",
        "''",
        "'\\",
        "\"\\q\"",
        "0x1e5",
        "x1e5",
        "1e",
        "1e5s",
        "1..2",
        "untrue falsely NaNs",
        "v1.2.3",
    ] {
        assert_eq!(repr(&Raw(text)), text);
    }
    assert_eq!(repr(&(1e16..2e16)), "1e+16..2e+16");
}
