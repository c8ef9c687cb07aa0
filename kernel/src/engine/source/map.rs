//! Source maps: a text made of pieces, and where each piece came from.

use std::ops::Range;

/// Where a piece of the source came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The text of the current cell.
    Cell,
    /// An item of an earlier cell, by its index in the selection.
    Item(usize),
    /// A deferred `let` of an earlier cell, by its index in the selection.
    Deferred(usize),
    /// A generated line that does something with a variable.
    Variable(Use, String),
    /// The line that shows the cell's result.
    Result,
}

/// What a generated line does with a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Takes a variable of an earlier cell.
    Take,
    /// Takes variables of earlier cells that borrow from others.
    Tie,
    /// Reads a variable while another one is still used.
    Touch,
    /// Borrows a variable exclusively while another one is still used.
    TouchExclusively,
    /// Changes a part of a variable while another one is still used.
    TouchPart,
    /// Stores a variable that the cell defines.
    Put,
    /// Stores a variable of an earlier cell.
    PutBack,
    /// Assigns a placeholder value to a moved part of a variable.
    Refill,
    /// Makes rustc report the variable's type.
    TellType,
    /// Makes rustc report the type of a variable of an earlier cell.
    TellEarlierType,
    /// Makes rustc report the variable's type once it is fully inferred.
    TellLateType,
    /// Makes rustc report the arguments and the result of a closure's call, once they are inferred.
    TellLateCall,
    /// Makes rustc report how the variable can be called.
    TellCall,
    /// Makes rustc report how the result of calling the variable can be called.
    TellSecondCall,
    /// Makes rustc report the variable's iterator items.
    TellItem,
    /// Makes rustc report the variable's future output.
    TellOutput,
    /// Fails to compile if the variable lacks a trait.
    Trait(Trait),
}

/// Traits that are probed for values of unnameable types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trait {
    Fn,
    FnMut,
    Send,
    Sync,
    Copy,
    Clone,
    UnwindSafe,
    DoubleEnded,
    ExactSize,
}

/// A piece of the source with one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Bytes of the source.
    pub range: Range<usize>,
    pub origin: Origin,
    /// The byte of its origin at which it begins.
    pub start: usize,
    /// The copy of the cell in which it stands.
    pub copy: Copy,
}

/// A copy of the cell: a probe contains several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// Items, or the only copy.
    Plain,
    /// The copy that probes types, which makes it fail.
    Types,
    /// A copy that probes traits.
    Traits,
    /// A copy that keeps a single variable, by its index in `Probe::kept`.
    Persistence(usize),
    /// A copy that reads all other variables while this one is used.
    Touches(usize),
    /// A copy in which one lifetime in the type of this variable, by its place there, is `'static`.
    Lifetime(usize, usize),
}

/// A source text and its map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    text: String,
    segments: Vec<Segment>,
    copy: Option<Copy>,
}

impl Source {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Starts a copy of the cell: what is added from now on belongs to it.
    pub fn begin_copy(&mut self, copy: Copy) {
        self.copy = Some(copy);
    }

