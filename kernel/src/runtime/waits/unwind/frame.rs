//! The frame of a function, and how to get from it to that of its caller.

use addr2line::gimli::{CfaRule, RegisterRule, UnwindTableRow, X86_64};

/// No frame is larger, in bytes: what seems to be one is something else.
const MAX_FRAME_BYTES: u64 = 64 << 20;

const WORD_BYTES: u64 = 8;

/// Where a function goes on when the one that it has called returns, and the values of its registers then.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// 0 if there is no such function.
    pub returns_to: u64,
    pub stack_pointer: u64,
    pub frame_pointer: u64,
}

/// What lies on the stack of a function that has pushed its caller's frame pointer first, and nothing else before (System V Application
/// Binary Interface, AMD64, "The Stack Frame").
#[repr(C)]
pub struct Caller {
    frame_pointer: u64,
    returns_to: u64,
}

impl Caller {
    pub fn frame(&self) -> Frame {
        Frame {
            returns_to: self.returns_to,
            stack_pointer: std::ptr::from_ref(self).addr() as u64 + size_of::<Caller>() as u64,
            frame_pointer: self.frame_pointer,
        }
    }
}

impl Frame {
    /// Returns the frame of the function's caller. `rule` is that of the place where the function goes on; `word` reads the stack.
    pub fn caller(self, rule: &Rule, mut word: impl FnMut(u64) -> Option<u64>) -> Option<Frame> {
        let base = match rule.base {
            Base::StackPointer => self.stack_pointer,
            Base::FramePointer => self.frame_pointer,
        };
        let frame_end = base.checked_add(u64::from(rule.words) * WORD_BYTES)?;
        let size = frame_end.checked_sub(self.stack_pointer)?;
        if size == 0 || size > MAX_FRAME_BYTES {
            return None;
        }
        let below = |words: u8| frame_end.checked_sub(u64::from(words) * WORD_BYTES);
        Some(Frame {
            returns_to: word(below(1)?)?,
            frame_pointer: match rule.saved_frame_pointer {
                0 => self.frame_pointer,
                words => word(below(words)?)?,
            },
            stack_pointer: frame_end,
        })
    }
}

/// How to find the frame of a function's caller, at a place in the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The register from which the end of the function's frame is counted.
    base: Base,
    /// How many words above that the frame ends, with the return address.
    words: u32,
    /// How many words below the end of the frame the caller's frame pointer is saved; 0 if the register still holds it.
    saved_frame_pointer: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    StackPointer,
    FramePointer,
}

impl Rule {
    /// How many bits a rule takes.
    pub const BITS: u32 = 29;
    const WORDS_BITS: u32 = 20;
    const SAVED_BITS: u32 = 8;

    /// Returns the rule of a row of call frame information; `None` if there is no caller, or to find it takes more than these registers.
    pub fn of(row: &UnwindTableRow<usize>) -> Option<Rule> {
        let CfaRule::RegisterAndOffset { register, offset } = *row.cfa() else {
            return None;
        };
        let base = match register {
            X86_64::RSP => Base::StackPointer,
            X86_64::RBP => Base::FramePointer,
            _ => return None,
        };
        let saved_at = |register| match row.register(register) {
            None | Some(RegisterRule::SameValue) => Some(0),
            Some(RegisterRule::Offset(offset)) => words(offset.checked_neg()?),
            Some(_) => None,
        };
        let returns_as_usual = saved_at(X86_64::RA) == Some(1);
        returns_as_usual.then_some(())?;
        Some(Rule {
            base,
            words: words(offset)?,
            saved_frame_pointer: saved_at(X86_64::RBP)?.try_into().ok()?,
        })
    }

    /// Returns the rule as a number of at most [`BITS`](Self::BITS) bits, which is not 0; `None` if it does not fit.
    pub fn packed(self) -> Option<u64> {
        let fits = u64::from(self.words) < 1 << Self::WORDS_BITS;
        let base = u64::from(self.base == Base::FramePointer);
        let rest = u64::from(self.words) << Self::SAVED_BITS | u64::from(self.saved_frame_pointer);
        fits.then_some(rest << 1 | base)
    }

