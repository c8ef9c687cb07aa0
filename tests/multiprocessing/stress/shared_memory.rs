//! One segment, eight processes, and some that are killed; a pool whose workers are killed.

use std::collections::HashSet;
use std::path::Path;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn eight_processes_attach_to_a_segment_and_two_are_killed() {
    within(60, || {
        let memory = SharedMemory::create(8 * 1024).unwrap();
        let name = memory.name().to_owned();
        let (ready, go) = (Semaphore::new(0), Event::new());
        let processes: Vec<Process> = (0..8_usize)
            .map(|n| {
                let (name, ready, go) = (name.clone(), ready.clone(), go.clone());
                start(move || {
                    let same = SharedMemory::attach(&name).unwrap();
                    let own = SharedMemory::create(10).unwrap();
                    let bytes = vec![n as u8 + 1; 1024];
                    same.write(n * 1024, &bytes);
                    ready.release();
                    if n < 2 {
                        loop {
                            same.write(n * 1024, &bytes);
                        }
                    }
                    go.wait();
                    assert_eq!(same.read(n * 1024..(n + 1) * 1024), bytes);
                    own.unlink().unwrap();
                })
            })
            .collect();
        (0..8).for_each(|_| ready.acquire());
        processes[..2].iter().for_each(kill);
        go.set();
        for p in &processes[2..] {
            assert_eq!(end_of(p), Some(0));
        }
        for n in 0..8 {
            assert_eq!(memory.read(n * 1024..(n + 1) * 1024), [n as u8 + 1; 1024]);
        }
        memory.unlink().unwrap();
        assert!(!Path::new("/dev/shm").join(&name).exists());
    });
}

#[test]
fn workers_of_a_pool_are_killed_one_after_the_other() {
    within(60, || {
        let pool = Pool::new(3);
        let (pids, gate) = (Queue::new(), Event::new());
        let results: Vec<_> = (0..30)
            .map(|n| {
                let (pids, gate) = (pids.clone(), gate.clone());
                let task = move || {
                    pids.put(std::process::id()).unwrap();
                    pids.close();
                    pids.join_thread();
                    gate.wait();
                    n
                };
                pool.apply_async(task).unwrap()
            })
            .collect();
        let mut killed = HashSet::new();
        for _ in 0..20 {
            let pid = pids.get().unwrap();
            // SAFETY: sends a signal to a worker, which waits at the gate and was not reaped.
            assert_eq!(unsafe { libc::kill(pid as libc::pid_t, libc::SIGKILL) }, 0);
            killed.insert(pid);
        }
        gate.set();
        let (mut good, mut dead) = (0, HashSet::new());
        for (n, result) in results.into_iter().enumerate() {
            match result.get() {
                Ok(result) => {
                    assert_eq!(result, n);
                    good += 1;
                }
                Err(PoolError::WorkerDied { pid, exitcode, .. }) => {
                    assert_eq!(exitcode, Some(-9));
                    dead.insert(pid);
                }
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((good, dead), (10, killed));
        assert_eq!(pool.map(|n| n, 0..5).unwrap(), [0, 1, 2, 3, 4]);
        assert!(
            active_children()
                .iter()
                .all(|child| child.name().starts_with("ForkPoolWorker-"))
        );
    });
}
