//! Sizes and colours of the picture, which follows the reader's light or dark.

use crate::server::wait_reason::WaitReason;

/// In pixels.
pub const WIDTH: f64 = 960.0;
pub const NAMES: f64 = 190.0;
pub const LANE: f64 = 32.0;
pub const BAR: f64 = 14.0;
pub const TOP: f64 = 34.0;
pub const STRIPE: f64 = 3.0;
pub const LEGEND_ROW: f64 = 18.0;

/// More locks that a thread holds at once share the last stripe.
pub const MAX_STRIPES: usize = 3;

/// What the picture needs beside the style of all pictures.
pub const STYLE: &str = "\
.run { fill: #5fa777 } .lock { fill: #c8553d } .channel { fill: #3d78c8 } .sleep { fill: #c9ccd1 } .join { fill: #a7b4c9 } \
.outside { fill: #d9b44a } .other { fill: #9a79b8 } .print { fill: #1f2328 } .spawn { stroke: #5b636d; fill: none } \
.gap { stroke: #1f2328; fill: none } .hold0 { fill: #8a3ffc } .hold1 { fill: #007d79 } .hold2 { fill: #b28600 } .hold3 { fill: #d12771 } .hold4 { fill: #0f62fe } .hold5 { fill: #6f6f6f } \
.arrow { fill: none; stroke-width: 1.2 } .unlock { stroke: #c8553d } .message { stroke: #3d78c8 } .notification { stroke: #9a79b8 } \
.end { stroke: #7d8797 } marker path { fill: context-stroke; stroke: none } \
@media (prefers-color-scheme: dark) { .run { fill: #4f9467 } \
.sleep { fill: #454b55 } .join { fill: #56627a } .print { fill: #e3e6ea } .spawn { stroke: #a3abb5 } .gap { stroke: #e3e6ea } .hold0 { fill: #be95ff } .hold1 { fill: #08bdba } .hold2 { fill: #f1c21b } .hold3 { fill: #ff7eb6 } .hold4 { fill: #78a9ff } .hold5 { fill: #c6c6c6 } }";

/// The head of an arrow.
pub const HEAD: &str = "<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" \
orient=\"auto\"><path d=\"M0 0 L6 3 L0 6 z\"/></marker></defs>";

/// How many locks have a colour of their own while they are held; further ones share them.
pub const HOLD_COLOURS: usize = 6;

/// Returns the class of the stripe for a lock that is held, among all that are.
pub fn hold_class(locks: &[&str], lock: &str) -> String {
    let index = locks.iter().position(|other| *other == lock);
    format!("hold{}", index.unwrap_or_default() % HOLD_COLOURS)
}

/// Returns the name of the colour for a wait.
pub fn class(reason: &WaitReason) -> &'static str {
    match reason {
        WaitReason::Mutex
        | WaitReason::Read
        | WaitReason::Write
        | WaitReason::Lock(_)
        | WaitReason::NamedLock { .. } => "lock",
        WaitReason::Receive
        | WaitReason::Send
        | WaitReason::MessageFrom(_)
        | WaitReason::RoomIn(_) => "channel",
        WaitReason::Sleep => "sleep",
        WaitReason::Join(_) | WaitReason::Scope | WaitReason::Child => "join",
        WaitReason::System(_) => "outside",
        _ => "other",
    }
}
