//! Processes have names, ids, exit codes and their own memory.

use std::time::Duration;

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let mut numbers = vec![1, 2, 3];
    let mut worker = Process::new(move || {
        numbers.push(4);
        println!("{} has {}", current_process().name(), repr(&numbers));
        std::process::exit(3);
    });
    worker.start()?;
    worker.join()?;
    println!("{worker:?}");

    let mut sleeper = Process::named("sleeper", || std::thread::sleep(Duration::from_secs(60)));
    sleeper.start()?;
    println!(
        "ended after 10 ms: {}",
        sleeper.join_timeout(Duration::from_millis(10))?
    );
    println!("children: {}", active_children().len());
    sleeper.terminate()?;
    sleeper.join()?;
    println!("{} ended with {:?}", sleeper.name(), sleeper.exitcode());
    Ok(())
}
