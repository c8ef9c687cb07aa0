// Async blocks and closures, boxed futures, and two futures in turns.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

type Task = Pin<Box<dyn Future<Output = ()>>>;

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            break value;
        }
    }
}

async fn pause() {
    let mut waited = false;
    std::future::poll_fn(|_| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        Poll::Pending
    })
    .await
}

async fn worker(name: &'static str, steps: u32) {
    for step in 1..=steps {
        println!("{name}: step {step}");
        pause().await;
    }
}

fn run_all(mut tasks: Vec<Task>) {
    let mut context = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
    }
}

fn main() {
    let mut tasks: Vec<Task> = Vec::new();
    tasks.push(Box::pin(worker("first", 2)));
    tasks.push(Box::pin(worker("second", 3)));
    tasks.push(Box::pin(async { println!("a block") }));
    run_all(tasks);
    let name = String::from("moved");
    let length = async move { name.len() };
    println!("{}", block_on(length));
    let double = async |x: i32| x * 2;
    println!("{}", block_on(double(21)));
    let answer = block_on(async { std::future::ready(7).await });
    println!("{answer}");
}
