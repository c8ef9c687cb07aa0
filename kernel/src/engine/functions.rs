//! Where the functions of a library are.

use object::{Object, ObjectSymbol, SymbolKind};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The functions of a library, by its symbols.
pub struct Functions {
    /// By address: the name and the length in bytes.
    by_address: BTreeMap<u64, (String, u64)>,
    /// By name: the address and the length.
    by_name: HashMap<String, (u64, u64)>,
}

impl Functions {
    pub fn read(library: &Path) -> Option<Functions> {
        let bytes = std::fs::read(library).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let mut functions = Functions {
            by_address: BTreeMap::new(),
            by_name: HashMap::new(),
        };
        let symbols = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text);
        for symbol in symbols {
            let name = symbol.name().ok()?.to_owned();
            let (address, length) = (symbol.address(), symbol.size());
            functions.by_address.insert(address, (name.clone(), length));
            functions.by_name.insert(name, (address, length));
        }
        Some(functions)
    }

    /// Returns where an address in this library is in another one that was compiled from the same source: in the function of the same
    /// name, which must have the same length.
    pub fn translate(&self, address: u64, other: &Functions) -> Option<u64> {
        let (start, (name, length)) = self.by_address.range(..=address).next_back()?;
        let (other_start, other_length) = other.by_name.get(name)?;
        let is_inside = address - start < *length && length == other_length;
        is_inside.then(|| other_start + (address - start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(all: &[(&str, u64, u64)]) -> Functions {
        let by_address = all
            .iter()
            .map(|(name, address, length)| (*address, ((*name).to_owned(), *length)));
        let by_name = all
            .iter()
            .map(|(name, address, length)| ((*name).to_owned(), (*address, *length)));
        Functions {
            by_address: by_address.collect(),
            by_name: by_name.collect(),
        }
    }

    #[test]
    fn an_address_is_found_in_the_same_function() {
        let one = functions(&[("a", 0x10, 8), ("b", 0x20, 16), ("c", 0x40, 4)]);
        let other = functions(&[("b", 0x10, 16), ("a", 0x30, 8), ("c", 0x50, 6)]);
        assert_eq!(one.translate(0x12, &other), Some(0x32));
        assert_eq!(one.translate(0x2f, &other), Some(0x1f));
        // Between two functions, before the first, and in one that differs.
        assert_eq!(one.translate(0x19, &other), None);
        assert_eq!(one.translate(0x0f, &other), None);
        assert_eq!(one.translate(0x41, &other), None);
    }
}
