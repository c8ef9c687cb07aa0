//! Reads the memory of a process of the cell. What is not there is an error, not a crash.

/// Returns the words at this address.
pub fn words_of<const N: usize>(process: i32, address: u64) -> Option<[u64; N]> {
    let mut words = [0_u64; N];
    let length = size_of_val(&words);
    let local = libc::iovec {
        iov_base: words.as_mut_ptr().cast(),
        iov_len: length,
    };
    let remote = libc::iovec {
        iov_base: address as *mut libc::c_void,
        iov_len: length,
    };
    // SAFETY: process_vm_readv(2) writes at most `length` bytes into `words`, of which any are a value. It fails if the process has no
    // such memory.
    let read = unsafe { libc::process_vm_readv(process, &local, 1, &remote, 1, 0) };
    (usize::try_from(read) == Ok(length)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_if_it_is_there() {
        let words = [7_u64, 9];
        let process = std::process::id() as i32;
        assert_eq!(words_of(process, words.as_ptr() as u64), Some([7, 9]));
        assert_eq!(words_of::<1>(process, 8), None);
    }
}
