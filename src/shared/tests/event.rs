use super::*;

#[test]
fn set_wakes_all_who_wait_and_clear_takes_it_back() {
    let event = Event::new();
    assert!(!event.is_set());
    assert!(!event.wait_timeout(SHORT));
    let waiters = [(); 3].map(|()| {
        let event = event.clone();
        start(move || event.wait())
    });
    event.set();
    for p in &waiters {
        assert_eq!(join(p), Some(0));
    }
    event.set();
    assert!(event.is_set() && event.wait_timeout(Duration::ZERO));
    event.clear();
    event.clear();
    assert!(!event.is_set());
}

#[test]
fn a_waiter_notices_a_set_that_is_cleared_at_once() {
    let (event, waiting) = (Event::new(), Event::new());
    let (in_child, tell) = (event.clone(), waiting.clone());
    let p = start(move || {
        tell.set();
        assert!(in_child.wait_timeout(LONG));
    });
    assert!(waiting.wait_timeout(LONG));
    // Set and clear until the child has seen one of them; it may not be waiting yet at the first.
    until(|| {
        event.set();
        event.clear();
        !p.is_alive()
    });
    assert_eq!(join(&p), Some(0));
}

#[test]
fn repr_is_pythons() {
    let event = Event::new();
    assert!(repr(&event).starts_with("<Event at 0x") && repr(&event).ends_with(" unset>"));
    event.set();
    assert!(repr(&event).ends_with(" set>"));
}
