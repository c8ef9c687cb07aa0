//! How many.

/// A number of things: every integer type. Above 2⁶³ - 1 it is that.
pub trait Count: Copy {
    #[doc(hidden)]
    fn count(self) -> i64;
}

macro_rules! count {
    ($($integer:ty),*) => {$(
        impl Count for $integer {
            #[inline]
            fn count(self) -> i64 {
                // Smaller than the smallest there is only i128's, which is not among the types.
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

count!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
