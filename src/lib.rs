//! Threads and processes for notebook cells.
//!
//! Rust's standard library has threads, locks and atomics. This crate adds what Python's `threading`, `multiprocessing`
//! and `concurrent.futures` have besides: processes that run a closure, shared memory, an executor, thread names, and
//! Python's way to print values. A cell begins with
//!
//! ```
//! use threadbook::prelude::*;
//! ```
//!
//! # Processes
//!
//! A [`Process`](prelude::Process) is a copy of the program that runs a closure and exits. It has its own id and its
//! own memory: the parent does not see what it changes.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let mut numbers = vec![1, 2, 3];
//! let in_child = numbers.clone();
//! let mut p = Process::new(move || {
//!     let squares: Vec<_> = in_child.iter().map(|n| n * n).collect();
//!     println!("Result(in process p): {}", repr(&squares));
//! });
//! p.start()?;
//! p.join()?;
//! assert_eq!(p.exitcode(), Some(0));
//! numbers.push(4);
//! assert_eq!(repr(&numbers), "[1, 2, 3, 4]");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Shared memory
//!
//! A [`Value`](prelude::Value) and an [`Array`](prelude::Array) live in memory that all processes share. Each has a
//! lock: `get` and `set` hold it for one step, `get_lock` for as long as the guard lives.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let balance = Value::new(100);
//! let mut workers: Vec<_> = [1, -1]
//!     .map(|change| {
//!         let balance = balance.clone();
//!         Process::new(move || {
//!             for _ in 0..1000 {
//!                 *balance.get_lock() += change;
//!             }
//!         })
//!     })
//!     .into();
//! for p in &mut workers {
//!     p.start()?;
//! }
//! for p in &workers {
//!     p.join()?;
//! }
//! assert_eq!(balance.get(), 100);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # Threads
//!
//! Threads are those of `std::thread`; [`thread_name`](prelude::thread_name) returns a thread's name, for printing. A
//! [`ThreadPoolExecutor`](prelude::ThreadPoolExecutor) runs closures on a few threads and returns a
//! [`Future`](prelude::Future) for each.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let pool = ThreadPoolExecutor::new(2);
//! let good = pool.submit(|| 6 * 7);
//! let bad = pool.submit(|| -> i32 { panic!("no answer") });
//! assert_eq!(good.result(), Ok(42));
//! assert_eq!(bad.result().unwrap_err().to_string(), "no answer");
//! ```
//!
//! # Bars and rich output
//!
//! [`tqdm`](prelude::tqdm) puts a progress bar around an iterator, [`display`](prelude::display) shows HTML, images and
//! more, and [`input`](prelude::input) asks for a line. See the modules [`tqdm`](mod@tqdm) and
//! [`display`](mod@display).
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let mut sum = 0;
//! for n in tqdm(0..1000).desc("Adding") {
//!     sum += n;
//! }
//! display(Html(format!("<b>{sum}</b>")));
//! ```
//!
//! # Other crates
//!
//! This crate re-exports [`crossbeam`], [`rayon`], [`csv`], [`indicatif`] and [`rand`]:
//!
//! ```
//! use threadbook::rayon::prelude::*;
//!
//! let (sender, receiver) = threadbook::crossbeam::channel::unbounded();
//! sender.send((1..=4).into_par_iter().map(|n| n * n).sum::<i32>())?;
//! assert_eq!(receiver.recv(), Ok(30));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Python and Rust
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `threading.Thread(target=f)`, `t.start()` | `std::thread::spawn(f)` |
//! | `threading.Lock()` around `x` | `std::sync::Mutex::new(x)` |
//! | `threading.current_thread().name` | [`thread_name()`](prelude::thread_name) |
//! | `threading.Thread` with its methods, `Timer`, `enumerate()` | the same names in [`threading`] |
//! | `ThreadPoolExecutor(max_workers=2)` | [`ThreadPoolExecutor::new(2)`](prelude::ThreadPoolExecutor) |
//! | `ProcessPoolExecutor(2)` | [`ProcessPoolExecutor::new(2)`](prelude::ProcessPoolExecutor) |
//! | `executor.map(f, items)` | `executor.map(f, items)`, an iterator of `Result`s |
//! | `executor.submit(f, 1)` | `executor.submit(move \|\| f(1))` |
//! | `concurrent.futures.wait(futures)` | [`wait(&futures)`](prelude::wait) |
//! | `for future in as_completed(futures)` | `for future in as_completed(&futures)`, see [`concurrent::futures`] |
//! | `future.result()` raises | `future.result()` is an `Err` |
//! | `with` ends: `executor.shutdown()` | the executor is dropped, or `shutdown(true)` |
//! | `Process(target=f)`, `Process(target=f, name="n")` | [`Process::new(f)`](prelude::Process), `Process::named("n", f)` |
//! | `p.start()`, `p.join()` | `p.start()?`, `p.join()?` |
//! | `p.pid`, `p.exitcode`, `p.name`, `p.is_alive()` | `p.pid()`, `p.exitcode()`, `p.name()`, `p.is_alive()` |
//! | `Value('i', 0)`, `v.value`, `v.value = 1` | [`Value::new(0)`](prelude::Value), `v.get()`, `v.set(1)` |
//! | `with v.get_lock(): v.value += 1` | `*v.get_lock() += 1` |
//! | `Array('i', 4)`, `Array('i', [1, 2])` | [`Array::zeroed(4)`](prelude::Array), `Array::from([1, 2])` |
//! | `a[0]`, `a[0] = 1`, `a[:]`, `len(a)` | `a.get(0)`, `a.set(0, 1)`, `a.to_vec()`, `a.len()` |
//! | `Lock()`, `RLock()`, `Semaphore(n)`, `Event()`, `Condition()`, `Barrier(n)` of `multiprocessing` | [`Lock`](shared::Lock) and the others of [`shared`] |
//! | `Pipe()`, `Queue()`, `JoinableQueue()`, `SimpleQueue()` | the same names with `::new()`, see [`connection`] and [`queues`] |
//! | `Pool(4)`, `pool.map(f, items)` | [`Pool::new(4)`](prelude::Pool), `pool.map(f, items)?`, see [`pool`] |
//! | `Manager()`, `manager.list()` | [`Manager::new()?`](prelude::Manager), `manager.list([])?`, see [`manager`] |
//! | `current_process()`, `active_children()`, `cpu_count()` | the same, see [`process`] |
//! | `SharedMemory(create=True, size=64)`, `ShareableList([1, 2])` | [`SharedMemory::create(64)?`](prelude::SharedMemory), see [`shared_memory`] |
//! | `Listener(address, authkey=key)`, `Client(address, authkey=key)`, `connection.wait([a, b])` | the same, see [`connection`] |
//! | any other name of `multiprocessing` | see [`multiprocessing`] |
//! | `queue.Queue()` | `crossbeam::channel::unbounded()`, or [`queue::Queue::new()`](queue::Queue) |
//! | `for x in tqdm(things)`, `tqdm(total=100, desc="d")` | `for x in tqdm(things)`, `Tqdm::new(100).desc("d")` |
//! | `display(HTML(text))`, `input("Name? ")` | `display(Html(text))`, `input("Name? ")?` |
//! | `requests.get(url)` | [`requests::get(url)?`](requests::get), see [`requests`] |
//! | `pytube.YouTube(url)` | [`YouTube::new(url)`](prelude::YouTube), see [`youtube`] |
//! | `random.randint(1, 5)` | `rand::rng().random_range(1..=5)` |
//! | `time.sleep(0.000002)` | [`set_timer_slack(Duration::ZERO)`](prelude::set_timer_slack) once, then `thread::sleep(Duration::from_micros(2))` |
//! | `repr(x)`, `type(x)` | [`repr(&x)`](prelude::repr), [`class_of(&x)`](prelude::class_of) |
//!
//! # Platforms
//!
//! Linux 5.3 or later with glibc. The crate compiles for macOS too; [`process`] says what is missing there.

pub use {crossbeam, csv, indicatif, rand, rayon, serde};

// rustc names the types of `crossbeam::channel` by the crate that defines them, so a notebook can keep a variable of
// such a type only if that crate is within reach.
#[doc(no_inline)]
pub use crossbeam_channel;

pub mod concurrent;
pub mod connection;
pub mod display;
pub mod manager;
pub mod multiprocessing;
pub mod pool;
pub mod prelude;
pub mod process;
pub mod queue;
pub mod queues;
pub mod requests;
pub mod shared;
pub mod shared_memory;
pub mod threading;
pub mod tqdm;
pub mod youtube;

mod class_of;
mod executor;
mod future;
mod ipc;
mod mapping;
mod network;
mod new_file;
mod notebook;
mod os;
mod repr;
mod sync;
mod timer_slack;
mod wait;
mod worker_process;
