//! How exactly the system ends a sleep.

use std::time::Duration;

/// Sets by how much the system may prolong the sleeps and timeouts of this thread, and of the threads and processes
/// that it starts from now on.
///
/// A sleep is never too short, but it may be longer, so that the system can wake several sleepers at once. On Linux the
/// default slack is 50 µs, which turns a sleep of 2 µs into one of 52 µs and more. `Duration::ZERO` asks for the
/// shortest sleeps that the system supports.
///
/// On Linux this sets `PR_SET_TIMERSLACK` (prctl(2)), which takes whole nanoseconds from 1; threads with a real-time
/// priority have no slack anyway. On other systems this does nothing.
///
/// ```
/// use std::thread;
/// use std::time::Duration;
/// use threadbook::prelude::*;
///
/// set_timer_slack(Duration::ZERO);
/// for _ in 0..1000 {
///     thread::sleep(Duration::from_micros(2));
/// }
/// ```
pub fn set_timer_slack(slack: Duration) {
    // To the system, 0 means the default.
    let nanoseconds = libc::c_ulong::try_from(slack.as_nanos())
        .unwrap_or(libc::c_ulong::MAX)
        .max(1);
    set_slack(nanoseconds);
}

#[cfg(target_os = "linux")]
fn set_slack(nanoseconds: libc::c_ulong) {
    // SAFETY: the option changes a setting of the calling thread and touches no memory of this process. It fails only
    // in a sandbox that forbids it; sleeps then stay as they were.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, nanoseconds) };
}

#[cfg(not(target_os = "linux"))]
fn set_slack(_nanoseconds: libc::c_ulong) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::prelude::{Process, Value};
    use std::thread;
    use std::time::Instant;

    fn slack() -> i64 {
        // SAFETY: the option reads a setting of the calling thread.
        unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) }.into()
    }

    /// Runs the test in a thread of its own, so that no other test gets its slack.
    fn in_a_thread<T: Send>(test: impl FnOnce() -> T + Send) -> T {
        thread::scope(|scope| scope.spawn(test).join().unwrap())
    }

    #[test]
    fn the_slack_is_what_was_asked_for_and_at_least_a_nanosecond() {
        in_a_thread(|| {
            set_timer_slack(Duration::from_micros(7));
            assert_eq!(slack(), 7_000);
            set_timer_slack(Duration::ZERO);
            assert_eq!(slack(), 1);
            // The system clamps a very long duration to what its own number holds.
            set_timer_slack(Duration::MAX);
            assert!(slack() > 1 || slack() == -1, "{}", slack());
        });
    }

    #[test]
    fn threads_and_processes_start_with_the_slack_of_their_starter() {
        in_a_thread(|| {
            set_timer_slack(Duration::from_nanos(300));
            assert_eq!(in_a_thread(slack), 300);
            let seen = Value::new(0_i64);
            let mut p = Process::new({
                let seen = seen.clone();
                move || seen.set(slack())
            });
            p.start().unwrap();
            p.join().unwrap();
            assert_eq!(seen.get(), 300);
        });
        assert_ne!(slack(), 300);
    }

    #[test]
    fn short_sleeps_get_shorter() {
        let (exact, rough) = (sleep_of_two_microseconds(0), sleep_of_two_microseconds(2));
        assert!(exact >= Duration::from_micros(2), "{exact:?}");
        assert!(exact < rough, "{exact:?} and {rough:?}");
    }

    /// Returns the median duration of such sleeps, with a slack of so many milliseconds. A busy machine prolongs a few
    /// of them; and a few with much slack are short, because something else has woken the processor.
    fn sleep_of_two_microseconds(slack: u64) -> Duration {
        in_a_thread(|| {
            set_timer_slack(Duration::from_millis(slack));
            let mut times: Vec<Duration> = (0..200)
                .map(|_| {
                    let start = Instant::now();
                    thread::sleep(Duration::from_micros(2));
                    start.elapsed()
                })
                .collect();
            times.sort();
            times[times.len() / 2]
        })
    }
}
