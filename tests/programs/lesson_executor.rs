// Futures that a hand-written executor polls.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);
impl Log {
    fn add(&self, s: impl Into<String>) {
        self.0.borrow_mut().push(s.into())
    }
}
struct Yield(bool);
impl Future for Yield {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
}
async fn count(name: &str, n: u32, log: Log) -> u32 {
    let mut sum = 0;
    for i in 0..n {
        log.add(format!("{name}{i}"));
        Yield(false).await;
        sum += i;
    }
    sum
}
fn block_on<F: Future>(f: F) -> F::Output {
    let mut f = pin!(f);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(x) = f.as_mut().poll(&mut cx) {
            return x;
        }
    }
}
fn run(mut tasks: VecDeque<Pin<Box<dyn Future<Output = ()> + '_>>>) {
    let mut cx = Context::from_waker(Waker::noop());
    while let Some(mut t) = tasks.pop_front() {
        if t.as_mut().poll(&mut cx).is_pending() {
            tasks.push_back(t)
        }
    }
}
fn main() {
    let log = Log::default();
    println!("{}", block_on(count("a", 3, log.clone())));
    let fut = async {
        let x = count("b", 2, log.clone()).await;
        x * 10
    };
    println!("{}", block_on(fut));
    let mut tasks: VecDeque<Pin<Box<dyn Future<Output = ()>>>> = VecDeque::new();
    for name in ["x", "y"] {
        let log = log.clone();
        tasks.push_back(Box::pin(async move {
            count(name, 2, log).await;
        }));
    }
    run(tasks);
    println!("{}", log.0.borrow().join(" "));
    let doubled = async |x: u32| x * 2;
    println!("{}", block_on(doubled(4)));
    let v = block_on(count("w", 1, log.clone()));
    println!("{v} {}", Rc::strong_count(&log.0));
}
