//! Three runners wait for the starting shot, and for each other at the finish.

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let shot = Event::new();
    let finish = Barrier::with_action(3, || println!("all have come"));
    let mut runners: Vec<Process> = (1..=3)
        .map(|n| {
            let (shot, finish) = (shot.clone(), finish.clone());
            Process::named(format!("runner {n}"), move || {
                shot.wait();
                println!("{} runs", current_process().name());
                let place = finish.wait().expect("no one gives up");
                println!("{} came as number {}", current_process().name(), place + 1);
            })
        })
        .collect();
    runners.iter_mut().try_for_each(Process::start)?;
    println!("ready");
    shot.set();
    runners.iter().try_for_each(Process::join)
}
