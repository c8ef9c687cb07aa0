//! The call frame information of a library, which says for each place in its code where the frame of the caller is (Linux Standard Base,
//! "Exception Frames"; DWARF 5, section 6.4).

use super::frame::Rule;
use crate::runtime::waits::memory::{self, PAGE_WORDS};
use addr2line::gimli::{self, BaseAddresses, EhFrame, EhFrameHdr, EndianSlice};
use addr2line::gimli::{UnwindContext, UnwindSection};
use object::elf::{FileHeader64, PT_GNU_EH_FRAME, PT_LOAD, ProgramHeader64};
use object::pod::bytes_of_slice;
use object::read::elf::{FileHeader, ProgramHeader};
use std::ops::Range;

const ADDRESS_BYTES: u8 = 8;

/// The call frame information of a library in this process. It is a copy, since a cell may unload what it has loaded.
pub struct Table {
    /// Where the library's segments are.
    range: Range<u64>,
    /// `.eh_frame_hdr`, an index of the functions.
    index: Section,
    /// `.eh_frame`, perhaps with what lies behind it.
    frames: Section,
}

struct Section {
    address: u64,
    bytes: Vec<u8>,
}

type Program = ProgramHeader64<object::LittleEndian>;
type Reader<'a> = EndianSlice<'a, gimli::LittleEndian>;

impl Table {
    /// Reads the call frame information of the library that begins at an address; `None` if there is none.
    pub fn read(address: u64) -> Option<Table> {
        let words = memory::words_of::<PAGE_WORDS>(memory::this_process(), address)?;
        let page = bytes_of_slice(&words);
        let header = FileHeader64::<object::LittleEndian>::parse(page).ok()?;
        // They follow the header (ELF, "Program Header").
        let programs = header.program_headers(object::LittleEndian, page).ok()?;
        let segments = programs
            .iter()
            .filter(|program| program.p_type(object::LittleEndian) == PT_LOAD);
        let first = segments.clone().map(|program| range(program, 0).start);
        let moved_by = address.wrapping_sub(first.min()?);
        let mut segments = segments.map(|program| range(program, moved_by));
        let index = programs
            .iter()
            .find(|program| program.p_type(object::LittleEndian) == PT_GNU_EH_FRAME)?;
        let index = Section::read(range(index, moved_by))?;
        let frames = index.header()?.eh_frame_ptr().direct().ok()?;
        let end = segments.clone().map(|segment| segment.end).max()?;
        let around = segments.find(|segment| segment.contains(&frames))?;
        Some(Table {
            range: address..end,
            index,
            frames: Section::read(frames..around.end)?,
        })
    }

    /// Whether the library has code at an address.
    pub fn contains(&self, address: u64) -> bool {
        self.range.contains(&address)
    }

    /// Returns how to find the caller of the function that has this address in it.
    pub fn rule(&self, address: u64) -> Option<Rule> {
        let header = self.index.header()?;
        let frames = EhFrame::from(self.frames.reader());
        let bases = self.index.bases().set_eh_frame(self.frames.address);
        let mut context = UnwindContext::new();
        let row = header.table()?.unwind_info_for_address(
            &frames,
            &bases,
            &mut context,
            address,
            EhFrame::cie_from_offset,
        );
        Rule::of(row.ok()?)
    }
}

/// Returns where a segment is that has been moved by so many bytes.
fn range(program: &Program, moved_by: u64) -> Range<u64> {
    let start = program.p_vaddr(object::LittleEndian).wrapping_add(moved_by);
    start..start.wrapping_add(program.p_memsz(object::LittleEndian))
}

impl Section {
    fn read(range: Range<u64>) -> Option<Section> {
        let length = usize::try_from(range.end.checked_sub(range.start)?).ok()?;
        Some(Section {
            address: range.start,
            bytes: memory::bytes_of(memory::this_process(), range.start, length)?,
        })
    }

    fn reader(&self) -> Reader<'_> {
        EndianSlice::new(&self.bytes, gimli::LittleEndian)
    }

    fn bases(&self) -> BaseAddresses {
        BaseAddresses::default().set_eh_frame_hdr(self.address)
    }

    /// Returns the section's content if it is `.eh_frame_hdr`.
    fn header(&self) -> Option<gimli::ParsedEhFrameHdr<Reader<'_>>> {
        let header = EhFrameHdr::from(self.reader());
        header.parse(&self.bases(), ADDRESS_BYTES).ok()
    }
}
