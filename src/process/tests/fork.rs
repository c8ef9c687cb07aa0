//! What a fork copies, and what must not get lost or stay locked in the copy.

use super::*;

#[test]
fn each_child_draws_its_own_random_numbers() {
    use rand::Rng;
    let drawn = Array::<u64>::zeroed(3);
    let in_child = drawn.clone();
    let code = run(move || {
        let mine: u64 = rand::rng().random();
        in_child.set(0, mine);
        for i in 1..3 {
            let in_grandchild = in_child.clone();
            let mut p = Process::new(move || in_grandchild.set(i, rand::rng().random()));
            p.start().unwrap();
            p.join().unwrap();
        }
    });
    assert_eq!(code, Some(0));
    let drawn = drawn.to_vec();
    assert!(drawn[0] != drawn[1] && drawn[1] != drawn[2] && drawn[0] != drawn[2]);
}

#[test]
fn a_child_can_panic_when_it_was_forked_during_a_panic() {
    within(60, || {
        let code = run(|| {
            redirect(2, &std::fs::File::create("/dev/null").unwrap());
            let stop = AtomicBool::new(false);
            thread::scope(|s| {
                let panic_on = || {
                    while !stop.load(Ordering::Relaxed) {
                        std::panic::catch_unwind(|| panic!("in a thread")).unwrap_err();
                    }
                };
                s.spawn(panic_on);
                s.spawn(panic_on);
                for _ in 0..100 {
                    assert_eq!(run(|| panic!("in a child")), Some(1));
                }
                stop.store(true, Ordering::Relaxed);
            });
        });
        assert_eq!(code, Some(0));
    });
}

#[test]
fn several_threads_start_processes_at_once() {
    let sum = Value::new(0);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| {
                for _ in 0..25 {
                    let sum = sum.clone();
                    assert_eq!(run(move || *sum.get_lock() += 1), Some(0));
                }
            });
        }
    });
    assert_eq!(sum.get(), 100);
}

#[test]
fn a_result_is_shown_in_one_block() {
    let (text, _) = output(1, || {
        print_raw("before ");
        "it".evcxr_display();
        ().evcxr_display();
        vec![1.0].evcxr_display();
    });
    let block = |shown| format!("EVCXR_BEGIN_CONTENT text/plain\n{shown}\nEVCXR_END_CONTENT\n");
    assert_eq!(text, format!("before {}{}", block("'it'"), block("[1.0]")));
}

/// `print!` writes to the harness's capture instead.
fn print_raw(text: &str) {
    io::stdout().write_all(text.as_bytes()).unwrap();
}

#[test]
fn an_executor_of_the_parent_is_refused_in_a_child_and_does_no_harm() {
    within(60, || {
        let pool = ThreadPoolExecutor::new(1);
        assert_eq!(pool.submit(|| 1).result(), Ok(1));
        let code = run(move || {
            pool.shutdown(true);
            drop(pool);
            let own = ThreadPoolExecutor::new(1);
            assert_eq!(own.submit(|| 2).result(), Ok(2));
        });
        assert_eq!(code, Some(0));
        let pool = ThreadPoolExecutor::new(1);
        let (text, code) = output(2, move || drop(pool.submit(|| ())));
        assert_eq!(code, Some(1));
        assert!(
            text.contains("create an executor in this process"),
            "{text}"
        );
    });
}
