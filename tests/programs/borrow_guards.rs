// Guards and handles that borrow earlier variables: RefCell, Mutex, entries.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::sync::{Mutex, RwLock};

#[derive(Debug)]
struct Account {
    owner: String,
    balance: i64,
}

fn owner(account: &RefCell<Account>) -> Ref<'_, String> {
    Ref::map(account.borrow(), |account| &account.owner)
}

fn main() {
    let account = RefCell::new(Account {
        owner: "Ann".to_string(),
        balance: 10,
    });
    let mut guard = account.borrow_mut();
    guard.balance += 5;
    println!("{}", guard.balance);
    println!("{}", account.try_borrow().is_err());
    drop(guard);
    let name = owner(&account);
    println!("{name} {}", name.len());
    drop(name);
    let lock = Mutex::new(vec![1, 2]);
    let mut items = lock.lock().unwrap();
    items.push(3);
    println!("{items:?} {}", lock.try_lock().is_err());
    drop(items);
    println!("{:?}", lock.lock());
    let shared = RwLock::new(7);
    let reader = shared.read().unwrap();
    println!("{} {}", *reader, shared.try_write().is_err());
    drop(reader);
    *shared.write().unwrap() += 1;
    println!("{}", shared.read().unwrap());
    let mut map = BTreeMap::from([("a", 1)]);
    {
        let slot = map.entry("b").or_insert(0);
        *slot += 40;
        *slot += 2;
        println!("{slot}");
    }
    println!("{map:?} {}", account.borrow().balance);
}
