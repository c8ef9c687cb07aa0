// A pool of threads that takes boxed jobs.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering::*},
    mpsc,
};
use std::thread::{self, JoinHandle};
type Job = Box<dyn FnOnce() + Send + 'static>;
struct Pool {
    workers: Vec<Option<JoinHandle<()>>>,
    sender: Option<mpsc::Sender<Job>>,
}
impl Pool {
    fn new(n: usize) -> Pool {
        let (tx, rx) = mpsc::channel::<Job>();
        let rx = Arc::new(Mutex::new(rx));
        let workers = (0..n)
            .map(|_| {
                let rx = Arc::clone(&rx);
                Some(thread::spawn(move || {
                    loop {
                        let job = rx.lock().unwrap().recv();
                        match job {
                            Ok(j) => j(),
                            Err(_) => break,
                        }
                    }
                }))
            })
            .collect();
        Pool {
            workers,
            sender: Some(tx),
        }
    }
    fn run<F>(&self, f: F)
    where
        F: FnOnce() + Send + 'static,
    {
        self.sender.as_ref().unwrap().send(Box::new(f)).unwrap()
    }
}
impl Drop for Pool {
    fn drop(&mut self) {
        drop(self.sender.take());
        for w in &mut self.workers {
            if let Some(w) = w.take() {
                w.join().unwrap()
            }
        }
        println!("pool closed");
    }
}
fn main() {
    let done = Arc::new(AtomicUsize::new(0));
    let pool = Pool::new(3);
    for i in 1..=10 {
        let done = done.clone();
        pool.run(move || {
            done.fetch_add(i, SeqCst);
        });
    }
    let (tx, rx) = mpsc::channel();
    pool.run(move || tx.send(thread::current().id()).unwrap());
    let id = rx.recv().unwrap();
    println!("{}", id != thread::current().id());
    drop(pool);
    println!("{}", done.load(SeqCst));
    let done = Arc::try_unwrap(done).unwrap().into_inner();
    println!("{done}");
}
