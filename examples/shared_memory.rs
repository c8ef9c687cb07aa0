//! Named memory: a process attaches to it by its name and changes it; a list of numbers and texts is there too.

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let memory = SharedMemory::create(8 * 4)?;
    memory.view::<i64>().set(0, 100);
    let name = memory.name().to_string();
    let mut p = Process::new(move || {
        let same = SharedMemory::attach(&name).expect("the segment");
        let numbers = same.view::<i64>();
        for n in 1..4 {
            numbers.set(n, numbers.get(n - 1) + 1);
        }
    });
    p.start()?;
    p.join()?;
    println!("{:?}", memory.view::<i64>());
    memory.unlink()?;

    let manager = SharedMemoryManager::new();
    let list = manager.shareable_list(["howdy".into(), 1.5.into(), 42.into()])?;
    let in_child = list.clone();
    let mut p = Process::new(move || in_child.set(0, "hello").expect("a shorter text"));
    p.start()?;
    p.join()?;
    println!("{} {} {}", list.get(0)?, list.get(1)?, list.get(2)?);
    println!("{}", list.format()?);
    // The end of the manager unlinks the list.
    Ok(())
}
