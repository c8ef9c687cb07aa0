// Unions: fields that share their storage.

use std::mem::ManuallyDrop;

#[repr(C)]
#[derive(Clone, Copy)]
union Number {
    float: f32,
    bits: u32,
}

#[repr(C)]
union Either {
    text: ManuallyDrop<String>,
    number: u64,
}

// The flag tells whether the value is a text.
struct Tagged(bool, Either);

impl Tagged {
    fn text(text: &str) -> Self {
        let text = ManuallyDrop::new(text.to_string());
        Tagged(true, Either { text })
    }

    fn number(number: u64) -> Self {
        Tagged(false, Either { number })
    }

    fn show(&self) -> String {
        unsafe {
            match self {
                Tagged(true, value) => value.text.to_string(),
                Tagged(_, Either { number }) => format!("#{number}"),
            }
        }
    }
}

impl Drop for Tagged {
    fn drop(&mut self) {
        if self.0 {
            println!("dropping {}", self.show());
            unsafe { ManuallyDrop::drop(&mut self.1.text) }
        }
    }
}

fn main() {
    let mut n = Number { float: 1.0 };
    println!("{:#x}", unsafe { n.bits });
    n.bits = 0xbf80_0000;
    println!("{}", unsafe { n.float });
    println!("{}", unsafe { n.float } == -1.0);
    let tagged = Tagged::text("hello");
    println!("{}", tagged.show());
    drop(tagged);
    println!("{}", Tagged::number(42).show());
}
