//! What the system tells of processes and threads in `/proc/pid/stat` (proc(5)).

use std::fs;

/// The first fields of a `stat`.
pub struct Stat<'a> {
    pub name: &'a str,
    pub state: char,
    parent: i32,
    group: i32,
}

/// A process that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    pub id: i32,
    pub parent: i32,
    pub group: i32,
}

/// Lists the live processes; none where there is no `/proc`.
pub fn live_processes() -> impl Iterator<Item = Process> {
    ids_in("/proc").filter_map(|id| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let Stat { parent, group, .. } = Stat::parse(&stat).filter(|stat| !stat.has_ended())?;
        Some(Process { id, parent, group })
    })
}

/// Lists the threads of a process, those included that are at their end.
pub fn threads_of(process: i32) -> impl Iterator<Item = i32> {
    ids_in(&format!("/proc/{process}/task"))
}

fn ids_in(folder: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

impl Stat<'_> {
    pub fn parse(stat: &str) -> Option<Stat<'_>> {
        // The name stands in parentheses, and may have some itself.
        let (before, after) = stat.rsplit_once(") ")?;
        let (_, name) = before.split_once('(')?;
        let mut fields = after.split_ascii_whitespace();
        Some(Stat {
            name,
            state: fields.next()?.chars().next()?,
            parent: fields.next()?.parse().ok()?,
            group: fields.next()?.parse().ok()?,
        })
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.state, 'Z' | 'X' | 'x')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_read_from_its_stat() {
        let stat = Stat::parse("7 (a) b) S 1 7 7 0").expect("a thread");
        assert_eq!((stat.name, stat.state), ("a) b", 'S'));
        assert_eq!((stat.parent, stat.group), (1, 7));
        assert!(Stat::parse("7 (a) Z 1 7 7").is_some_and(|stat| stat.has_ended()));
        assert!(Stat::parse("").is_none());
    }
}
