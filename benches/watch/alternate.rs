// Not a module: a part of cells that compare two functions.

#[repr(C)]
struct Time { seconds: i64, nanoseconds: i64 }

unsafe extern "C" { fn clock_gettime(clock: i32, time: *mut Time) -> i32; }

/// Returns the processor time of this process in nanoseconds.
fn processor_time() -> u64 {
    let mut time = Time { seconds: 0, nanoseconds: 0 };
    // SAFETY: clock_gettime(2) writes the time (CLOCK_PROCESS_CPUTIME_ID).
    assert_eq!(unsafe { clock_gettime(2, &mut time) }, 0);
    time.seconds as u64 * 1_000_000_000 + time.nanoseconds as u64
}

/// Runs the two in pairs, each of them first in turn. Prints the time that each of a pair took and then their processor times, in
/// nanoseconds.
fn alternate(with: &dyn Fn(), without: &dyn Fn(), pairs: usize) {
    let run = |work: &dyn Fn()| {
        let begin = (std::time::Instant::now(), processor_time());
        work();
        (begin.0.elapsed().as_nanos(), processor_time() - begin.1)
    };
    // What is done once only.
    run(with);
    run(without);
    for pair in 0..pairs {
        let (with, without) = match pair % 2 {
            0 => { let with = run(with); (with, run(without)) }
            _ => { let without = run(without); (run(with), without) }
        };
        println!("{} {} {} {}", with.0, without.0, with.1, without.1);
    }
}
