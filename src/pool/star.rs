//! Functions of several arguments, for `starmap`.

/// A function whose arguments are the elements of the tuple `A`, 1 to 6 of them.
pub trait Star<A, R> {
    /// Calls the function.
    fn call(&self, arguments: A) -> R;
}

macro_rules! star {
    ($(($($argument:ident)+))*) => {
        $(
            impl<F, R, $($argument),+> Star<($($argument,)+), R> for F
            where
                F: Fn($($argument),+) -> R,
            {
                #[allow(non_snake_case, reason = "an argument is named as its type")]
                fn call(&self, ($($argument,)+): ($($argument,)+)) -> R {
                    self($($argument),+)
                }
            }
        )*
    };
}

star! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) }
