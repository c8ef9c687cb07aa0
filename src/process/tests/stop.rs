//! Killing a process, joining it with a timeout, and what the handle says then.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

#[test]
fn join_with_a_limit_says_whether_it_has_ended() {
    let (reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || wait_for_word(reader));
    p.start().unwrap();
    let begin = Instant::now();
    assert!(!p.join_timeout(Duration::from_millis(30)).unwrap());
    assert!(begin.elapsed() >= Duration::from_millis(30));
    assert!(!p.join_timeout(Duration::ZERO).unwrap());
    assert_eq!(p.exitcode(), None);
    give_word(writer);
    assert!(p.join_timeout(Duration::from_secs(30)).unwrap());
    assert!(p.join_timeout(Duration::MAX).unwrap());
    assert_eq!(p.exitcode(), Some(0));
}

#[test]
fn join_with_a_limit_and_terminate_work_while_another_thread_joins() {
    let p = endless();
    thread::scope(|s| {
        let joiner = s.spawn(|| p.join());
        assert!(!p.join_timeout(Duration::from_millis(30)).unwrap());
        assert!(p.is_alive());
        p.terminate().unwrap();
        joiner.join().unwrap().unwrap();
    });
    assert_eq!(p.exitcode(), Some(-15));
    assert!(!exists(p.pid().unwrap()));
}

#[test]
fn the_sentinel_is_readable_when_it_has_ended() {
    let p = endless();
    assert!(!os::wait_readable(p.sentinel().unwrap(), 0));
    p.kill().unwrap();
    assert!(os::wait_readable(p.sentinel().unwrap(), 30_000));
    assert_eq!(join(&p), Some(-9));
    assert!(os::wait_readable(p.sentinel().unwrap(), 0));
    // First requested after the exit.
    let mut ended = Process::new(|| ());
    ended.start().unwrap();
    join(&ended);
    assert!(os::wait_readable(ended.sentinel().unwrap(), 0));
}

#[test]
fn close_is_for_one_that_has_ended_and_leaves_the_name() {
    let error = |result: io::Result<()>| result.unwrap_err().to_string();
    let mut p = endless();
    assert_eq!(
        error(p.close()),
        "Cannot close a process while it is still running. You should first call join() or terminate()."
    );
    p.kill().unwrap();
    join(&p);
    p.close().unwrap();
    p.close().unwrap();
    let closed = "process object is closed";
    assert_eq!(error(p.join()), closed);
    assert_eq!(error(p.start()), closed);
    assert_eq!(error(p.terminate()), closed);
    assert_eq!(error(p.set_daemon(true)), closed);
    assert_eq!(error(p.sentinel().map(drop)), closed);
    assert!(catch_unwind(AssertUnwindSafe(|| p.is_alive())).is_err());
    assert_eq!((p.pid(), p.exitcode()), (None, None));
    let text = format!("<Process name='{}' parent={} closed>", p.name(), id());
    assert_eq!(format!("{p:?}"), text);
}

#[test]
fn nothing_of_this_before_the_start() {
    let error = |result: io::Result<()>| result.unwrap_err().to_string();
    let p = Process::new(|| ());
    assert_eq!(error(p.terminate()), "can only terminate a started process");
    assert_eq!(error(p.kill()), "can only kill a started process");
    assert_eq!(error(p.sentinel().map(drop)), "process not started");
    let limit = Duration::from_secs(1);
    assert_eq!(
        error(p.join_timeout(limit).map(drop)),
        "can only join a started process"
    );
}

#[test]
fn the_name_is_quoted_as_python_does() {
    let p = Process::named("it's", || ());
    assert_eq!(
        format!("{p:?}"),
        format!("<Process name=\"it's\" parent={} initial>", id())
    );
}
