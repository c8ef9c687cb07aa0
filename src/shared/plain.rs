//! Types that may be in shared memory.

/// Plain data: numbers, `bool`, `char`, and arrays and small tuples of them.
///
/// # Safety
/// A type may be `Plain` if its value means the same in every process that has a copy of the bytes (so it contains no
/// pointers, references or descriptors) and if all bytes zero are a valid value.
pub unsafe trait Plain: Copy + Send + Sync + 'static {}

macro_rules! plain {
    ($($number:ty)*) => {
        $(
            // SAFETY: a number, or `bool` or `char`, for which zero is `false` and '\0'; no pointers.
            unsafe impl Plain for $number {}
        )*
    };
}

macro_rules! plain_tuples {
    ($(($($element:ident)+))*) => {
        $(
            // SAFETY: every element is plain, and padding is never read.
            unsafe impl<$($element: Plain),+> Plain for ($($element,)+) {}
        )*
    };
}

plain! { i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char }
plain_tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

// SAFETY: every element is plain.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
