//! Sizes and colours of the picture, which follows the reader's light or dark.

use super::model::ArrowKind;
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

/// What the picture needs beside the style of all pictures. What a colour says, a pattern says too.
pub const STYLE: &str = "\
.run { fill: #5fa777 } .lock { fill: url(#lock) } .channel { fill: url(#channel) } .sleep, .in-sleep { fill: #c9ccd1 } .join { fill: url(#join) } \
.outside { fill: url(#outside) } .other { fill: url(#other) } .in-lock { fill: #b8452d } .in-channel { fill: #2f6ab8 } .in-join { fill: #a7b4c9 } \
.in-outside { fill: #d9b44a } .in-other { fill: #b79ad0 } pattern path { stroke: #fff; stroke-opacity: .45; stroke-width: 1.5; fill: none } \
.word { font-size: 10px } .word-lock { fill: #fff } .word-channel { fill: #fff } .word-outside { fill: #1f2328 } .word-other { fill: #1f2328 } .print { fill: #1f2328 } .spawn { stroke: #5b636d; fill: none } .gap { stroke: #1f2328; fill: none } \
.hold { stroke-width: 3 } .hold0 { stroke: #8a3ffc } .hold1 { stroke: #007d79; stroke-dasharray: 6 2 } .hold2 { stroke: #b28600; stroke-dasharray: 2 1 } \
.hold3 { stroke: #d12771; stroke-dasharray: 9 2 2 2 } .hold4 { stroke: #0f62fe; stroke-dasharray: 3 3 } .hold5 { stroke: #6f6f6f; stroke-dasharray: 12 3 } \
.arrow { fill: none; stroke-width: 1.2 } .unlock { stroke: #b8452d } .message { stroke: #2f6ab8; stroke-dasharray: 7 2 } \
.notification { stroke: #8a63ad; stroke-dasharray: 3 2 } .end { stroke: #7d8797; stroke-dasharray: 1.5 2 } \
.band { fill-opacity: .2 } .band.unlock { fill: #b8452d } .band.message { fill: #2f6ab8 } .band.notification { fill: #8a63ad } .band.end { fill: #7d8797 } \
marker path { fill: context-stroke; stroke: none } \
@media (prefers-color-scheme: dark) { .run { fill: #4f9467 } \
.sleep, .in-sleep { fill: #454b55 } .in-join { fill: #56627a } .print { fill: #e3e6ea } \
.spawn { stroke: #a3abb5 } .gap { stroke: #e3e6ea } .hold0 { stroke: #be95ff } .hold1 { stroke: #08bdba } .hold2 { stroke: #f1c21b } .hold3 { stroke: #ff7eb6 } \
.hold4 { stroke: #78a9ff } .hold5 { stroke: #c6c6c6 } .unlock { stroke: #ff7b5c } .message { stroke: #78a9ff } .notification { stroke: #c9a9e3 } .end { stroke: #a3abb5 } }";

/// The head of an arrow, and the patterns of waits.
pub const DEFINITIONS: &str = "<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" \
orient=\"auto\"><path d=\"M0 0 L6 3 L0 6 z\"/></marker>\
<pattern id=\"lock\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"in-lock\" width=\"6\" height=\"6\"/><path d=\"M-1 1 l2 -2 M0 6 L6 0 M5 7 l2 -2\"/></pattern>\
<pattern id=\"channel\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"in-channel\" width=\"6\" height=\"6\"/><path d=\"M3 0 V6\"/></pattern>\
<pattern id=\"join\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"in-join\" width=\"6\" height=\"6\"/><path d=\"M2 3 h2\"/></pattern>\
<pattern id=\"outside\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"in-outside\" width=\"6\" height=\"6\"/><path d=\"M0 3 H6\"/></pattern>\
<pattern id=\"other\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"in-other\" width=\"6\" height=\"6\"/><path d=\"M-1 5 l2 2 M0 0 L6 6 M5 -1 l2 2\"/></pattern></defs>";

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

/// Returns the name of the colour for an arrow.
pub fn arrow_class(kind: ArrowKind) -> &'static str {
    match kind {
        ArrowKind::Unlock => "unlock",
        ArrowKind::Message => "message",
        ArrowKind::Notification => "notification",
        ArrowKind::End => "end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_has_a_colour_for_its_bar_and_its_word() {
        let reasons = [
            WaitReason::Mutex,
            WaitReason::Receive,
            WaitReason::Sleep,
            WaitReason::Scope,
            WaitReason::System(""),
            WaitReason::Barrier,
        ];
        for class in reasons.each_ref().map(class) {
            assert!(STYLE.contains(&format!(".{class}")), "{class}");
            assert!(STYLE.contains(&format!(".in-{class} {{")), "{class}");
            let pattern = format!("url(#{class})");
            let is_defined = DEFINITIONS.contains(&format!("id=\"{class}\""));
            assert_eq!(STYLE.contains(&pattern), is_defined, "{class}");
        }
    }
}
