// A structure that borrows its keys, used over many statements.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
#[derive(Debug, Clone, PartialEq, Default)]
struct Item {
    name: String,
    count: u32,
    tags: Vec<&'static str>,
}
#[derive(Debug, Default)]
struct Inventory<'s> {
    items: BTreeMap<&'s str, Item>,
    last: Option<&'s str>,
}
impl<'s> Inventory<'s> {
    fn add(&mut self, name: &'s str, n: u32) -> &mut Item {
        self.last = Some(name);
        let item = match self.items.entry(name) {
            Entry::Vacant(v) => v.insert(Item {
                name: name.to_string(),
                ..Default::default()
            }),
            Entry::Occupied(o) => o.into_mut(),
        };
        item.count += n;
        item
    }
    fn get(&self, name: &str) -> Option<&Item> {
        self.items.get(name)
    }
    fn most(&self) -> impl Iterator<Item = (&&'s str, &Item)> + '_ {
        let max = self.items.values().map(|i| i.count).max();
        self.items.iter().filter(move |(_, i)| Some(i.count) == max)
    }
}
fn main() {
    let names = String::from("nut,bolt,nut");
    let mut inv = Inventory::default();
    for n in names.split(',') {
        inv.add(n, 2).tags.push("new");
    }
    println!("{inv:?}");
    let nut = inv.add("nut", 1);
    nut.tags.clear();
    nut.count *= 2;
    println!("{nut:?}");
    let most: Vec<_> = inv
        .most()
        .map(|(n, i)| format!("{n}:{}", i.count))
        .collect();
    println!("{most:?} {:?}", inv.last);
    let bolt = inv.get("bolt").cloned().unwrap_or_default();
    println!(
        "{}",
        bolt == Item {
            name: "bolt".into(),
            count: 2,
            tags: vec!["new"]
        }
    );
    let view = inv.items.values();
    let total: u32 = view.clone().map(|i| i.count).sum();
    println!("{total} {}", view.len());
    let removed = inv.items.first_entry().unwrap().remove();
    println!("{}", removed.name);
    let mut lines = names.split(',').map(|s| s.len());
    let (a, b, c) = (lines.next(), lines.next(), lines.next());
    println!("{a:?} {b:?} {c:?} {:?}", lines.next());
    inv.items.retain(|_, i| i.count > 100);
    println!("{}", inv.items.is_empty());
    let slices: [&[i32]; 2] = [&[1, 2], &[]];
    let lens = slices.map(<[i32]>::len);
    println!("{lens:?}");
    let mut a = vec![3, 1, 2];
    let m = a.iter_mut().max().unwrap();
    *m = 0;
    let s = &a[..];
    println!("{s:?} {:?}", s.iter().min());
    a.sort();
    let (x, y) = a.split_at_mut(1);
    x[0] += y[0];
    std::mem::swap(&mut x[0], &mut y[1]);
    println!("{a:?}");
    let text = format!("{}-{}", names, a.len());
    let parts = text.split('-').collect::<Vec<_>>();
    let [l, r] = parts.as_slice() else {
        unreachable!()
    };
    println!("{l} {r}");
    let opt: Option<&mut Vec<i32>> = Some(&mut a);
    if let Some(v) = opt {
        v.push(1);
    }
    println!("{}", a.len());
    let w = a.first_mut().map(|x| {
        *x = 42;
        &*x
    });
    println!("{w:?}");
}
