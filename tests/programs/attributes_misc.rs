// Attributes on items and statements: inline, must_use, allow, deprecated and more.

#[must_use = "the sum is the only effect"]
#[inline]
fn sum(values: &[i32]) -> i32 {
    values.iter().sum()
}

#[inline(always)]
const fn half(n: u32) -> u32 {
    n / 2
}

#[cold]
#[inline(never)]
fn rare(reason: &str) -> String {
    format!("rare: {reason}")
}

#[deprecated(since = "2.0.0", note = "use half")]
fn old_half(n: u32) -> u32 {
    n >> 1
}

#[allow(dead_code)]
#[derive(Debug)]
struct Unused {
    hidden: u8,
}

#[non_exhaustive]
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    Fast,
    Slow,
}

#[allow(non_camel_case_types)]
type small = u8;

/// A documented constant.
#[doc(hidden)]
pub const LIMIT: small = 9;

fn main() {
    println!("{}", sum(&[1, 2, 3]));
    println!("{}", half(9));
    println!("{}", rare("no coffee"));
    #[allow(deprecated)]
    let old = old_half(12);
    println!("{old} {LIMIT}");
    #[allow(unused_variables)]
    let nobody_reads_this = 5;
    #[expect(unused_mut)]
    let mut seven = 7;
    println!("{seven}");
    println!("{:?} {:?}", Mode::Fast, Mode::Slow);
    let _ = sum(&[4]);
    println!("{:?}", Unused { hidden: 1 });
}
