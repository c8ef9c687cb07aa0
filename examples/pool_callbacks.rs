//! Tasks of a pool whose results come to callbacks, and workers that are replaced.

use std::sync::mpsc;
use threadbook::prelude::*;

fn main() -> Result<(), PoolError> {
    let pool = Pool::new(2)
        .initializer(|| println!("a worker begins"))
        .maxtasksperchild(2);
    let (tell, told) = mpsc::channel();
    let (good, bad) = (tell.clone(), tell);
    let options = TaskOptions::new()
        .chunksize(2)
        .callback(move |squares: &Vec<i32>| good.send(repr(squares)).expect("a receiver"))
        .error_callback(move |error| bad.send(error.to_string()).expect("a receiver"));
    let result = pool.map_async_with(|n: i32| n * n, 0..8, options)?;
    result.wait();
    println!(
        "callback: {}",
        told.recv().expect("the callback has been called")
    );
    println!("successful: {}", result.successful()?);
    pool.close();
    pool.join()
}
