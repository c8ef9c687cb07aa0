use super::*;

#[test]
fn eight_processes_on_one_lock_count_a_million() {
    const EACH: u64 = 125_000;
    let (lock, count) = (Lock::new(), Value::unlocked(0));
    let begin = Instant::now();
    let processes = [(); 8].map(|()| {
        let (lock, count) = (lock.clone(), count.clone());
        start(move || {
            for _ in 0..EACH {
                let _guard = lock.lock();
                count.set(count.get() + 1);
            }
        })
    });
    assert_eq!(processes.each_ref().map(join), [Some(0); 8]);
    assert_eq!(count.get(), 8 * EACH);
    assert!(begin.elapsed() < LONG);
}

#[test]
fn eight_processes_never_have_more_than_three_permits() {
    let (semaphore, inside) = (Semaphore::new(3), Value::new(0));
    let processes = [(); 8].map(|()| {
        let (semaphore, inside) = (semaphore.clone(), inside.clone());
        start(move || {
            for _ in 0..5_000 {
                let _permit = semaphore.permit();
                *inside.get_lock() += 1;
                assert!(inside.get() <= 3);
                *inside.get_lock() -= 1;
            }
        })
    });
    assert_eq!(processes.each_ref().map(join), [Some(0); 8]);
    assert_eq!((semaphore.value(), inside.get()), (3, 0));
}

#[test]
fn owners_killed_at_any_moment_are_noticed() {
    for _ in 0..50 {
        let (lock, turns) = (Lock::new(), Value::unlocked(0_u64));
        let (in_child, count) = (lock.clone(), turns.clone());
        let p = start(move || {
            loop {
                let _guard = in_child.lock();
                count.set(count.get() + 1);
            }
        });
        until(|| turns.get() > 100);
        p.kill().unwrap();
        join(&p);
        // Killed with the lock or without: known at once, or soon.
        match lock.acquire_timeout(LONG) {
            Ok(taken) => assert!(taken),
            Err(error) => assert!(error.pid().is_none_or(|pid| Some(pid) == p.pid())),
        }
    }
}
