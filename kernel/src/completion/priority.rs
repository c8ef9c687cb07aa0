//! The priority of long work. Cells come first: loading uses the CPU time that they leave.

const NICENESS: libc::c_int = 10;

/// Runs long work in a thread of low priority, and waits for it.
pub fn at_low_priority<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let nice = || {
        lower_priority();
        work()
    };
    let done = std::thread::scope(|scope| scope.spawn(nice).join());
    done.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}

/// Lowers the priority of the calling thread for the rest of its life.
pub fn lower_priority() {
    // SAFETY: a system call without pointers. On Linux it affects only the calling thread; elsewhere the whole
    // process, so replies are slower while cells run.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
}