    /// Adds generated text.
    pub fn generate(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds text that came from byte `start` of its origin.
    pub fn add(&mut self, text: &str, origin: Origin, start: usize) {
        let begin = self.text.len();
        self.text.push_str(text);
        self.segments.push(Segment {
            range: begin..self.text.len(),
            origin,
            start,
            copy: self.copy.unwrap_or(Copy::Plain),
        });
    }

    /// Inserts generated text at byte `at`.
    pub fn insert(&mut self, at: usize, text: &str) {
        self.text.insert_str(at, text);
        let mut segments = Vec::with_capacity(self.segments.len() + 1);
        for mut segment in std::mem::take(&mut self.segments) {
            let Range { start, end } = segment.range;
            if at <= start {
                segment.range = start + text.len()..end + text.len();
            } else if at < end {
                segments.push(Segment {
                    range: start..at,
                    ..segment.clone()
                });
                segment.range = at + text.len()..end + text.len();
                segment.start += at - start;
            }
            segments.push(segment);
        }
        self.segments = segments;
    }

    /// Adds a generated line that uses a variable.
    pub fn use_variable(&mut self, line: &str, what: Use, name: &str) {
        self.add(line, Origin::Variable(what, name.to_owned()), 0);
        self.generate("\n");
    }

    /// Returns the byte at a line and a column, both counted from 1, the latter in characters.
    pub fn offset(&self, (line, column): (usize, usize)) -> Option<usize> {
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.take(line.checked_sub(1)?).map(str::len).sum();
        let letters = self.text.get(start..)?.chars();
        let before = letters.take(column.checked_sub(1)?).map(char::len_utf8);
        Some(start + before.sum::<usize>())
    }

    /// Returns the segment that contains byte `offset` or ends there.
    pub fn segment_at(&self, offset: usize) -> Option<&Segment> {
        let after = self
            .segments
            .partition_point(|segment| segment.range.start <= offset);
        let segment = &self.segments[after.checked_sub(1)?];
        (offset <= segment.range.end).then_some(segment)
    }

    /// Returns the origin of the text at a byte of the source, and the byte there.
    pub fn origin_at(&self, offset: usize) -> Option<(&Origin, usize)> {
        let segment = self.segment_at(offset)?;
        Some((
            &segment.origin,
            offset - segment.range.start + segment.start,
        ))
    }

    /// Returns the bytes of the cell from which these bytes of the source came. A range that exceeds the cell is clipped.
    pub fn in_cell(&self, range: &Range<usize>) -> Option<Range<usize>> {
        let is_inside = |segment: &&Segment| {
            segment.origin == Origin::Cell
                && segment.range.start < range.end.max(range.start + 1)
                && range.start <= segment.range.end
        };
        let mut inside = self.segments.iter().filter(is_inside);
        let first = inside.next()?;
        let last = inside.next_back().unwrap_or(first);
        let begin = range.start.max(first.range.start) - first.range.start + first.start;
        let end = range
            .end
            .min(last.range.end)
            .saturating_sub(last.range.start)
            + last.start;
        Some(begin..end.max(begin))
    }

    /// Returns the origin of a line of the source, counted from 1, and the byte there: in the cell, or in an item of an earlier
    /// cell.
    pub fn origin_of_line(&self, line: usize) -> Option<(&Origin, usize)> {
        let start = self.offset((line, 1))?;
        let length = self
            .text
            .get(start..)?
            .find('\n')
            .unwrap_or(self.text.len() - start);
        self.origin_within(start..start + length)
    }

    /// Returns all lines that have an origin, counted from 1, with what [`Source::origin_of_line`] returns for them.
    pub fn origins_of_lines(&self) -> impl Iterator<Item = (usize, (&Origin, usize))> {
        let mut end = 0;
        let lines = self.text.split('\n').map(move |line| {
            let start = end;
            end = start + line.len() + 1;
            self.origin_within(start..start + line.len())
        });
        (1..)
            .zip(lines)
            .filter_map(|(line, origin)| Some((line, origin?)))
    }

    /// Returns the origin of the text on a line, of which these are the bytes.
    fn origin_within(&self, Range { start, end }: Range<usize>) -> Option<(&Origin, usize)> {
        let first = self
            .segments
            .partition_point(|segment| segment.range.end <= start);
        let is_on_line = |segment: &&Segment| segment.range.start < end.max(start + 1);
        let is_text = |segment: &&Segment| matches!(segment.origin, Origin::Cell | Origin::Item(_));
        let segment = self.segments[first..]
            .iter()
            .take_while(is_on_line)
            .find(is_text)?;
        let offset = start.max(segment.range.start) - segment.range.start + segment.start;
        Some((&segment.origin, offset))
    }

    /// Returns the byte of the cell from which line `line` of the source, counted from 1, came.
    pub fn line_in_cell(&self, line: usize) -> Option<usize> {
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.take(line.checked_sub(1)?).map(str::len).sum();
        let length = self
            .text
            .get(start..)?
            .find('\n')
            .unwrap_or(self.text.len() - start);
        self.in_cell(&(start..start + length))
            .map(|found| found.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> Source {
        let mut source = Source::default();
        source.generate("fn main() {\n");
        source.add("let a = 1;", Origin::Cell, 3);
        source.generate("\n");
        source.add("a + b", Origin::Cell, 20);
        source.generate("\n");
        source.use_variable("keep(&a);", Use::Put, "a");
        source.generate("}");
        source
    }

    #[test]
    fn bytes_are_found_in_the_cell() {
        let source = source();
        let at = |text: &str| source.text().find(text).unwrap();
        assert_eq!(source.in_cell(&(at("a = 1")..at("a = 1") + 1)), Some(7..8));
        assert_eq!(source.in_cell(&(at("b")..at("b") + 1)), Some(24..25));
        assert_eq!(source.in_cell(&(0..2)), None);
    }

    #[test]
    fn a_range_is_cut_to_the_cell() {
        let source = source();
        assert_eq!(source.in_cell(&(0..source.text().len())), Some(3..25));
    }

    #[test]
    fn lines_are_found_in_the_cell() {
        let source = source();
        assert_eq!(source.line_in_cell(2), Some(3));
        assert_eq!(source.line_in_cell(3), Some(20));
        assert_eq!(source.line_in_cell(1), None);
        assert_eq!(source.line_in_cell(4), None);
    }

    #[test]
    fn lines_about_variables_are_known() {
        let source = source();
        let at = source.text().find("keep").unwrap();
        let origin = &source.segment_at(at + 2).unwrap().origin;
        assert_eq!(*origin, Origin::Variable(Use::Put, "a".to_owned()));
    }
}
