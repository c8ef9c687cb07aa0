//! `threadbook` from outside, as a user sees it: the tests that measure times, and their neighbours. The program after that of the other
//! tests, so that those take no processor from them; see also [`support::turn`].

mod cells;
mod completion;
mod completion_requests;
mod faults;
mod hub;
mod interrupt;
mod leftovers;
mod live;
mod messages;
mod streams;
mod watch;
mod work;
