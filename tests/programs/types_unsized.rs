// Dynamically sized types: str, slices and trait objects, and ?Sized.

use std::fmt::Debug;
use std::rc::Rc;
use std::sync::Arc;

fn size_of_it<T: ?Sized>(value: &T) -> usize {
    size_of_val(value)
}

fn show<T: Debug + ?Sized>(value: &T) -> String {
    format!("<{value:?}>")
}

// The last field of a struct may be unsized.
struct Tagged<T: ?Sized> {
    tag: u8,
    body: T,
}

fn tag(tagged: &Tagged<[u16]>) -> String {
    format!("{} {:?}", tagged.tag, &tagged.body)
}

fn main() {
    println!("{} {}", size_of_it("hello"), size_of_it(&[1_u32, 2, 3][..]));
    println!("{} {}", show("text"), show(&[1, 2][..]));
    let boxed: Box<str> = "boxed".into();
    println!("{boxed} {}", boxed.len());
    let shared: Rc<[i32]> = Rc::from(vec![1, 2, 3]);
    let other = Rc::clone(&shared);
    println!("{:?} {}", other, Rc::strong_count(&shared));
    let text: Arc<str> = Arc::from("arc");
    println!("{}", text.to_uppercase());
    println!(
        "{}",
        tag(&Tagged {
            tag: 7,
            body: [10, 20, 30]
        })
    );
    let sized: Box<Tagged<[u16; 2]>> = Box::new(Tagged {
        tag: 1,
        body: [5, 6],
    });
    let unsized_box: Box<Tagged<[u16]>> = sized;
    println!("{}", tag(&unsized_box));
    let objects: Vec<Box<dyn Debug>> = vec![Box::new(1), Box::new("two"), Box::new([3.0])];
    println!("{objects:?}");
    println!("{}", size_of::<&str>() == 2 * size_of::<&u8>());
    println!("{}", size_of::<&dyn Debug>() == 2 * size_of::<usize>());
}
