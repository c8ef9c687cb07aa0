//! Bars around iterators and bars that are updated by hand, of threads and of processes. In a notebook each has its own
//! line.

use std::thread;
use std::time::Duration;

use threadbook::prelude::*;

fn work(name: &str, steps: u64) {
    for step in tqdm(0..steps).desc(name) {
        thread::sleep(Duration::from_millis(5 + step % 5));
    }
}

fn main() -> std::io::Result<()> {
    let mut processes = ["process 1", "process 2"].map(|name| Process::new(move || work(name, 80)));
    for p in &mut processes {
        p.start()?;
    }
    thread::scope(|scope| {
        scope.spawn(|| work("thread 1", 120));
        scope.spawn(|| work("thread 2", 60));
    });
    processes.iter().try_for_each(Process::join)?;

    let file = Tqdm::new(1 << 20).desc("Downloading...").unit("B");
    let file = file.unit_scale(true).unit_divisor(1024);
    for chunk in vec![0; 1 << 20].chunks(1 << 15) {
        thread::sleep(Duration::from_millis(20));
        file.update(chunk.len());
    }
    Ok(())
}
