//! Reproducible random values.

use serde_json::{Value, json};

/// Knuth's MMIX generator: the same numbers in every run with the same seed.
pub struct Random(u64);

impl Random {
    /// Takes the seed from the environment variable `SEED` or from the clock; in CI it is fixed, so that a change is not
    /// judged by chance. Prints it, so that a failure can be reproduced.
    pub fn seeded() -> Random {
        let seed = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let fixed = std::env::var_os("CI").map(|_| 2026);
        let seed = seed.or(fixed).unwrap_or_else(|| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            now.expect("a time after 1970").as_nanos() as u64
        });
        println!("SEED={seed}");
        Random(seed)
    }

    /// Returns an independent generator for this name, so that threads need not share one.
    pub fn for_name(&self, name: &str) -> Random {
        let mixed = name
            .bytes()
            .fold(self.0, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
        Random(mixed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    pub fn one_of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most);
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    /// Returns a random JSON value, nested at most `depth` levels.
    pub fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1 << 31) as i64 - (1 << 30)),
            3 => json!(self.below(1000) as f64 / 7.0),
            4 => json!(String::from_utf8_lossy(&self.bytes(20))),
            5 => (0..self.below(4)).map(|_| self.value(depth - 1)).collect(),
            _ => (0..self.below(4))
                .map(|_| {
                    (
                        String::from_utf8_lossy(&self.bytes(8)).into_owned(),
                        self.value(depth - 1),
                    )
                })
                .collect(),
        }
    }
}
