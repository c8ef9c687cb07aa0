// Async functions, driven by a tiny block_on.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

struct Countdown(u32);

impl Future for Countdown {
    type Output = &'static str;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.0 == 0 {
            return Poll::Ready("lift off");
        }
        println!("{}...", self.0);
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

async fn add(a: i32, b: i32) -> i32 {
    a + b
}

async fn parse_sum(text: &str) -> Result<i32, std::num::ParseIntError> {
    let mut sum = 0;
    for part in text.split('+') {
        sum = add(sum, part.trim().parse()?).await;
    }
    Ok(sum)
}

fn main() {
    println!("{}", block_on(add(1, 2)));
    let end = block_on(Countdown(3));
    println!("{end}");
    println!("{:?}", block_on(parse_sum("1 + 2 + 39")));
    println!("{}", block_on(parse_sum("1 + x")).is_err());
    let later = add(5, 6);
    println!("nothing has run yet");
    println!("{}", block_on(later));
    let value = block_on(async { add(1, 1).await * 10 });
    println!("{value}");
}
