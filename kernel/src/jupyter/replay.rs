//! Detects repeated messages: an eavesdropper could send a signed message again.

use super::wire::Signature;
use std::collections::{HashSet, VecDeque};

/// The number of signatures to remember, as in jupyter_client.
const MAX_SIGNATURES: usize = 1 << 16;

/// The signatures of the most recent messages.
#[derive(Default)]
pub struct Replay {
    seen: HashSet<Signature>,
    in_order: VecDeque<Signature>,
}

impl Replay {
    /// Records a signature and returns whether it was seen before.
    pub fn is_repeated(&mut self, signature: Signature) -> bool {
        if !self.seen.insert(signature) {
            return true;
        }
        self.in_order.push_back(signature);
        if self.in_order.len() > MAX_SIGNATURES
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
        for number in 0..=MAX_SIGNATURES {
            assert!(!replay.is_repeated(signature(number)));
        }
        assert_eq!(replay.seen.len(), MAX_SIGNATURES);
        assert!(replay.is_repeated(signature(MAX_SIGNATURES)));
        assert!(!replay.is_repeated(signature(0)));
    }
}
