use super::*;

#[test]
fn all_go_on_when_all_have_come_each_with_its_number() {
    let (barrier, seen) = (Barrier::new(3), Array::<i32>::zeroed(3));
    let came = Value::new(0);
    let processes = [(); 3].map(|()| {
        let (barrier, seen, came) = (barrier.clone(), seen.clone(), came.clone());
        start(move || {
            for round in 1..=50 {
                *came.get_lock() += 1;
                let number = barrier.wait().unwrap();
                assert!(came.get() >= 3 * round);
                seen.get_lock()[number as usize] += 1;
                barrier.wait().unwrap();
            }
        })
    });
    assert_eq!(processes.each_ref().map(join), [Some(0); 3]);
    assert_eq!(seen.to_vec(), [50; 3]);
    assert_eq!((barrier.parties(), barrier.n_waiting()), (3, 0));
}

#[test]
fn a_timeout_breaks_it_for_all_until_it_is_reset() {
    let barrier = Barrier::new(3);
    let other = barrier.clone();
    let p = start(move || assert_eq!(other.wait(), Err(BrokenBarrier)));
    until(|| barrier.n_waiting() == 1);
    assert_eq!(barrier.wait_timeout(SHORT), Err(BrokenBarrier));
    assert_eq!(join(&p), Some(0));
    assert!(barrier.broken());
    assert_eq!(barrier.wait(), Err(BrokenBarrier));
    assert!(repr(&barrier).ends_with(": broken>"));
    barrier.reset().unwrap();
    assert!(!barrier.broken());
    assert!(repr(&barrier).ends_with(": waiters=0/3>"));
}

#[test]
fn reset_and_abort_are_errors_for_those_who_wait() {
    for abort in [true, false] {
        let barrier = Barrier::new(2);
        let other = barrier.clone();
        let p = start(move || assert_eq!(other.wait(), Err(BrokenBarrier)));
        until(|| barrier.n_waiting() == 1);
        match abort {
            true => barrier.abort(),
            false => barrier.reset().unwrap(),
        }
        assert_eq!(join(&p), Some(0));
        assert_eq!(barrier.broken(), abort);
    }
}

#[test]
fn the_last_runs_the_action_before_all_go_on() {
    let times = Value::new(0);
    let count = times.clone();
    let barrier = Barrier::with_action(2, move || *count.get_lock() += 1);
    let (other, seen) = (barrier.clone(), times.clone());
    let p = start(move || {
        other.wait().unwrap();
        assert_eq!(seen.get(), 1);
    });
    barrier.wait().unwrap();
    assert_eq!(times.get(), 1);
    assert_eq!(join(&p), Some(0));
}

#[test]
fn an_action_that_panics_breaks_it() {
    let barrier = Barrier::with_action(2, || panic!("no"));
    let other = barrier.clone();
    let p = start(move || assert_eq!(other.wait(), Err(BrokenBarrier)));
    until(|| barrier.n_waiting() == 1);
    assert_eq!(message_of(|| barrier.wait()), "no");
    assert_eq!(join(&p), Some(0));
    assert!(barrier.broken());
}

#[test]
fn one_killed_in_its_action_breaks_it() {
    let barrier = Barrier::with_action(2, || {
        // SAFETY: ends this very process.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    });
    let processes = [(); 2].map(|()| {
        let barrier = barrier.clone();
        start(move || assert_eq!(barrier.wait(), Err(BrokenBarrier)))
    });
    let mut codes = processes.each_ref().map(join);
    codes.sort();
    assert_eq!(codes, [Some(-9), Some(0)]);
    assert!(barrier.broken());
}

#[test]
fn none_can_be_made_for_nobody() {
    assert_eq!(
        message_of(|| Barrier::new(0)),
        "a barrier needs at least 1 party, not 0"
    );
}
