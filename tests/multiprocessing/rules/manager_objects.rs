//! The objects of a manager that block, and its pool.

use std::thread;
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;
use crate::python::python;

const MOMENT: Duration = Duration::from_millis(20);

#[test]
fn an_array_has_a_fixed_length_and_a_set_no_value_twice() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let array = manager.array([1, 2, 3]).unwrap();
        let in_child = array.clone();
        assert_eq!(run(move || in_child.set(1, 20).unwrap()), Some(0));
        assert_eq!(
            (array.len().unwrap(), array.to_vec().unwrap()),
            (3, vec![1, 20, 3])
        );
        assert!(matches!(array.get(3), Err(ManagerError::Index(_))));
        let set = manager.set([1, 2, 1]).unwrap();
        set.add(2).unwrap();
        set.discard(&9).unwrap();
        assert!(matches!(set.remove(&9), Err(ManagerError::Key(_))));
        assert_eq!((set.to_string(), set.len().unwrap()), ("{1, 2}".into(), 2));
        set.remove(&1).unwrap();
        assert!(!set.contains(&1).unwrap() && set.contains(&2).unwrap());
        set.clear().unwrap();
        assert_eq!(set.to_string(), "set()");
        let dict = manager.dict([("a".to_string(), 1)]).unwrap();
        dict.update([("b".to_string(), 2)]).unwrap();
        assert_eq!(dict.get_or(&"z".into(), 7).unwrap(), 7);
        assert_eq!(dict.to_string(), "{'a': 1, 'b': 2}");
    });
}

#[test]
fn an_rlock_can_be_acquired_again_by_its_thread_alone() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let lock = manager.rlock().unwrap();
        let outer = lock.lock().unwrap();
        let inner = lock.lock().unwrap();
        let other = lock.clone();
        let elsewhere = move || {
            assert!(!other.acquire_timeout(MOMENT).unwrap());
            assert_eq!(error_of(other.release()), "cannot release un-acquired lock");
        };
        thread::scope(|s| s.spawn(elsewhere.clone()).join().unwrap());
        assert_eq!(run(elsewhere.clone()), Some(0));
        drop(inner);
        assert!(lock.locked().unwrap());
        assert_eq!(run(elsewhere), Some(0));
        drop(outer);
        assert!(!lock.locked().unwrap());
        let other = lock.clone();
        assert_eq!(run(move || other.acquire().unwrap()), Some(0));
        assert!(matches!(
            lock.acquire(),
            Err(ManagerError::OwnerDied { .. })
        ));
    });
}

#[test]
fn a_bounded_semaphore_refuses_more_releases_than_acquires() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (s, bounded) = (
            manager.semaphore(1).unwrap(),
            manager.bounded_semaphore(1).unwrap(),
        );
        s.release().unwrap();
        assert_eq!(s.value().unwrap(), 2);
        assert_eq!(
            error_of(bounded.release()),
            "Semaphore released too many times"
        );
        bounded.acquire().unwrap();
        assert!(!bounded.acquire_timeout(MOMENT).unwrap());
        let in_child = bounded.clone();
        let p = start(move || in_child.release().unwrap());
        bounded.acquire().unwrap();
        join_all([p]);
    });
}

#[test]
fn an_event_lets_all_go_on_that_wait() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let event = manager.event().unwrap();
        assert!(!event.wait_timeout(MOMENT).unwrap());
        let waiting = [(); 3].map(|()| {
            let event = event.clone();
            start(move || event.wait().unwrap())
        });
        event.set().unwrap();
        join_all(waiting);
        assert!(event.is_set().unwrap());
        event.clear().unwrap();
        assert!(!event.is_set().unwrap());
    });
}

#[test]
fn a_condition_wakes_as_many_as_it_is_told_and_must_be_held() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let (condition, woken) = (manager.condition().unwrap(), Value::new(0));
        let ready = Semaphore::new(0);
        assert_eq!(
            error_of(condition.wait()),
            "cannot wait on un-acquired lock"
        );
        assert_eq!(
            error_of(condition.notify(1)),
            "cannot notify on un-acquired lock"
        );
        let waiting = [(); 3].map(|()| {
            let (condition, woken, ready) = (condition.clone(), woken.clone(), ready.clone());
            start(move || {
                let _guard = condition.lock().unwrap();
                ready.release();
                condition.wait().unwrap();
                *woken.get_lock() += 1;
            })
        });
        waiting.iter().for_each(|_| ready.acquire());
        // Who has said so still holds the lock, until it waits.
        let guard = condition.lock().unwrap();
        condition.notify(2).unwrap();
        drop(guard);
        until(|| woken.get() == 2);
        let guard = condition.lock().unwrap();
        assert!(!condition.wait_timeout(MOMENT).unwrap());
        assert!(!condition.wait_for_timeout(|| false, MOMENT).unwrap());
        assert_eq!(woken.get(), 2);
        condition.notify_all().unwrap();
        drop(guard);
        join_all(waiting);
    });
}

