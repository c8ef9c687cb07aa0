// LazyLock and OnceLock in statics, and LazyCell in a variable.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, Once, OnceLock};

static WORDS: LazyLock<BTreeMap<&str, u32>> = LazyLock::new(|| {
    println!("building the table");
    BTreeMap::from([("one", 1), ("two", 2)])
});

static NAME: OnceLock<String> = OnceLock::new();

static SEEN: LazyLock<Mutex<Vec<u32>>> = LazyLock::new(Mutex::default);

static START: Once = Once::new();

fn name() -> &'static str {
    NAME.get_or_init(|| {
        println!("choosing a name");
        "default".to_string()
    })
}

fn look_up(word: &str) -> u32 {
    let value = WORDS.get(word).copied().unwrap_or_default();
    SEEN.lock().unwrap().push(value);
    value
}

fn main() {
    println!("nothing is built yet");
    println!("{}", look_up("two"));
    println!("{} {}", look_up("one"), look_up("six"));
    println!("{:?}", SEEN.lock().unwrap());
    println!("{:?}", NAME.get());
    println!("{} {}", name(), name());
    println!("{:?}", NAME.set("late".to_string()));
    for _ in 0..3 {
        START.call_once(|| println!("only once"));
    }
    println!("{}", START.is_completed());
    {
        let lazy = LazyCell::new(|| {
            println!("computing");
            42
        });
        println!("before");
        println!("{} {}", *lazy, *lazy + 1);
    }
}
