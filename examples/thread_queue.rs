//! Threads share a queue of tasks, the most urgent first, until it is shut down.

use std::thread;

use threadbook::queue::{PriorityQueue, SimpleQueue};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let patients = PriorityQueue::<(u32, &str)>::bounded(10);
    let treated = SimpleQueue::<&str>::new();
    for patient in [(3, "cough"), (1, "heart"), (2, "arm")] {
        patients.put(patient)?;
    }
    println!("{} are waiting", patients.qsize());
    let doctors: Vec<_> = (0..2)
        .map(|_| {
            let (patients, treated) = (patients.clone(), treated.clone());
            thread::spawn(move || {
                while let Ok((_, what)) = patients.get() {
                    treated.put(what);
                    patients.task_done().expect("a patient in hand");
                }
            })
        })
        .collect();
    patients.join();
    patients.shutdown(false);
    for doctor in doctors {
        doctor.join().expect("no panic");
    }
    while let Ok(what) = treated.get_nowait() {
        println!("treated: {what}");
    }
    println!("{}", patients.put((1, "late")).unwrap_err());
    Ok(())
}