    /// Returns the rule of such a number.
    pub fn unpacked(packed: u64) -> Rule {
        let base = match packed & 1 {
            0 => Base::StackPointer,
            _ => Base::FramePointer,
        };
        let rest = packed >> 1;
        Rule {
            base,
            words: (rest >> Self::SAVED_BITS) as u32,
            saved_frame_pointer: rest as u8,
        }
    }
}

/// Returns how many words these bytes are; `None` if they are none, or not whole ones.
fn words(bytes: i64) -> Option<u32> {
    let bytes = u64::try_from(bytes).ok()?;
    let is_whole = bytes > 0 && bytes.is_multiple_of(WORD_BYTES);
    is_whole.then(|| u32::try_from(bytes / WORD_BYTES).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule by which the frame pointer, if it is saved, is so below the return address.
    fn rule(base: Base, words: u32, saved_frame_pointer: u8) -> Rule {
        Rule {
            base,
            words,
            saved_frame_pointer,
        }
    }

    /// A stack from 0x1000 on, in which each word holds its own address.
    fn word(address: u64) -> Option<u64> {
        (0x1000..0x2000).contains(&address).then_some(address)
    }

    #[test]
    fn the_frame_of_a_caller_is_above_what_is_saved() {
        let caller = Caller {
            frame_pointer: 7,
            returns_to: 9,
        };
        let frame = caller.frame();
        assert_eq!((frame.frame_pointer, frame.returns_to), (7, 9));
        assert_eq!(frame.stack_pointer, &raw const caller as u64 + 16);
    }

    #[test]
    fn frames_are_counted_from_either_register() {
        let frame = |returns_to, stack_pointer, frame_pointer| Frame {
            returns_to,
            stack_pointer,
            frame_pointer,
        };
        let inner = frame(1, 0x1010, 0x1100);
        let outer = inner.caller(&rule(Base::StackPointer, 4, 0), word);
        assert_eq!(outer, Some(frame(0x1028, 0x1030, 0x1100)));
        let outer = inner.caller(&rule(Base::StackPointer, 4, 3), word);
        assert_eq!(outer, Some(frame(0x1028, 0x1030, 0x1018)));
        let outer = inner.caller(&rule(Base::FramePointer, 2, 2), word);
        assert_eq!(outer, Some(frame(0x1108, 0x1110, 0x1100)));
    }

    #[test]
    fn what_cannot_be_a_frame_ends_the_walk() {
        let frame = Frame {
            returns_to: 1,
            stack_pointer: 0x1800,
            frame_pointer: 0x1000,
        };
        for rule in [
            // Below, outside and far outside of the stack.
            rule(Base::FramePointer, 2, 2),
            rule(Base::StackPointer, 0x1000, 0),
            rule(Base::StackPointer, u32::MAX, 0),
            rule(Base::StackPointer, 0, 0),
        ] {
            assert_eq!(frame.caller(&rule, word), None, "{rule:?}");
        }
        let last = Frame {
            frame_pointer: u64::MAX,
            ..frame
        };
        assert_eq!(last.caller(&rule(Base::FramePointer, 2, 2), word), None);
    }

    #[test]
    fn rules_are_packed() {
        for rule in [
            rule(Base::StackPointer, 1, 0),
            rule(Base::FramePointer, 2, 2),
            rule(Base::StackPointer, (1 << 20) - 1, 255),
        ] {
            let packed = rule.packed().expect("a small rule");
            assert!(packed != 0 && packed < 1 << Rule::BITS);
            assert_eq!(Rule::unpacked(packed), rule);
        }
        assert_eq!(rule(Base::StackPointer, 1 << 20, 0).packed(), None);
    }
}
