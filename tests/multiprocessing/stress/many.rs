//! Many processes, many acquisitions, many items, many forks.

use std::io::{Write, stderr, stdout};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn a_thousand_processes_leave_no_zombie_and_no_descriptor() {
    within(60, || {
        // The first start opens descriptors that stay open.
        assert_eq!(run(|| ()), Some(0));
        let before = descriptors();
        let mut pids = Vec::new();
        for _ in 0..10 {
            let all: Vec<_> = (0..100).map(|_| start(|| ())).collect();
            for (i, p) in all.iter().enumerate() {
                match i % 3 {
                    0 => p.join().unwrap(),
                    1 => assert!(p.join_timeout(LONG).unwrap()),
                    _ => wait_readable(&p.sentinel().unwrap()),
                }
                assert_eq!(p.exitcode(), Some(0));
                pids.push(p.pid().unwrap());
            }
        }
        assert_eq!(pids.len(), 1000);
        assert!(active_children().is_empty());
        assert!(!pids.into_iter().any(is_child), "a zombie is left");
        assert_eq!(descriptors(), before);
    });
}

fn wait_readable(fd: &impl AsRawFd) {
    let mut poll = libc::pollfd {
        fd: fd.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the pointer and the count describe the one `pollfd` above.
    assert_eq!(
        unsafe { libc::poll(&raw mut poll, 1, LONG.as_millis() as libc::c_int) },
        1
    );
}

/// Returns whether the system still knows a child with this id: running, or a zombie.
fn is_child(pid: u32) -> bool {
    // SAFETY: no status is asked for.
    unsafe { libc::waitpid(pid as libc::pid_t, std::ptr::null_mut(), libc::WNOHANG) != -1 }
}

#[test]
fn eight_processes_on_one_lock_count_a_million() {
    const EACH: u64 = 125_000;
    within(60, || {
        let (lock, count) = (Lock::new(), Value::unlocked(0));
        join_all([(); 8].map(|()| {
            let (lock, count) = (lock.clone(), count.clone());
            start(move || {
                for _ in 0..EACH {
                    let _guard = lock.lock();
                    count.set(count.get() + 1);
                }
            })
        }));
        assert_eq!(count.get(), 1_000_000);
    });
}

#[test]
fn eight_processes_never_have_more_than_three_permits() {
    within(60, || {
        let (semaphore, inside) = (Semaphore::new(3), Value::new(0));
        join_all([(); 8].map(|()| {
            let (semaphore, inside) = (semaphore.clone(), inside.clone());
            start(move || {
                for _ in 0..5_000 {
                    let _permit = semaphore.permit();
                    *inside.get_lock() += 1;
                    assert!(inside.get() <= 3);
                    *inside.get_lock() -= 1;
                }
            })
        }));
        assert_eq!((semaphore.value(), inside.get()), (3, 0));
    });
}

#[test]
fn four_writers_and_four_readers_see_each_of_200000_items_once() {
    const EACH: usize = 50_000;
    within(120, || {
        let (q, seen) = (Queue::new(), Array::<u8>::zeroed(4 * EACH));
        let writers = [0, 1, 2, 3].map(|w| {
            let q = q.clone();
            start(move || (0..EACH).for_each(|n| q.put(Some(w * EACH + n)).unwrap()))
        });
        let readers = [(); 4].map(|()| {
            let (q, seen) = (q.clone(), seen.clone());
            start(move || {
                let mut last = [None; 4];
                while let Some(item) = q.get().unwrap() {
                    let last = &mut last[item / EACH];
                    assert!(
                        *last < Some(item),
                        "the items of one writer keep their order"
                    );
                    *last = Some(item);
                    seen.get_lock()[item] += 1;
                }
            })
        });
        join_all(writers);
        (0..4).for_each(|_| q.put(None).unwrap());
        join_all(readers);
        assert_eq!(seen.to_vec(), [1; 200_000]);
        assert!(q.empty());
    });
}

#[test]
fn threads_of_one_process_share_a_bounded_queue() {
    within(60, || {
        let q = Queue::bounded(10);
        let sum: u64 = thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| (1..=5000).for_each(|n| q.put(n).unwrap()));
            }
            let take = || (0..5000).map(|_| q.get().unwrap()).sum::<u64>();
            let takers = [(); 4].map(|()| s.spawn(take));
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(sum, 4 * 5000 * 5001 / 2);
    });
}

