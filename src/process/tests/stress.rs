//! Many at once.

use super::*;

/// In a process of its own, whose descriptors no other test opens or closes.
#[test]
fn a_thousand_processes_leave_no_zombie_and_no_descriptor() {
    let code = run(|| {
        // The first start opens what stays open.
        assert_eq!(run(|| ()), Some(0));
        let before = descriptors();
        let begin = Instant::now();
        let mut pids = Vec::new();
        for _ in 0..10 {
            let mut all: Vec<_> = (0..100).map(|_| Process::new(|| ())).collect();
            for p in &mut all {
                p.start().unwrap();
                pids.push(p.pid().unwrap());
            }
            for (i, p) in all.iter().enumerate() {
                match i % 3 {
                    0 => p.join().unwrap(),
                    1 => assert!(p.join_timeout(Duration::from_secs(30)).unwrap()),
                    _ => assert!(os::wait_readable(p.sentinel().unwrap(), 30_000)),
                }
                assert_eq!(p.exitcode(), Some(0));
            }
        }
        assert!(begin.elapsed() < Duration::from_secs(30));
        assert!(active_children().is_empty());
        assert!(pids.iter().all(|&pid| !is_child(pid)), "a zombie is left");
        assert_eq!(descriptors(), before);
    });
    assert_eq!(code, Some(0));
}

fn descriptors() -> usize {
    std::fs::read_dir("/dev/fd").unwrap().count()
}

/// Whether the system still knows a child with this id: running, or a zombie.
fn is_child(pid: u32) -> bool {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(pid as libc::pid_t, std::ptr::null_mut(), libc::WNOHANG) != -1 }
}
