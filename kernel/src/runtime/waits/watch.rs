//! Watches a cell: what its threads and processes do, for a picture.

use super::event::{EventKind, Site};
use super::events::{self, Recorded};
use super::libraries::Libraries;
use super::{accesses, activity, ownership, table, unwind};
use crate::ipc::{self, Watched};
use crate::runtime::process_group;

/// Begins to record what the cell does, whose library is loaded.
pub fn begin() {
    unwind::read_tables();
    // A handler of a signal must not be the first to need the thread's slot, which takes memory.
    let _ = table::own_slot();
    forget_objects();
    events::begin();
}

/// Records that the calling thread prints.
pub fn prints() {
    events::record_at(EventKind::Print, 0, 0, None);
}

/// Stops recording, and returns what the threads of the cell did; `None` if nothing was recorded.
pub fn end() -> Option<Watched> {
    let recorded = events::end()?;
    let this = std::process::id() as i32;
    let others = [process_group::relay(), process_group::copy()];
    let (watched, sites) = activity::of(&recorded, this, &others);
    let libraries = Libraries::mapped();
    let sites = sites
        .iter()
        .map(|site| described(*site, &recorded, &libraries));
    let sites = sites.collect();
    forget_objects();
    Some(Watched { sites, ..watched })
}

/// Forgets the locks and values of the cell.
fn forget_objects() {
    ownership::clear();
    accesses::clear();
}

fn described(site: Site, recorded: &Recorded, libraries: &Libraries) -> ipc::Site {
    match site {
        Site::Stack(index) => {
            let addresses = recorded.stack(index).into_iter();
            let frames = addresses.filter_map(|address| libraries.frame(address));
            ipc::Site::Stack(frames.collect())
        }
        Site::Location(address) => libraries.site(address),
    }
}
