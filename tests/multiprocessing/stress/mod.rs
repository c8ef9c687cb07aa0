//! Many processes at once, and exits at bad moments. The timeouts are for a busy machine; on a quiet one each test
//! takes a second or less.

mod kills;
mod kills_of_servers;
mod many;
mod shared_memory;
mod sizes;
