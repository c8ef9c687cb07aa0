//! Refuses messages that came before: whoever has heard a signed message could send it again.

use super::wire::Signature;
use std::collections::{HashSet, VecDeque};

/// How many signatures are remembered, as in jupyter_client.
const REMEMBERED: usize = 1 << 16;

/// The signatures of the messages that came last.
#[derive(Default)]
pub struct Replay {
    seen: HashSet<Signature>,
    in_order: VecDeque<Signature>,
}

impl Replay {
    /// Remembers a signature; whether it came before.
    pub fn is_repeated(&mut self, signature: Signature) -> bool {
        if !self.seen.insert(signature) {
            return true;
        }
        self.in_order.push_back(signature);
        if self.in_order.len() > REMEMBERED
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(number: usize) -> Signature {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        bytes
    }

    #[test]
    fn a_signature_is_taken_once() {
        let mut replay = Replay::default();
        assert!(!replay.is_repeated(signature(1)));
        assert!(!replay.is_repeated(signature(2)));
        assert!(replay.is_repeated(signature(1)));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut replay = Replay::default();
        for number in 0..=REMEMBERED {
            assert!(!replay.is_repeated(signature(number)));
        }
        assert_eq!(replay.seen.len(), REMEMBERED);
        assert!(replay.is_repeated(signature(REMEMBERED)));
        assert!(!replay.is_repeated(signature(0)));
    }
}
