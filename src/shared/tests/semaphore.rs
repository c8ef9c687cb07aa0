use super::*;

#[test]
fn permits_are_counted_across_processes() {
    let semaphore = Semaphore::new(2);
    let in_child = semaphore.clone();
    let p = holding(move || in_child.acquire());
    assert_eq!(semaphore.value(), 1);
    assert!(semaphore.try_acquire());
    assert!(!semaphore.try_acquire());
    let begin = Instant::now();
    assert!(!semaphore.acquire_timeout(SHORT));
    assert!(begin.elapsed() >= SHORT);
    p.kill().unwrap();
    join(&p);
    assert_eq!(semaphore.value(), 0, "a permit of a killed process is lost");
}

#[test]
fn more_than_pythons_limit_is_refused() {
    let most = i32::MAX as u32;
    assert!(message_of(|| Semaphore::new(most + 1)).contains("at most 2147483647 permits"));
    let full = Semaphore::new(most);
    message_of(|| full.release());
}

#[test]
fn a_waiter_that_is_killed_takes_no_permit_along() {
    let semaphore = Semaphore::new(0);
    let waiters = [(); 4].map(|()| {
        let semaphore = semaphore.clone();
        start(move || semaphore.acquire())
    });
    for p in &waiters[..2] {
        p.kill().unwrap();
        join(p);
    }
    semaphore.release();
    semaphore.release();
    for p in &waiters[2..] {
        assert_eq!(join(p), Some(0));
    }
    assert_eq!(semaphore.value(), 0);
}
