//! Counts of any integer type.

/// A count: every integer type. Values above 2⁶³ - 1 are clamped to that.
pub trait Count: Copy {
    #[doc(hidden)]
    fn count(self) -> i64;
}

macro_rules! count {
    ($($integer:ty),*) => {$(
        impl Count for $integer {
            #[inline]
            fn count(self) -> i64 {
                // Only i128 has values below i64::MIN, and it is not among the types.
                i64::try_from(self).unwrap_or(i64::MAX)
            }
        }
    )*};
}

count!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
