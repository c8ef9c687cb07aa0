mod as_completed;
mod future;
mod process_pool;
mod queue;
mod synchronisation;
mod thread;
mod thread_pool;
mod wait;
