//! Pool: callbacks, initializer, maxtasksperchild, and the asynchronous calls.

use std::process::id;
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;
use crate::python::python;

#[test]
fn map_async_and_starmap_async_return_lists_in_order() {
    within(30, || {
        let pool = Pool::new(2);
        let squares = pool.map_async(|n| n * n, 0..10).unwrap();
        let sums = pool.starmap_async(|a, b| a + b, [(1, 2), (3, 4)]).unwrap();
        assert_eq!(
            squares.get().unwrap(),
            Vec::from_iter((0..10).map(|n| n * n))
        );
        assert_eq!(sums.get().unwrap(), [3, 7]);
        let none = pool.map_async(|n: i32| n, []).unwrap();
        assert!(none.get().unwrap().is_empty());
        let options = TaskOptions::new().chunksize(5);
        let pids = pool
            .map_async_with(|_| id(), 0..10, options)
            .unwrap()
            .get()
            .unwrap();
        assert!(
            pids.chunks(5)
                .all(|chunk| chunk.iter().all(|pid| *pid == chunk[0]))
        );
    });
}

#[test]
fn the_callback_gets_the_result_and_the_error_callback_the_error() {
    within(30, || {
        let pool = Pool::new(2);
        let (tell, told) = channel();
        let options = || {
            let (good, bad) = (tell.clone(), tell.clone());
            TaskOptions::new()
                .callback(move |n: &i32| good.send(format!("result {n}")).unwrap())
                .error_callback(move |error| bad.send(format!("error {error}")).unwrap())
        };
        pool.apply_async_with(|| 7, options()).unwrap();
        assert_eq!(told.recv().unwrap(), "result 7");
        let bad = || -> i32 {
            std::panic::set_hook(Box::new(|_| ()));
            panic!("no")
        };
        pool.apply_async_with(bad, options()).unwrap();
        assert_eq!(told.recv().unwrap(), "error no");
        let (good, sums) = channel();
        let options =
            TaskOptions::new().callback(move |all: &Vec<i32>| good.send(all.len()).unwrap());
        pool.map_async_with(|n| n, 0..5, options).unwrap();
        assert_eq!(sums.recv().unwrap(), 5);
    });
}

#[test]
fn callbacks_run_one_at_a_time_in_the_order_of_the_ends_and_before_the_result_is_ready() {
    within(60, || {
        let pool = Pool::new(4);
        let gates = [(); 4].map(|()| Semaphore::new(0));
        let (order, running) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(AtomicUsize::new(0)),
        );
        let called = Arc::new(Mutex::new(false));
        let results: Vec<_> = (0..4)
            .map(|n| {
                let (gate, order, running) = (gates[n].clone(), order.clone(), running.clone());
                let main = thread::current().id();
                let options = TaskOptions::new().callback(move |n: &usize| {
                    assert_eq!(running.fetch_add(1, SeqCst), 0);
                    assert_ne!(thread::current().id(), main);
                    order.lock().unwrap().push(*n);
                    running.fetch_sub(1, SeqCst);
                });
                let task = move || {
                    gate.acquire();
                    n
                };
                pool.apply_async_with(task, options).unwrap()
            })
            .collect();
        for n in [2, 0, 3, 1] {
            gates[n].release();
            results[n].wait();
            assert_eq!(
                order.lock().unwrap().last(),
                Some(&n),
                "it was called before"
            );
        }
        assert_eq!(*order.lock().unwrap(), [2, 0, 3, 1]);

        let (enter, entered) = channel();
        let (leave, left) = channel::<()>();
        let flag = called.clone();
        let options = TaskOptions::new().callback(move |_: &()| {
            enter.send(()).unwrap();
            left.recv().unwrap();
            *flag.lock().unwrap() = true;
        });
        let result = pool.apply_async_with(|| (), options).unwrap();
        entered.recv().unwrap();
        assert!(!result.ready() && !result.wait_timeout(Duration::from_millis(5)));
        assert_eq!(
            error_of(result.successful()),
            "the AsyncResult is not ready: call wait or get first"
        );
        leave.send(()).unwrap();
        pool.close();
        pool.join().unwrap();
        assert!(*called.lock().unwrap(), "join waits for callbacks");
        assert!(result.successful().unwrap());
    });
}

#[test]
fn a_callback_that_panics_does_not_stop_the_pool() {
    within(30, || {
        std::panic::set_hook(Box::new(|_| ()));
        let pool = Pool::new(1);
        let options = || TaskOptions::new().callback(|_: &i32| panic!("in the callback"));
        for n in 0..3 {
            assert_eq!(
                pool.apply_async_with(move || n, options())
                    .unwrap()
                    .get()
                    .unwrap(),
                n
            );
        }
    });
}

static SET_UP: AtomicI32 = AtomicI32::new(0);

#[test]
fn each_worker_calls_the_initializer_before_its_first_task() {
    within(30, || {
        let pool = Pool::new(2).initializer(|| {
            SET_UP.fetch_add(1, SeqCst);
        });
        let seen = pool.map(|_| SET_UP.load(SeqCst), 0..20).unwrap();
        assert_eq!(seen, [1; 20]);
        assert_eq!(SET_UP.load(SeqCst), 0, "here it was not called");
        assert_eq!(pool.apply(|| SET_UP.load(SeqCst)).unwrap(), 1);
        assert_eq!(
            panic_of(|| Pool::new(1).maxtasksperchild(0)),
            "maxtasksperchild must be a positive int or None"
        );
    });
}

