//! A process is killed while it holds a lock. In Python the next process that wants the lock waits forever.

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let (lock, has_it) = (Lock::new(), Event::new());
    let mut thief = Process::named("thief", {
        let (lock, has_it) = (lock.clone(), has_it.clone());
        move || {
            let _guard = lock.lock();
            has_it.set();
            loop {
                std::thread::park();
            }
        }
    });
    thief.start()?;
    has_it.wait();
    println!("{}", repr(&lock));
    thief.kill()?;
    thief.join()?;
    if let Err(error) = lock.acquire() {
        println!("{error}");
        lock.release();
    }
    lock.acquire().map_err(std::io::Error::other)?;
    println!("{}", repr(&lock));
    Ok(())
}
