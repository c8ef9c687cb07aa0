//! Many at once, and ends at bad moments. The time limits are for a busy machine; on a quiet one each takes a second or less.

mod kills;
mod kills_of_servers;
mod many;
mod sizes;
