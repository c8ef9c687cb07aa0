// Const evaluation: const blocks, const asserts, const generics and statics.

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

const fn count_spaces(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut i, mut found) = (0, 0);
    while i < bytes.len() {
        if bytes[i] == b' ' {
            found += 1;
        }
        i += 1;
    }
    found
}

const TEXT: &str = "a b c d";
const WORDS: [u8; count_spaces(TEXT) + 1] = [0; count_spaces(TEXT) + 1];
const _: () = assert!(gcd(12, 18) == 6, "gcd is wrong");

struct Bounded<const MAX: u32>(u32);

impl<const MAX: u32> Bounded<MAX> {
    const HALF: u32 = MAX / 2;

    const fn new(value: u32) -> Self {
        const { assert!(MAX > 0) };
        Bounded(if value > MAX { MAX } else { value })
    }
}

static SQUARES: [u32; 6] = {
    let mut out = [0; 6];
    let mut i = 0;
    while i < 6 {
        out[i] = (i * i) as u32;
        i += 1;
    }
    out
};

fn main() {
    println!("{} {}", WORDS.len(), TEXT);
    println!("{SQUARES:?}");
    let value = const { gcd(100, 75) };
    println!("{value}");
    println!("{} {}", Bounded::<9>::new(20).0, Bounded::<9>::HALF);
    const SHIFTED: u32 = Bounded::<8>::new(3).0 << 4;
    println!("{SHIFTED}");
    let lists = [const { Vec::<i32>::new() }; 3];
    println!("{lists:?}");
    println!("{}", u8::MAX as usize + WORDS.len());
}
