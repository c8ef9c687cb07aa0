//! Three processes increment one counter: without a lock updates are lost, with a lock none are.

use threadbook::prelude::*;

fn count_by_three(one: impl Fn() + Clone + 'static) -> std::io::Result<()> {
    let together = Barrier::new(3);
    let mut processes = [(); 3].map(|()| {
        let (one, together) = (one.clone(), together.clone());
        Process::new(move || {
            together.wait().expect("all come");
            (0..1_000_000).for_each(|_| one());
        })
    });
    for p in &mut processes {
        p.start()?;
    }
    processes.iter().try_for_each(Process::join)
}

fn main() -> std::io::Result<()> {
    let (lock, bare) = (Lock::new(), Value::unlocked(0));
    let (a, b) = (bare.clone(), bare.clone());
    count_by_three(move || {
        let seen = a.get();
        std::hint::spin_loop();
        a.set(seen + 1);
    })?;
    println!("without a lock {} of 3000000", bare.get());

    bare.set(0);
    count_by_three(move || {
        let _guard = lock.lock();
        b.set(b.get() + 1);
    })?;
    println!("with a lock    {} of 3000000", bare.get());
    Ok(())
}
