//! A cook and a guest, who waits until there is a dish.

use threadbook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (dishes, counter) = (Value::new(0), Condition::new());
    let mut guest = Process::named("guest", {
        let (dishes, counter) = (dishes.clone(), counter.clone());
        move || {
            let _guard = counter.lock();
            for n in 1..=3 {
                counter
                    .wait_for(|| dishes.get() > 0)
                    .expect("the cook lives");
                *dishes.get_lock() -= 1;
                println!("guest eats dish {n}");
            }
        }
    });
    guest.start()?;
    for _ in 0..3 {
        let _guard = counter.lock();
        *dishes.get_lock() += 1;
        counter.notify(1);
    }
    guest.join()?;
    println!("left: {}", dishes.get());
    Ok(())
}
