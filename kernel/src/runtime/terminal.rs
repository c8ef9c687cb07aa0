//! Makes a cell's stderr a terminal: the kernel displays control sequences as a terminal would, so programs may draw.

use super::cell_output;

/// Replaces the C library's `isatty` in this process and all libraries in it. Only stderr is a terminal: other programs may
/// read what a program prints to stdout.
#[unsafe(no_mangle)]
pub extern "C" fn isatty(fd: libc::c_int) -> libc::c_int {
    let is_stderr = fd == libc::STDERR_FILENO;
    if is_stderr && cell_output::current().is_some_and(|(output, _)| output.is_on(fd)) {
        return 1;
    }
    // SAFETY: the request fills the structure, or fails and sets errno as `isatty` does.
    unsafe {
        let mut settings: libc::termios = std::mem::zeroed();
        (libc::ioctl(fd, libc::TCGETS, &mut settings) == 0) as libc::c_int
    }
}
