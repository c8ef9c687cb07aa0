//! Random malformed messages.

use super::client::{DELIMITER, sign};
use serde_json::{Value, json};
use support::random::Random;

/// Returns requests of clients, except those that end the kernel or run a cell for long.
pub fn requests() -> Vec<(&'static str, Value)> {
    vec![
        ("kernel_info_request", json!({})),
        ("connect_request", json!({})),
        (
            "execute_request",
            json!({"code": "", "silent": true, "store_history": false, "user_expressions": {}}),
        ),
        ("complete_request", json!({"code": ":he", "cursor_pos": 3})),
        (
            "inspect_request",
            json!({"code": ":help", "cursor_pos": 3, "detail_level": 0}),
        ),
        ("is_complete_request", json!({"code": "fn f("})),
        (
            "history_request",
            json!({"hist_access_type": "tail", "n": 3, "output": false, "raw": true}),
        ),
        ("comm_info_request", json!({"target_name": "a"})),
        (
            "comm_open",
            json!({"comm_id": "a", "target_name": "b", "data": {}}),
        ),
        ("comm_msg", json!({"comm_id": "a", "data": {}})),
        ("comm_close", json!({"comm_id": "a", "data": {}})),
        (
            "debug_request",
            json!({"type": "request", "seq": 1, "command": "attach"}),
        ),
        ("interrupt_request", json!({})),
        ("input_reply", json!({"value": "x", "status": "ok"})),
        ("unheard_of_request", json!({})),
    ]
}

/// Returns the frames of a message signed with `key`, usually malformed.
pub fn frames(random: &mut Random, key: &str, requests: &[(&str, Value)]) -> Vec<Vec<u8>> {
    let (kind, content) = &requests[random.below(requests.len())];
    let mut content = content.clone();
    let mut header = json!({
        "msg_id": format!("m{}", random.below(1 << 31)), "session": "s", "username": "u",
        "date": "2026-01-01T00:00:00Z", "msg_type": kind, "version": "5.5",
    });
    let mut parent = json!({});
    let mut metadata = json!({});
    // Valid JSON that does not fit the message type.
    for _ in 0..random.below(3) {
        let part = match random.below(6) {
            0 => &mut header,
            1 => &mut parent,
            2 => &mut metadata,
            _ => &mut content,
        };
        spoil(part, random);
    }
    // The cell must stay short, whatever changed.
    if content["code"] != json!("") && *kind == "execute_request" {
        content["code"] = json!("");
    }
    let mut parts: Vec<Vec<u8>> = [header, parent, metadata, content]
        .iter()
        .map(|part| serde_json::to_vec(part).expect("JSON"))
        .collect();
    // Bytes that are not JSON.
    if random.below(4) == 0 {
        let at = random.below(4);
        scramble(&mut parts[at], random);
    }
    let mut signature = sign(key, &parts);
    if random.below(6) == 0 {
        scramble(&mut signature, random);
    }
    let mut all = vec![DELIMITER.to_vec(), signature];
    all.extend(parts);
    // Missing, duplicate, swapped, truncated or huge frames.
    for _ in 0..random.below(3) {
        if random.below(2) == 0 {
            rearrange(&mut all, random);
        }
    }
    all
}

/// Changes, removes or adds a field of an object.
fn spoil(part: &mut Value, random: &mut Random) {
    let Some(object) = part.as_object_mut() else {
        return;
    };
    let keys: Vec<String> = object.keys().cloned().collect();
    let value = random.value(3);
    match keys.get(random.below(keys.len() + 1)) {
        Some(key) if random.below(3) == 0 => drop(object.remove(key)),
        Some(key) => drop(object.insert(key.clone(), value)),
        None => drop(object.insert("extra".to_owned(), value)),
    }
}

/// Replaces, truncates or changes bytes.
pub fn scramble(part: &mut Vec<u8>, random: &mut Random) {
    match random.below(5) {
        0 => *part = random.bytes(300),
        1 => part.truncate(random.below(part.len() + 1)),
        2 => {
            *part = random
                .one_of(&[
                    &b""[..],
                    b"null",
                    b"[]",
                    b"{}",
                    b"\xff\xfe",
                    b"{\"a\":",
                    DELIMITER,
                ])
                .to_vec()
        }
        3 => *part = b"{\"a\":".repeat(random.below(5000)),
        _ => {
            for _ in 0..=random.below(4) {
                if !part.is_empty() {
                    let at = random.below(part.len());
                    part[at] = random.below(256) as u8;
                }
            }
        }
    }
}

/// Adds, removes or swaps frames.
fn rearrange(all: &mut Vec<Vec<u8>>, random: &mut Random) {
    if all.is_empty() {
        return;
    }
    let at = random.below(all.len());
    match random.below(7) {
        0 => drop(all.remove(at)),
        1 => {
            let copy = all[at].clone();
            all.insert(at, copy);
        }
        2 => all.truncate(at),
        3 => {
            let other = random.below(all.len());
            all.swap(at, other);
        }
        4 => all.insert(at, random.bytes(300)),
        5 => all.extend(vec![Vec::new(); random.below(40)]),
        _ if random.below(50) == 0 => all.insert(at, vec![b'x'; 1 << 20]),
        _ => all.insert(at, DELIMITER.to_vec()),
    }
}
