// Deref, DerefMut, AsRef and Borrow on a wrapper.

use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

#[derive(Debug, Default, PartialEq, Eq, Hash)]
struct Name(String);

impl Deref for Name {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl DerefMut for Name {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

fn total_length(items: &[impl AsRef<str>]) -> usize {
    items.iter().map(|item| item.as_ref().len()).sum()
}

fn clean(text: &str) -> Cow<'_, str> {
    match text.contains(' ') {
        true => Cow::Owned(text.replace(' ', "_")),
        false => Cow::Borrowed(text),
    }
}

fn main() {
    let mut name = Name::default();
    name.push_str("Ann");
    name.insert(0, '~');
    println!("{} {}", name.len(), name.to_uppercase());
    println!("{}", *name == "~Ann");
    let mut ages = HashMap::from([(name, 30)]);
    println!("{:?} {:?}", ages.get("~Ann"), ages.get("Bob"));
    *ages.entry(Name("Bob".into())).or_insert(0) += 4;
    println!("{}", ages["Bob"]);
    println!("{}", total_length(&["a", "bc"]));
    println!(
        "{} {}",
        clean("a b"),
        matches!(clean("ab"), Cow::Borrowed("ab"))
    );
    let owned = clean("c d e").into_owned();
    println!("{owned}");
}
