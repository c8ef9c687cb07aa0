//! Values at the end of a bar.

use super::format::{format_integer, format_num};

/// A value that [`set_postfix`](super::Tqdm::set_postfix) can show: a number or text.
pub trait Stat {
    #[doc(hidden)]
    fn stat(&self) -> String;
}

macro_rules! stat {
    ($($number:ty => $function:ident as $wide:ty),*) => {$(
        impl Stat for $number {
            fn stat(&self) -> String {
                $function(*self as $wide)
            }
        }
    )*};
}

stat! {
    f32 => format_num as f64, f64 => format_num as f64,
    i8 => format_integer as i64, i16 => format_integer as i64, i32 => format_integer as i64,
    i64 => format_integer as i64, isize => format_integer as i64,
    u8 => format_integer as i64, u16 => format_integer as i64, u32 => format_integer as i64,
    u64 => format_integer as i64, usize => format_integer as i64
}

impl Stat for str {
    fn stat(&self) -> String {
        self.into()
    }
}

impl Stat for String {
    fn stat(&self) -> String {
        self.clone()
    }
}

impl<T: Stat + ?Sized> Stat for &T {
    fn stat(&self) -> String {
        (**self).stat()
    }
}
