//! Cache keys: hashes of several parts.

use data_encoding::HEXLOWER;
use ring::digest;

/// A key made of parts: different parts give different keys, also if only the boundaries between them differ.
pub struct Key(digest::Context);

impl Default for Key {
    fn default() -> Key {
        Key(digest::Context::new(&digest::SHA256))
    }
}

impl Key {
    /// Adds a part.
    pub fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// Returns the key as text that can be a file name.
    pub fn end(self) -> String {
        HEXLOWER.encode(self.0.finish().as_ref())
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Key {
    fn from_iter<I: IntoIterator<Item = T>>(parts: I) -> Key {
        let mut key = Key::default();
        parts.into_iter().for_each(|part| key.add(part));
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_boundaries_change_the_key() {
        let key = |parts: [&str; 2]| Key::from_iter(parts).end();
        assert_eq!(key(["ab", "c"]), key(["ab", "c"]));
        assert_ne!(key(["ab", "c"]), key(["a", "bc"]));
        assert_ne!(key(["ab", "c"]), key(["c", "ab"]));
    }
}
