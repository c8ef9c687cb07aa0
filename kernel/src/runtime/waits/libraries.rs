//! The libraries in this process, and with it in the processes that it forks: which library an address is in.

use crate::ipc::{CodePlace, Frame, Site};
use crate::runtime::location::location;
use std::path::{Path, PathBuf};

/// A part of a library in memory (proc(5), `/proc/pid/maps`).
struct Mapping {
    start: u64,
    end: u64,
    /// Where the library begins.
    base: u64,
    path: PathBuf,
}

/// What is mapped now.
pub struct Libraries(Vec<Mapping>);

impl Libraries {
    /// Reads what is mapped. Not by dladdr(3): a thread of the cell may hang with the loader's lock.
    pub fn mapped() -> Libraries {
        Libraries::parse(&std::fs::read_to_string("/proc/self/maps").unwrap_or_default())
    }

    fn parse(maps: &str) -> Libraries {
        let mut mappings: Vec<Mapping> = Vec::new();
        for line in maps.lines() {
            let mut fields = line.split_ascii_whitespace();
            let (Some(range), Some(path)) = (fields.next(), line.find('/')) else {
                continue;
            };
            let Some((start, end)) = range.split_once('-') else {
                continue;
            };
            let number = |text| u64::from_str_radix(text, 16);
            let (Ok(start), Ok(end)) = (number(start), number(end)) else {
                continue;
            };
            let path = PathBuf::from(&line[path..]);
            let base = mappings
                .iter()
                .rev()
                .take_while(|before| before.path == path)
                .last()
                .map_or(start, |first| first.start);
            mappings.push(Mapping {
                start,
                end,
                base,
                path,
            });
        }
        Libraries(mappings)
    }

    /// Returns the libraries, with the addresses at which they begin. There may be other files among them.
    pub fn bases(&self) -> impl Iterator<Item = (&Path, u64)> {
        let first = |mapping: &&Mapping| mapping.start == mapping.base;
        let firsts = self.0.iter().filter(first);
        firsts.map(|mapping| (&*mapping.path, mapping.base))
    }

    /// Returns the library that a return address is in, and the address of the call there.
    pub fn frame(&self, returns_to: u64) -> Option<Frame> {
        let call = returns_to.checked_sub(1)?;
        let mapping = self
            .0
            .iter()
            .find(|mapping| (mapping.start..mapping.end).contains(&call))?;
        Some(Frame {
            library: mapping.path.clone(),
            address: call - mapping.base,
        })
    }

    /// Returns the place of a `Location` of the cells' `std`, by its address.
    pub fn site(&self, address: u64) -> Site {
        // A location may lie at the beginning of its library's part, and an address of a call is taken to be behind it.
        let library = self.frame(address + 1).map(|frame| frame.library);
        let place = library.map(|library| {
            let (line, column) = location(address);
            Site::Code(CodePlace {
                library,
                line,
                column,
            })
        });
        place.unwrap_or_else(|| Site::Stack(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_in_its_library() {
        let libraries = Libraries::parse(
            "1000-2000 r--p 00000000 fe:00 1 /a b/libc.so\n\
             2000-3000 r-xp 00001000 fe:00 1 /a b/libc.so\n\
             3000-4000 rw-p 00000000 00:00 0\n\
             5000-6000 r-xp 00000000 fe:00 2 /cell.so\n\
             7000-8000 rw-p 00000000 00:00 0 [heap]\n",
        );
        let frame = |address| {
            let frame = libraries.frame(address)?;
            Some((frame.library.display().to_string(), frame.address))
        };
        assert_eq!(frame(0x2011), Some(("/a b/libc.so".to_owned(), 0x1010)));
        assert_eq!(frame(0x5001), Some(("/cell.so".to_owned(), 0)));
        assert_eq!(frame(0x3500), None);
        assert_eq!(frame(0), None);
        let bases: Vec<_> = libraries.bases().collect();
        let expected = [("/a b/libc.so", 0x1000), ("/cell.so", 0x5000)];
        assert_eq!(bases, expected.map(|(path, base)| (Path::new(path), base)));
    }
}
