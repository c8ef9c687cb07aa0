// A cell, not a module: it compares a function with the kernel's record of waits and without.
//
// The kernel defines the C library's functions that wait once more, and the linker has led all libraries of this process to those.
// Here the libraries are led to the C library's own ones and back, by the words in their memory through which they call (elf(5),
// R_X86_64_JUMP_SLOT and R_X86_64_GLOB_DAT). So both sides are the same code, in the same process, at the same addresses.

use std::ffi::{CStr, c_char, c_int, c_void};

/// Elf64_Phdr.
#[repr(C)]
struct Part { kind: u32, flags: u32, offset: u64, address: u64, physical: u64, in_file: u64, size: u64, align: u64 }

/// The first fields of `dl_phdr_info`, dl_iterate_phdr(3).
#[repr(C)]
struct Object { base: u64, name: *const c_char, parts: *const Part, count: u16 }

/// Elf64_Dyn.
#[repr(C)]
struct Entry { tag: i64, value: u64 }

/// Elf64_Rela.
#[repr(C)]
struct Relocation { offset: u64, info: u64, addend: i64 }

/// Elf64_Sym.
#[repr(C)]
struct Symbol { name: u32, info: u8, other: u8, section: u16, value: u64, size: u64 }

unsafe extern "C" {
    fn dl_iterate_phdr(visit: extern "C" fn(*const Object, usize, *mut c_void) -> c_int, data: *mut c_void) -> c_int;
    fn mprotect(address: *mut c_void, length: usize, protection: c_int) -> c_int;
    fn dlopen(name: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The functions that are defined twice and that the compared code calls.
const TWICE: [&CStr; 4] = [c"syscall", c"pthread_join", c"pthread_create", c"clock_nanosleep"];

/// A word through which a library calls one of them.
struct Call { word: *mut usize, of_kernel: usize, of_c: usize }

fn calls() -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    // SAFETY: `visit` gets the vector back, and nobody else has it meanwhile.
    unsafe { dl_iterate_phdr(visit, (&raw mut calls).cast()) };
    calls
}

extern "C" fn visit(object: *const Object, _: usize, calls: *mut c_void) -> c_int {
    // SAFETY: the loader describes a loaded object, whose parts, tables and names stay where they are; `calls` is the vector above.
    unsafe {
        let (object, calls) = (&*object, &mut *calls.cast::<Vec<Call>>());
        let file = CStr::from_ptr(object.name).to_string_lossy();
        // Not the program itself, which has no name and defines them, nor the C library.
        if !file.contains('/') || file.contains("/libc.so") || file.contains("/ld-linux") {
            return 0;
        }
        let parts = std::slice::from_raw_parts(object.parts, object.count.into());
        let Some(dynamic) = parts.iter().find(|part| part.kind == 2) else { return 0 };
        let mut entry = (object.base + dynamic.address) as *const Entry;
        let mut table = [0_u64; 40];
        while (*entry).tag != 0 {
            if let Some(field) = usize::try_from((*entry).tag).ok().and_then(|tag| table.get_mut(tag)) {
                *field = (*entry).value;
            }
            entry = entry.add(1);
        }
        let (strings, symbols) = (table[5] as *const c_char, table[6] as *const Symbol);
        for (first, bytes) in [(table[23], table[2]), (table[7], table[8])] {
            for index in 0..bytes as usize / size_of::<Relocation>() {
                let relocation = &*(first as *const Relocation).add(index);
                if !matches!(relocation.info as u32, 6 | 7) {
                    continue;
                }
                let symbol = &*symbols.add((relocation.info >> 32) as usize);
                let name = CStr::from_ptr(strings.add(symbol.name as usize));
                if TWICE.contains(&name) {
                    let word = (object.base + relocation.offset) as *mut usize;
                    // RTLD_DEFAULT; RTLD_NOW.
                    let of_kernel = dlsym(std::ptr::null_mut(), name.as_ptr()).addr();
                    let of_c = dlsym(dlopen(c"libc.so.6".as_ptr(), 2), name.as_ptr()).addr();
                    assert!(of_c != 0 && of_c != of_kernel, "the kernel does not define {name:?}");
                    // The loader has made the page read-only (PROT_READ | PROT_WRITE).
                    assert_eq!(mprotect((word.addr() & !4095) as *mut c_void, 4096, 3), 0);
                    calls.push(Call { word, of_kernel, of_c });
                }
            }
        }
    }
    0
}

/// Compares a function with the record and without.
fn compare(work: fn(), pairs: usize) {
    let calls = calls();
    // Of `std` at least.
    assert!(calls.len() >= TWICE.len(), "{} words", calls.len());
    let run = |is_recorded: bool| {
        for call in &calls {
            let function = if is_recorded { call.of_kernel } else { call.of_c };
            // SAFETY: the word is writable since `visit`, and both functions do the same.
            unsafe { call.word.write_volatile(function) };
        }
        work();
    };
    alternate(&|| run(true), &|| run(false), pairs);
    for call in &calls {
        // SAFETY: as above.
        unsafe { call.word.write_volatile(call.of_kernel) };
    }
}
