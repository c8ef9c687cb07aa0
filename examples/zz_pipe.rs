use threadbook::prelude::*;
fn main() {
    let (here, there) = Pipe::new();
    let n: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut p = Process::new(move || {
        for _ in 0..n {
            let n: u64 = there.recv().unwrap();
            there.send(&n).unwrap();
        }
    });
    p.start().unwrap();
    let t = std::time::Instant::now();
    for i in 0..n {
        here.send(&i).unwrap();
        assert_eq!(here.recv().unwrap(), i);
    }
    println!("{:.2} us", t.elapsed().as_secs_f64() * 1e6 / n as f64);
    p.join().unwrap();
}
