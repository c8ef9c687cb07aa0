//! The names of threads. The system keeps the first 15 bytes (pthread_setname_np(3)), `std` and the helper crate all of them.

use super::table::{self, NAME_WORDS, Name};
use std::ffi::CStr;
use std::sync::OnceLock;

/// How many bytes of a name the system keeps.
pub const SYSTEM_BYTES: usize = 15;

/// The function of the std bridge that passes the name of the calling thread on, if the cells' `std` knows one.
pub type OfStd = extern "C" fn(extern "C" fn(*const u8, usize));

static OF_STD: OnceLock<OfStd> = OnceLock::new();

/// Has this function read names. To be called once, before the first cell.
pub fn read_by(function: OfStd) {
    // An error means that it is set.
    let _ = OF_STD.set(function);
}

/// Keeps the name that the cells' `std` has given the calling thread.
pub fn keep_std_name() {
    if let Some(of_std) = OF_STD.get() {
        of_std(keep);
    }
}

/// Keeps a name for the calling thread: `length` bytes of UTF-8, the last of which may be lost.
pub extern "C" fn keep(name: *const u8, length: usize) {
    // SAFETY: the std bridge and the helper crate pass the bytes of a live string.
    let name = unsafe { std::slice::from_raw_parts(name, length) };
    let mut kept = [0_u64; NAME_WORDS];
    let length = match std::str::from_utf8(name) {
        Ok(name) => name.floor_char_boundary(size_of::<Name>()),
        Err(_) => return,
    };
    for (word, bytes) in kept.iter_mut().zip(name[..length].chunks(size_of::<u64>())) {
        let mut padded = [0; size_of::<u64>()];
        padded[..bytes.len()].copy_from_slice(bytes);
        *word = u64::from_le_bytes(padded);
    }
    table::keep_name(kept);
}

/// Returns the whole name of a thread, of which the system keeps `name`.
pub fn whole(process: i32, thread: i32, name: &str) -> String {
    if name.len() < SYSTEM_BYTES {
        return name.to_owned();
    }
    let kept = table::kept_name(process, thread).map(shown);
    kept.filter(|kept| kept.starts_with(name))
        .unwrap_or_else(|| name.to_owned())
}

/// The name of threads that nobody has named, which is that of the program.
const UNNAMED: &CStr = c"threadbook";

/// Whether the calling thread has a name of its own, which the threads that it starts would inherit (prctl(2), PR_SET_NAME).
pub fn has_name() -> bool {
    let mut name = [0_u8; SYSTEM_BYTES + 1];
    // SAFETY: PR_GET_NAME writes up to 16 bytes (prctl(2)).
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    !name.starts_with(UNNAMED.to_bytes_with_nul())
}

/// Takes the name from the calling thread.
pub fn remove() {
    // SAFETY: PR_SET_NAME reads a C string.
    unsafe { libc::prctl(libc::PR_SET_NAME, UNNAMED.as_ptr()) };
}

/// Returns the whole name of the calling thread. Needs no memory: the thread may be the only one of a forked process.
pub fn own() -> Name {
    let mut system = [0_u64; NAME_WORDS];
    // SAFETY: PR_GET_NAME writes up to 16 bytes (prctl(2)).
    unsafe { libc::prctl(libc::PR_GET_NAME, system.as_mut_ptr()) };
    // The last of the 16 bytes is the zero at the end.
    let is_same = |kept: &Name| kept[0] == system[0] && kept[1] << 8 == system[1] << 8;
    let (process, thread) = table::identity();
    table::kept_name(process, thread)
        .filter(is_same)
        .unwrap_or(system)
}

/// Returns a name as text.
pub fn shown(name: Name) -> String {
    of_bytes(name.map(u64::to_le_bytes).as_flattened())
}

/// Returns the text in front of the first zero.
pub fn of_bytes(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::waits::tests::start_once;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn names_are_not_inherited() {
        let named = std::thread::Builder::new().name("parent".to_owned());
        let thread = named.spawn(|| {
            assert!(has_name());
            let child = std::thread::spawn(|| (has_name(), shown(own())));
            assert_eq!(child.join().unwrap(), (false, "threadbook".to_owned()));
            let named = std::thread::Builder::new().name("child".to_owned());
            let child = named.spawn(|| shown(own())).unwrap();
            assert_eq!(child.join().unwrap(), "child");
        });
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn names_are_whole() {
        start_once();
        let name = "a-name-of-more-than-fifteen-bytes";
        let named = std::thread::Builder::new().name(name.to_owned());
        let thread = named.spawn(move || {
            let (process, thread) = table::identity();
            let cut = &name[..SYSTEM_BYTES];
            assert_eq!(shown(own()), cut);
            keep(name.as_ptr(), name.len());
            assert_eq!(shown(own()), name);
            assert_eq!(whole(process, thread, cut), name);
            // It has another name since.
            assert_eq!(whole(process, thread, "another-name-of"), "another-name-of");
            let long = "é".repeat(50);
            keep(long.as_ptr(), long.len());
            assert_eq!(
                table::kept_name(process, thread).map(shown),
                Some("é".repeat(32))
            );
        });
        thread.unwrap().join().unwrap();
    }
}
