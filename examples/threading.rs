//! Threads with Python's methods: names, a timer, a condition, a barrier and a semaphore.

use std::time::Duration;

use threadbook::threading::{
    Barrier, Condition, Semaphore, Thread, ThreadError, Timer, active_count, current_thread,
    enumerate,
};

fn main() -> Result<(), ThreadError> {
    let (start, ovens) = (Barrier::new(3), Semaphore::new(1));
    let cooks: Vec<Thread> = ["Kim", "Sam", "Ada"]
        .into_iter()
        .map(|name| {
            let (start, ovens) = (start.clone(), ovens.clone());
            Thread::named(name, move || {
                start.wait().expect("all come");
                let _oven = ovens.permit();
                println!("{} bakes", current_thread().name());
            })
        })
        .collect();
    for cook in &cooks {
        cook.start()?;
    }
    println!("{} threads: {:?}", active_count(), enumerate());
    for cook in &cooks {
        cook.join()?;
    }

    let bell = Condition::new();
    let ring = bell.clone();
    let timer = Timer::new(Duration::from_millis(10), move || {
        let _guard = ring.lock();
        ring.notify_all();
    });
    {
        let _guard = bell.lock();
        timer.start()?;
        let rang = bell.wait_timeout(Duration::from_secs(10));
        println!("the bell rang: {rang:?}");
    }

    let late = Timer::new(Duration::from_secs(3600), || println!("never"));
    late.start()?;
    late.cancel();
    late.join()
}
