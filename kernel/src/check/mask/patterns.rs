//! The regular expressions of the masks. An expression with a group masks only that group.

use std::sync::LazyLock;

use regex::Regex;

use super::Kind;

/// Only the words around a number make it an id: `task 2` has none, `ID of process running task 2: 4711` has one.
const IDS: &[&str] = &[
    r"(?i)\bp?pid\b\s*(?:is|[:=])?\s*\(?(\d+)",
    r"(?i)\b(?:process|thread|worker)[ _-]id\b[^:=\d\n]*(?:\d+\s*)?[:=]\s*(\d+)",
    r"(?i)\b(?:process|thread|worker)[ _-]id\b\s*(?:is\s+)?(\d+)",
    // Without `\b`: two processes may have written to the same line.
    r"(?i)id of [^:=\n]*\b(?:process|thread|worker)\b[^:=\n]*[:=]\s*(\d+)",
    r"(?i)\bident(?:ifier)?\b\s*(?:is|[:=])\s*(\d+)",
    r"(?i)\bprocess(?:ed|ing)?\s+by\s+(?:process\s+)?(\d+)",
    r"(?i)\b(?:by|in|on|from|to)\s+process\s+(\d+)",
    r"\b(?:ThreadPoolExecutor|ForkPoolWorker|SpawnPoolWorker|ForkServerPoolWorker)-(\d+)",
    r"\bstarted (?:daemon )?(\d{4,})\)?>",
    r"\bThreadId\((\d+)\)",
    r"\bthread '[^']*' \((\d+)\) panicked",
];

/// The end of a progress bar, after its numbers: `[00:01<00:03, 95.1it/s]`.
const BAR: &str = r"\[(?:\d+:)?\d+:\d\d(?:<[^\]]*|, [^\]]*)\]";

const TIMES: &[&str] = &[
    BAR,
    r"\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?",
    r"\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\s?(?:ns|µs|μs|us|ms|s|secs?|seconds?|min|mins|minutes?|h|hours?)\b",
    r"(?i)\b(?:time|times|elapsed|took|duration|seconds|latency)\b[^\d\n]{0,20}?(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)",
    r"\b(\d[\d,]*) loops? each\b",
];

const RATES: &[&str] = &[
    BAR,
    r"\b\d+(?:\.\d+)?\s?[A-Za-z]*/s(?:ec)?\b",
    r"\b\d+(?:\.\d+)?\s?s/[A-Za-z]+\b",
    r"\b(\d+(?:\.\d+)?) [a-z]* ?(?:per|a) second\b",
];

const BYTES: &[&str] = &[r"\b(\d[\d,_]*(?:\.\d+)?)\s?(?:bytes?|[kKMGT]i?B)\b"];

const ADDRESSES: &[&str] = &[
    r"\b0x[0-9a-fA-F]{5,16}\b",
    r"/tmp/ipykernel_\d+/\d+\.py",
    r"<ipython-input-\d+-[0-9a-f]+>",
];

const PATHS: &[&str] = &[r#"(?:^|[\s'"(=:<,])((?:/[^/\s'"<>]+)*/)[^/\s'"<>]+"#];

const NUMBERS: &[&str] = &[r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"];

/// Returns the expressions of a kind; none for kinds that are not found in text.
pub fn of(kind: Kind) -> &'static [Regex] {
    static COMPILED: LazyLock<[Vec<Regex>; 7]> = LazyLock::new(|| {
        [IDS, TIMES, RATES, BYTES, ADDRESSES, PATHS, NUMBERS].map(|patterns| {
            let compile = |pattern: &&str| Regex::new(pattern).expect("a constant, tested below");
            patterns.iter().map(compile).collect()
        })
    });
    let [ids, times, rates, bytes, addresses, paths, numbers] = &*COMPILED;
    match kind {
        Kind::Ids => ids,
        Kind::Times => times,
        Kind::Rates => rates,
        Kind::Bytes => bytes,
        Kind::Addresses => addresses,
        Kind::Paths => paths,
        Kind::Numbers => numbers,
        Kind::Images | Kind::Stderr | Kind::Any => &[],
    }
}