#[test]
fn a_pool_of_four_gives_100000_results_in_order() {
    within(60, || {
        let pool = Pool::new(4);
        let doubled = pool.map(|n| n * 2, 0..100_000_u64).unwrap();
        assert!(doubled.into_iter().eq((0..100_000).map(|n| n * 2)));
        let doubled = pool.imap(|n| n * 2, 0..100_000_u64).unwrap();
        assert!(doubled.map(Result::unwrap).eq((0..100_000).map(|n| n * 2)));
    });
}

#[test]
fn five_hundred_calls_of_a_pool_leave_no_process_and_no_descriptor() {
    within(60, || {
        let pool = Pool::new(2);
        pool.map(|n| n, 0..2).unwrap();
        let before = descriptors();
        for n in 0..500 {
            assert_eq!(pool.map(|m| n + m, 0..2).unwrap(), [n, n + 1]);
        }
        // The last call's workers may not be reaped yet.
        assert!(descriptors() <= before + 4);
        drop(pool);
        assert!(active_children().is_empty());
    });
}

/// Runs `f` while threads do `work` all the time.
fn beside(count: usize, work: impl Fn() + Sync, f: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    thread::scope(|s| {
        for _ in 0..count {
            s.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    work();
                }
            });
        }
        f();
        stop.store(true, Ordering::Relaxed);
    });
}

fn print_and_allocate() {
    let lines: Vec<String> = (0..20).map(|i| format!("line {i}\n").repeat(i)).collect();
    for line in &lines {
        stdout().write_all(line.as_bytes()).unwrap();
        stderr().write_all(line.as_bytes()).unwrap();
    }
}

#[test]
fn five_hundred_forks_while_four_threads_print_and_allocate() {
    within(120, || {
        be_silent();
        let fork_250 = || {
            for _ in 0..250 {
                assert_eq!(run(print_and_allocate), Some(0));
            }
        };
        beside(4, print_and_allocate, || {
            fork_250();
            // Also from a thread that is not the main one.
            thread::spawn(fork_250).join().unwrap();
        });
    });
}

/// The lock under which std registers its threads may stay locked in a child. The crate's own threads must start there.
#[test]
fn two_hundred_forks_while_threads_start_and_end() {
    within(120, || {
        be_silent();
        let fork_100 = |start_one: &dyn Fn() -> Process| {
            for _ in 0..100 {
                assert_eq!(end_of(&start_one()), Some(0));
            }
        };
        let start_and_end = || thread::spawn(|| ()).join().unwrap();
        beside(3, start_and_end, || {
            // This needs a thread to write the item.
            let q = Queue::new();
            fork_100(&|| {
                let in_child = q.clone();
                let p = start(move || in_child.put(vec![0_u8; 1 << 20]).unwrap());
                q.get().unwrap();
                p
            });
            // This needs one that watches the parent, and one for each client.
            let in_thread = || {
                for _ in 0..100 {
                    let manager = Manager::new().unwrap();
                    assert_eq!(manager.list([1]).unwrap().len().unwrap(), 1);
                }
            };
            thread::scope(|s| s.spawn(in_thread).join().unwrap());
        });
    });
}

#[test]
fn calls_of_a_pool_while_threads_print_and_allocate() {
    within(60, || {
        be_silent();
        let pool = Pool::new(2);
        beside(2, print_and_allocate, || {
            for _ in 0..50 {
                assert_eq!(
                    pool.map(|n| format!("{n}"), 0..4).unwrap(),
                    ["0", "1", "2", "3"]
                );
            }
        });
    });
}

#[test]
fn forks_while_threads_use_a_queue() {
    within(60, || {
        be_silent();
        let q = Queue::new();
        let use_it = || {
            q.put(vec![1_u8; 100]).unwrap();
            q.get().unwrap();
        };
        beside(2, use_it, || {
            for _ in 0..200 {
                let q = q.clone();
                let code = run(move || {
                    q.put(vec![2_u8; 100]).unwrap();
                    q.get().unwrap();
                });
                assert_eq!(code, Some(0));
            }
        });
        assert!(q.empty());
    });
}
