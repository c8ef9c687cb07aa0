// Const functions, used in constants, array lengths and at run time.

const fn fibonacci(n: usize) -> u64 {
    let mut pair = (0, 1);
    let mut i = 0;
    while i < n {
        pair = (pair.1, pair.0 + pair.1);
        i += 1;
    }
    pair.0
}

const fn table<const N: usize>() -> [u64; N] {
    let mut out = [0; N];
    let mut i = 0;
    while i < N {
        out[i] = fibonacci(i);
        i += 1;
    }
    out
}

const fn is_prime(n: u32) -> bool {
    if n < 2 {
        return false;
    }
    let mut d = 2;
    while d * d <= n {
        if n.is_multiple_of(d) {
            return false;
        }
        d += 1;
    }
    true
}

struct Grid;

impl Grid {
    const fn cells(width: usize, height: usize) -> usize {
        width * height
    }
}

const TABLE: [u64; 10] = table();
static CELLS: [u8; Grid::cells(3, 4)] = [1; Grid::cells(3, 4)];

fn main() {
    println!("{TABLE:?}");
    println!("{}", CELLS.len());
    let n: usize = 20;
    println!("{}", fibonacci(n));
    let primes: Vec<u32> = (0..30).filter(|&n| is_prime(n)).collect();
    println!("{primes:?}");
    const LAST: u64 = TABLE[TABLE.len() - 1];
    println!("{LAST}");
    let short = table::<4>();
    println!("{short:?}");
}
