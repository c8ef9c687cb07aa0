// Representations, sizes, alignments and offsets.

use std::mem::{align_of, offset_of, size_of};

#[repr(C)]
struct Header {
    tag: u8,
    length: u32,
}

#[repr(C, packed)]
struct Packed {
    tag: u8,
    length: u32,
}

#[repr(align(16))]
#[derive(Debug, Default)]
struct Aligned {
    value: u8,
}

#[repr(transparent)]
struct Meters(f64);

#[repr(u8)]
#[derive(Debug, Clone, Copy)]
enum Signal {
    Red = 1,
    Green = 4,
}

#[repr(C)]
union Word {
    whole: u32,
    bytes: [u8; 4],
}

fn main() {
    println!("{} {}", size_of::<Header>(), align_of::<Header>());
    println!("{}", offset_of!(Header, length));
    let header = Header { tag: 1, length: 2 };
    println!("{} {}", header.tag, header.length);
    println!("{} {}", size_of::<Packed>(), align_of::<Packed>());
    let packed = Packed { tag: 9, length: 7 };
    let length = packed.length;
    println!("{} {length}", packed.tag);
    println!("{} {}", Aligned::default().value, size_of::<Aligned>());
    println!("{} {}", size_of::<Meters>(), Meters(1.5).0);
    println!("{:?} {}", Signal::Red, Signal::Green as u8);
    println!("{}", size_of::<Option<Box<i32>>>() == size_of::<Box<i32>>());
    let word = Word {
        whole: u32::from_be_bytes([1, 2, 3, 4]).to_be(),
    };
    println!("{:?} {}", unsafe { word.bytes }, size_of::<Word>());
}