#[test]
fn a_barrier_numbers_those_who_are_there_and_breaks_for_all() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let barrier = manager.barrier(3).unwrap();
        let places = Array::<u32>::zeroed(3);
        for round in 1..=5 {
            let there = [(); 3].map(|()| {
                let (barrier, places) = (barrier.clone(), places.clone());
                start(move || {
                    let place = barrier.wait().unwrap();
                    places.get_lock()[place] += 1;
                })
            });
            join_all(there);
            assert_eq!(places.to_vec(), [round; 3]);
        }
        let in_child = barrier.clone();
        let p = start(move || drop(in_child.wait().unwrap_err()));
        until(|| barrier.n_waiting().unwrap() == 1);
        assert!(matches!(
            barrier.wait_timeout(MOMENT),
            Err(ManagerError::Broken)
        ));
        join_all([p]);
        assert!(barrier.broken().unwrap() && barrier.wait().is_err());
        barrier.reset().unwrap();
        assert_eq!(
            (barrier.broken().unwrap(), barrier.parties().unwrap()),
            (false, 3)
        );
        let in_child = barrier.clone();
        let victim = start(move || drop(in_child.wait()));
        until(|| barrier.n_waiting().unwrap() == 1);
        kill(&victim);
        assert!(
            matches!(barrier.wait(), Err(ManagerError::Broken)),
            "one of three was killed"
        );
    });
}

#[test]
fn join_of_a_queue_waits_until_all_items_are_done() {
    within(30, || {
        let manager = Manager::new().unwrap();
        let (q, done) = (manager.joinable_queue().unwrap(), Value::new(0));
        (0..10).for_each(|n| q.put(n).unwrap());
        let (in_child, count) = (q.clone(), done.clone());
        let p = start(move || {
            for _ in 0..10 {
                in_child.get().unwrap();
                *count.get_lock() += 1;
                in_child.task_done().unwrap();
            }
        });
        q.join().unwrap();
        assert_eq!(done.get(), 10);
        assert_eq!(error_of(q.task_done()), "task_done() called too many times");
        join_all([p]);
        let bounded = manager.bounded_queue(1).unwrap();
        bounded.put(1).unwrap();
        assert!(bounded.full().unwrap() && !q.full().unwrap());
    });
}

#[test]
fn all_processes_together_have_at_most_the_workers_of_a_managers_pool() {
    within(60, || {
        let manager = Manager::new().unwrap();
        let pool = manager.pool(2).unwrap();
        let (running, most) = (Value::new(0), Value::new(0));
        let users = [(); 3].map(|()| {
            let (pool, running, most) = (pool.clone(), running.clone(), most.clone());
            start(move || {
                let work = |n: u64| {
                    *running.get_lock() += 1;
                    let now = running.get();
                    let mut highest = most.get_lock();
                    *highest = now.max(*highest);
                    drop(highest);
                    thread::sleep(Duration::from_millis(2));
                    *running.get_lock() -= 1;
                    n * n
                };
                assert_eq!(pool.map(work, 0..8).unwrap(), [0, 1, 4, 9, 16, 25, 36, 49]);
            })
        });
        join_all(users);
        assert!((1..=2).contains(&most.get()), "{}", most.get());
        // A user is killed while it has both.
        let (in_child, started) = (pool.clone(), Semaphore::new(0));
        let tell = started.clone();
        let victim = start(move || {
            let hang = |_| {
                tell.release();
                sleep_for_ever();
            };
            drop(in_child.map(hang, 0..2));
        });
        started.acquire();
        started.acquire();
        kill(&victim);
        assert_eq!(pool.apply(|| 5).unwrap(), 5);
        assert_eq!(pool.starmap(|a, b| a * b, [(2, 3)]).unwrap(), [6]);
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
             ctx = get_context('fork')\n\
             def f(d, l, a, ns, barrier):\n    \
                 d[1] = '1'; d['2'] = 2; d[0.25] = None; l.reverse(); a[0] = 5; ns.x += 1; barrier.wait()\n\
             with ctx.Manager() as manager:\n    \
                 d, l, a, ns = manager.dict(), manager.list(range(10)), manager.Array('i', [1, 2]), manager.Namespace()\n    \
                 ns.x = 1; barrier = manager.Barrier(2)\n    \
                 p = ctx.Process(target=f, args=(d, l, a, ns, barrier)); p.start(); barrier.wait(); p.join()\n    \
                 print(l); print(a[0], a[1], ns.x, barrier.broken, barrier.parties)\n    \
                 s = manager.BoundedSemaphore(1); s.acquire(); print(s.acquire(False)); s.release()\n    \
                 e = manager.Event(); print(e.wait(0.01)); e.set(); print(e.is_set())",
        );
        let manager = Manager::new().unwrap();
        let (l, a) = (manager.list(0..10).unwrap(), manager.array([1, 2]).unwrap());
        let (ns, barrier) = (manager.namespace().unwrap(), manager.barrier(2).unwrap());
        ns.set("x", 1).unwrap();
        let p = start({
            let (l, a, ns, barrier) = (l.clone(), a.clone(), ns.clone(), barrier.clone());
            move || {
                l.reverse().unwrap();
                a.set(0, 5).unwrap();
                ns.set("x", ns.get::<i32>("x").unwrap() + 1).unwrap();
                barrier.wait().unwrap();
            }
        });
        barrier.wait().unwrap();
        join_all([p]);
        let mut ours = format!("{l}\n{} {} ", a.get(0).unwrap(), a.get(1).unwrap());
        ours += &format!(
            "{} {} ",
            ns.get::<i32>("x").unwrap(),
            repr(&barrier.broken().unwrap())
        );
        ours += &format!("{}\n", barrier.parties().unwrap());
        let s = manager.bounded_semaphore(1).unwrap();
        s.acquire().unwrap();
        ours += &format!("{}\n", repr(&s.acquire_timeout(Duration::ZERO).unwrap()));
        s.release().unwrap();
        let e = manager.event().unwrap();
        ours += &format!(
            "{}\n",
            repr(&e.wait_timeout(Duration::from_millis(10)).unwrap())
        );
        e.set().unwrap();
        ours += &format!("{}\n", repr(&e.is_set().unwrap()));
        assert_eq!(ours, expected);
    });
}