#[test]
fn an_initializer_that_panics_is_an_error_where_python_starts_workers_for_ever() {
    within(30, || {
        std::panic::set_hook(Box::new(|_| ()));
        for pool in [Pool::new(2), Pool::new(2).maxtasksperchild(1)] {
            let pool = pool.initializer(|| panic!("no database"));
            let error = pool.map(|n| n, [1, 2, 3]).unwrap_err();
            assert!(matches!(error, PoolError::Initializer(_)), "{error:?}");
            assert_eq!(
                error.to_string(),
                "the initializer of the pool panicked: no database"
            );
        }
    });
}

#[test]
fn with_maxtasksperchild_a_worker_does_so_many_tasks_and_another_takes_its_place() {
    within(60, || {
        let pool = Pool::new(2).maxtasksperchild(3).initializer(|| {
            SET_UP.fetch_add(1, SeqCst);
        });
        let task = |_| {
            let me = current_process();
            assert!(me.daemon() && me.name().starts_with("ForkPoolWorker-"));
            (id(), SET_UP.load(SeqCst))
        };
        let mut done: Vec<_> = pool.map_chunks(task, 0..20, 1).unwrap();
        assert!(done.iter().all(|(_, set_up)| *set_up == 1));
        done.sort_unstable();
        let tasks = done.chunk_by(|a, b| a == b).map(<[_]>::len);
        let tasks = Vec::from_iter(tasks);
        assert!(tasks.iter().all(|&count| count <= 3), "{tasks:?}");
        assert!(tasks.len() >= 7, "{tasks:?}");
        let through = pool.imap(|n| (n, id()), 0..7).unwrap();
        let through: Vec<_> = through.map(|result| result.unwrap()).collect();
        assert!((0..7).eq(through.iter().map(|(n, _)| *n)));
    });
}

#[test]
fn with_maxtasksperchild_a_worker_that_dies_is_an_error_too() {
    within(30, || {
        let pool = Pool::new(1).maxtasksperchild(1);
        let error = pool
            .map_chunks(
                |n| {
                    if n == 1 {
                        raise(libc::SIGKILL)
                    }
                },
                0..3,
                1,
            )
            .unwrap_err();
        let PoolError::WorkerDied { exitcode, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(exitcode, Some(-9));
        assert_eq!(pool.apply(|| 5).unwrap(), 5);
        pool.terminate();
        assert!(matches!(pool.apply(|| 5), Err(PoolError::NotRunning)));
    });
}

#[test]
fn the_documentations_kind_of_program_prints_what_python_prints() {
    let Some(python) = python(|| ()) else {
        return;
    };
    within(60, move || {
        let expected = python.run(
            "from multiprocessing import get_context\n\
             def add(a, b): return a + b\n\
             def half(n): return 10 // n\n\
             log = []\n\
             with get_context('fork').Pool(2) as pool:\n    \
                 print(pool.starmap_async(add, [(1, 2), (3, 4)]).get())\n    \
                 print(list(pool.imap(half, [1, 2, 5])))\n    \
                 r = pool.apply_async(half, (0,), error_callback=lambda e: log.append('error'))\n    \
                 r.wait(); print(r.ready(), r.successful(), log)\n    \
                 r = pool.map_async(half, [5, 10], callback=log.extend); r.wait()\n    \
                 print(r.get(), r.successful(), log)",
        );
        std::panic::set_hook(Box::new(|_| ()));
        let mut ours = String::new();
        let mut print = |line: String| ours += &(line + "\n");
        let log = Arc::new(Mutex::new(Vec::<String>::new()));
        let pool = Pool::new(2);
        let sums = pool.starmap_async(|a, b| a + b, [(1, 2), (3, 4)]).unwrap();
        print(repr(&sums.get().unwrap()));
        let halves = pool.imap(|n| 10 / n, [1, 2, 5]).unwrap();
        print(repr(&halves.map(|n| n.unwrap()).collect::<Vec<i32>>()));
        let in_callback = log.clone();
        let options = TaskOptions::new()
            .error_callback(move |_| in_callback.lock().unwrap().push("error".into()));
        let zero = Value::new(0);
        let r = pool
            .apply_async_with(move || 10 / zero.get(), options)
            .unwrap();
        r.wait();
        print(format!(
            "{} {} {}",
            repr(&r.ready()),
            repr(&r.successful().unwrap()),
            repr(&*log.lock().unwrap())
        ));
        let in_callback = log.clone();
        let options = TaskOptions::new().callback(move |all: &Vec<i32>| {
            in_callback
                .lock()
                .unwrap()
                .extend(all.iter().map(i32::to_string));
        });
        let r = pool.map_async_with(|n| 10 / n, [5, 10], options).unwrap();
        r.wait();
        let successful = r.successful().unwrap();
        let log = log.lock().unwrap().join(", ").replace("error", "'error'");
        print(format!(
            "{} {} [{log}]",
            repr(&r.get().unwrap()),
            repr(&successful)
        ));
        assert_eq!(ours, expected);
    });
}
