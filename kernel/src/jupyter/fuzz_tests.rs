//! Runs the fuzz target on mutated messages that are the same in every run.

use super::decode::decode;
use serde_json::json;

/// Returns a message in the fuzz target's format: a byte for how to decode it, then frames with their lengths.
fn seed(how: u8, kind: &str) -> Vec<u8> {
    let header = json!({
        "msg_id": "1", "session": "s", "username": "u", "date": "2026-01-01T00:00:00Z", "msg_type": kind,
        "version": "5.5",
    });
    let content =
        json!({"code": "größe", "cursor_pos": 3, "silent": false, "data": {}, "comm_id": "c"});
    let mut bytes = vec![how];
    for part in [header, json!({}), json!({}), content] {
        let part = part.to_string();
        bytes.extend((part.len() as u16).to_le_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[test]
fn no_bytes_make_the_decoder_panic() {
    let kinds = [
        "execute_request",
        "complete_request",
        "history_request",
        "comm_open",
        "dance",
        "",
    ];
    let mut random = 0x5eed_u64;
    let mut below = |bound: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % bound
    };
    for _ in 0..20_000 {
        let mut bytes = seed(below(4) as u8, kinds[below(kinds.len())]);
        for _ in 0..below(6) {
            let at = below(bytes.len());
            match below(4) {
                0 => bytes.truncate(at + 1),
                1 => bytes.insert(at, below(256) as u8),
                2 => drop(bytes.remove(at)),
                _ => bytes[at] = below(256) as u8,
            }
            if bytes.is_empty() {
                break;
            }
        }
        decode(&bytes);
    }
    decode(&[]);
}
