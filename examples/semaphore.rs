//! Five cars, a car park with two spaces.

use std::thread::sleep;
use std::time::Duration;

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let (places, parked) = (BoundedSemaphore::new(2), Value::new(0));
    let mut cars: Vec<Process> = (1..=5)
        .map(|n| {
            let (places, parked) = (places.clone(), parked.clone());
            Process::named(format!("car {n}"), move || {
                let _place = places.permit();
                *parked.get_lock() += 1;
                println!(
                    "{} parks, {} of 2 taken",
                    current_process().name(),
                    parked.get()
                );
                sleep(Duration::from_millis(50));
                *parked.get_lock() -= 1;
            })
        })
        .collect();
    cars.iter_mut().try_for_each(Process::start)?;
    cars.iter().try_for_each(Process::join)?;
    println!("{}", repr(&places));
    Ok(())
}
