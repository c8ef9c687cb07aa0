//! Records in a server process: one process adds a record, another prints them all.

use threadbook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = Manager::new()?;
    let records =
        manager.list([("Sam", 10), ("Adam", 9)].map(|(name, n)| (name.to_string(), n)))?;
    let mut add = Process::named("a", {
        let records = records.clone();
        move || {
            let record = ("Jeff".to_string(), 8);
            println!("New record {} added by process a", repr(&record));
            records.append(record).expect("a live manager");
        }
    });
    add.start()?;
    add.join()?;
    let mut print = Process::named("b", move || {
        for (name, score) in records.iter().expect("a live manager") {
            println!("Name: {name}\nScore: {score}");
        }
        let error = records.get(3).unwrap_err();
        println!("Record 3: {error}");
    });
    print.start()?;
    print.join()?;
    Ok(())
}
