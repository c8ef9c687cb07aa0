//! A process squares the numbers of a list; the results and their sum come back through shared memory.

use threadbook::prelude::*;

fn main() -> std::io::Result<()> {
    let numbers = [1, 2, 3, 4];
    let (squares, sum) = (Array::zeroed(numbers.len()), Value::new(0));
    let mut worker = Process::new({
        let (squares, sum) = (squares.clone(), sum.clone());
        move || {
            for (i, n) in numbers.iter().enumerate() {
                squares.set(i, n * n);
                *sum.get_lock() += n * n;
            }
            println!("in the process: {}", repr(&squares));
        }
    });
    worker.start()?;
    worker.join()?;
    println!("in the parent:  {}", repr(&squares));
    println!(
        "the last one, and the sum: {}, {}",
        squares.get(3),
        sum.get()
    );
    Ok(())
}
