//! The words in the picture: in the bars, where there is room, and for the lanes.

use super::model::Span;
use crate::server::wait_reason::WaitReason;

/// How wide a character of a word in a bar is, in pixels, and what is free around the word.
const CHARACTER: f64 = 5.6;
const AROUND: f64 = 10.0;

/// The longest name of a lane, in characters.
const MAX_NAME: usize = 26;

/// Returns the longest words for a wait that fit a bar of this width.
pub fn in_bar(wait: &Span, width: f64) -> Option<String> {
    let (what, of) = words(&wait.reason);
    let full = of.map_or_else(|| what.to_owned(), |of| format!("{what} {of}"));
    let count = (wait.count > 1).then(|| format!("{}×", wait.count));
    let mut choices = Vec::new();
    if let Some(count) = count {
        choices.extend([format!("{full} {count}"), format!("{what} {count}"), count]);
    } else {
        choices.extend([full, what.to_owned()]);
    }
    choices.into_iter().find(|word| self::width(word) <= width)
}

/// Returns how much room a word takes, in pixels.
pub fn width(word: &str) -> f64 {
    word.chars().count() as f64 * CHARACTER + AROUND
}

/// Returns what a wait is for, and which object more exactly.
fn words(reason: &WaitReason) -> (&str, Option<String>) {
    match reason {
        WaitReason::Running => ("nothing", None),
        WaitReason::Mutex | WaitReason::Read | WaitReason::Write | WaitReason::Lock(_) => {
            ("lock", None)
        }
        WaitReason::NamedLock { lock, .. } => ("lock", Some(plain(lock))),
        WaitReason::Receive => ("message", None),
        WaitReason::MessageFrom(channel) => ("message", Some(plain(channel))),
        WaitReason::Send => ("room", None),
        WaitReason::RoomIn(channel) => ("room", Some(format!("in {}", plain(channel)))),
        WaitReason::Condvar => ("condition", None),
        WaitReason::NotificationOf(condition) => ("condition", Some(plain(condition))),
        WaitReason::Notification => ("event", None),
        WaitReason::Barrier => ("barrier", None),
        WaitReason::Once => ("initialises", None),
        WaitReason::Join(_) => ("join", None),
        WaitReason::Scope => ("scope", None),
        WaitReason::Park => ("park", None),
        WaitReason::Work(what) => (what, None),
        WaitReason::Memory => ("waits", None),
        WaitReason::Sleep => ("sleeps", None),
        WaitReason::Child => ("process", None),
        WaitReason::System(what) => (what, None),
    }
}

/// Returns the name of a lane, shortened to the room that it has.
pub fn of_lane(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let short: String = name.chars().take(MAX_NAME - 1).collect();
    format!("{short}…")
}

/// Returns a name without the backticks, which say in texts that it is the cell's.
pub fn plain(name: &str) -> String {
    name.replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(reason: WaitReason, count: u64) -> Span {
        Span {
            begin: 0,
            end: 1,
            reason,
            place: None,
            count,
            waited: 1,
            longest: 1,
        }
    }

    #[test]
    fn a_word_says_as_much_as_there_is_room_for() {
        let lock = || WaitReason::NamedLock {
            lock: "`balance`".to_owned(),
            holder: None,
        };
        let word = |count, width| in_bar(&wait(lock(), count), width);
        assert_eq!(word(1, 200.0).as_deref(), Some("lock balance"));
        assert_eq!(word(1, 40.0).as_deref(), Some("lock"));
        assert_eq!(word(1, 20.0), None);
        assert_eq!(word(1000, 200.0).as_deref(), Some("lock balance 1000×"));
        assert_eq!(word(1000, 70.0).as_deref(), Some("lock 1000×"));
        assert_eq!(word(1000, 40.0).as_deref(), Some("1000×"));
        let room = wait(WaitReason::RoomIn("`jobs`".to_owned()), 1);
        assert_eq!(in_bar(&room, 100.0).as_deref(), Some("room in jobs"));
        assert_eq!(in_bar(&room, 60.0).as_deref(), Some("room"));
    }

    #[test]
    fn a_long_name_is_shortened() {
        assert_eq!(of_lane("ThreadPoolExecutor-0_0"), "ThreadPoolExecutor-0_0");
        assert_eq!(of_lane(&"n".repeat(40)).chars().count(), MAX_NAME);
    }
}
