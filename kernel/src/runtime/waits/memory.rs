//! Reads the memory of a process of the cell. What is not there is an error, not a crash.

use object::pod::bytes_of_slice_mut;

/// How many words a page of memory has.
pub const PAGE_WORDS: usize = 512;

/// Returns the id of this process, which may be a fork of the runtime.
pub fn this_process() -> i32 {
    std::process::id() as i32
}

/// Returns the words at this address.
pub fn words_of<const N: usize>(process: i32, address: u64) -> Option<[u64; N]> {
    let mut words = [0_u64; N];
    read(process, address, bytes_of_slice_mut(&mut words)).then_some(words)
}

/// Returns so many bytes at this address.
pub fn bytes_of(process: i32, address: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    read(process, address, &mut bytes).then_some(bytes)
}

fn read(process: i32, address: u64, to: &mut [u8]) -> bool {
    let local = libc::iovec {
        iov_base: to.as_mut_ptr().cast(),
        iov_len: to.len(),
    };
    let remote = libc::iovec {
        iov_base: address as *mut libc::c_void,
        iov_len: to.len(),
    };
    // SAFETY: process_vm_readv(2) writes at most so many bytes into `to`, of which any are a value. It fails if the process has no such
    // memory.
    let read = unsafe { libc::process_vm_readv(process, &local, 1, &remote, 1, 0) };
    usize::try_from(read) == Ok(to.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_if_it_is_there() {
        let words = [7_u64, 9];
        let process = this_process();
        assert_eq!(words_of(process, words.as_ptr() as u64), Some([7, 9]));
        assert_eq!(words_of::<1>(process, 8), None);
        assert_eq!(bytes_of(process, words.as_ptr() as u64, 1), Some(vec![7]));
        assert_eq!(bytes_of(process, 8, 1), None);
    }
}
