// Condvar and Barrier: threads that wait for each other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;

#[derive(Default)]
struct Turn {
    now: Mutex<usize>,
    changed: Condvar,
}

impl Turn {
    fn wait_for(&self, wanted: usize) {
        let now = self.now.lock().unwrap();
        let _now = self.changed.wait_while(now, |now| *now != wanted).unwrap();
    }

    fn advance(&self) {
        *self.now.lock().unwrap() += 1;
        self.changed.notify_all();
    }
}

fn main() {
    let turn = Arc::new(Turn::default());
    let handles: Vec<_> = [2, 0, 1]
        .into_iter()
        .map(|place| {
            let turn = Arc::clone(&turn);
            thread::spawn(move || {
                turn.wait_for(place);
                let now = *turn.now.lock().unwrap();
                turn.advance();
                now
            })
        })
        .collect();
    for handle in handles {
        println!("thread in place {}", handle.join().unwrap());
    }
    println!("{}", turn.now.lock().unwrap());
    let arrived = AtomicUsize::new(0);
    let barrier = Barrier::new(3);
    let leaders = thread::scope(|scope| {
        let work = || {
            arrived.fetch_add(1, Ordering::SeqCst);
            let leader = barrier.wait().is_leader();
            // All three have arrived here.
            (leader, arrived.load(Ordering::SeqCst))
        };
        let results = [work; 3].map(|w| scope.spawn(w)).map(|h| h.join().unwrap());
        println!("{}", results.iter().all(|(_, seen)| *seen == 3));
        results.iter().filter(|(leader, _)| *leader).count()
    });
    println!("{leaders}");
    println!("{}", arrived.into_inner());
}
