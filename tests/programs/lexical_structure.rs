// Lexical structure: comments, identifiers and all kinds of literals.

/// An outer doc comment.
/** And one in block form. */
struct Café {
    r#type: &'static str,
    _seats: u8,
}

/* A block comment /* with one inside of it */ that ends here. */
fn r#match(r#in: i32) -> i32 {
    // Raw identifiers can be keywords.
    r#in + /* in the middle */ 1
}

mod größe {
    //! An inner doc comment.
    pub const ÄÖÜ: char = 'ü';
}

fn main() {
    let café = Café {
        r#type: "small; with } a \" brace",
        _seats: 12,
    };
    println!("{}", café.r#type); // a comment at the end of a line
    println!("{} {}", r#match(4), größe::ÄÖÜ);
    let numbers = (1_000u64, 0xFFi16, 0o7_7, 0b1111_0000u8, 1e3, 2.5e-1f32, 7.);
    println!("{numbers:?}");
    let chars = ('a', '\n', '\'', '\u{1F980}', '\x7e', '"', ';', '{');
    println!("{chars:?}");
    let bytes = (b'a', b'\\', b"by\x00te", br"raw\n");
    println!("{bytes:?}");
    let strings = ("a\tb", r"C:\dir", r##"has "# inside"##, c"nul", cr"raw\c");
    println!("{strings:?}");
    let long = "two
lines // not a comment";
    println!("{long}");
    let joined = "one \
        line /* not a comment */";
    println!("{joined}");
    /* before */
    println!("{}", 1.max(2) + (3).min(4)); /* after */
    println!("{}", ((1, (2, 3)).1).1);
    let _unused = 'x';
    let 数 = 5;
    println!("{数}");
}
