//! Comparison and hashing of values that are stored as trait objects: of the standard traits for that, no trait object has those
//! that compare a value with one of its own type, nor `Hash`.

use std::any::TypeId;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::mem::transmute;

/// A reference to a value of a type that is only known when the cell runs.
pub struct Erased<'a> {
    ty: TypeId,
    value: *const (),
    lifetime: PhantomData<&'a ()>,
}

impl<'a> Erased<'a> {
    fn of<T>(value: &'a T) -> Erased<'a> {
        Erased { ty: type_id::<T>(), value: (value as *const T).cast(), lifetime: PhantomData }
    }

    fn get<T>(&self) -> Option<&'a T> {
        // SAFETY: a reference to a `T` was erased. What its lifetimes were is of no account to a comparison, which is over before
        // any of them ends.
        (self.ty == type_id::<T>()).then(|| unsafe { &*self.value.cast::<T>() })
    }
}

/// Returns the id of a type with `'static` for each lifetime.
fn type_id<T>() -> TypeId {
    trait Typed {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }
    impl<T> Typed for PhantomData<T> {
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }
    let ty = PhantomData::<T>;
    let ty: &dyn Typed = &ty;
    // SAFETY: the types differ only in lifetimes, and nothing of `T` is read.
    unsafe { transmute::<&dyn Typed, &(dyn Typed + 'static)>(ty) }.id()
}

/// A value that can be compared with one of its own type.
pub trait Equal {
    fn threadbook_erased(&self) -> Erased<'_>;
    fn threadbook_eq(&self, other: Erased<'_>) -> bool;
}

impl<T: PartialEq> Equal for T {
    fn threadbook_erased(&self) -> Erased<'_> {
        Erased::of(self)
    }

    fn threadbook_eq(&self, other: Erased<'_>) -> bool {
        other.get::<T>().is_some_and(|other| self == other)
    }
}

/// A value that is ordered with those of its own type.
pub trait Ordered: Equal {
    fn threadbook_partial_cmp(&self, other: Erased<'_>) -> Option<Ordering>;
}

impl<T: PartialOrd> Ordered for T {
    fn threadbook_partial_cmp(&self, other: Erased<'_>) -> Option<Ordering> {
        self.partial_cmp(other.get::<T>()?)
    }
}

/// A value that can be hashed.
pub trait Hashed {
    fn threadbook_hash(&self, state: &mut dyn Hasher);
}

impl<T: Hash> Hashed for T {
    fn threadbook_hash(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }
}

/// A type with no values that trait objects can be compared with, too. If they could only be compared with their own type, rustc would
/// convert the right operand of `==` to it, which moves the operand.
pub enum Unlike {}
