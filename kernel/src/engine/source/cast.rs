//! Casts of values whose types have no names.

use crate::engine::cell::Container;

/// What a closure, or another value whose type has no name, becomes. All but a pointer hold the value's traits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cast {
    /// A function pointer, by its type.
    Pointer(String),
    /// A leaked reference to a trait object, which is `Copy`. The closure owns nothing, so it need not be dropped.
    Leaked(String),
    /// A boxed trait object.
    Boxed(String),
    /// A pinned boxed trait object, for a future.
    Pinned(String),
    /// Such a cast of each value in a container.
    Inside(Container, Box<Cast>),
}

impl Cast {
    /// Returns the cast to a type under which a variable is stored, if it is that of a trait object.
    pub fn to(stored: &str) -> Option<Cast> {
        let object = |before: &str, after: &str| {
            let traits = stored.strip_prefix(before)?.strip_suffix(after)?;
            Some(traits.to_owned())
        };
        let boxed = || object("::std::boxed::Box<dyn ", ">").map(Cast::Boxed);
        let pinned = || object("::std::pin::Pin<::std::boxed::Box<dyn ", ">>").map(Cast::Pinned);
        let leaked = object("&(dyn ", ")").map(Cast::Leaked);
        leaked.or_else(boxed).or_else(pinned)
    }

    /// Returns the cast of a value with these traits to a trait object that owns it.
    pub fn of(traits: String) -> Cast {
        match traits.contains("Future<") {
            true => Cast::Pinned(traits),
            false => Cast::Boxed(traits),
        }
    }

    /// Returns the cast of each value in a container, if there is one.
    pub fn inside(self, container: Option<Container>) -> Cast {
        match container {
            Some(container) => Cast::Inside(container, Box::new(self)),
            None => self,
        }
    }

    /// Returns the type as it is written for a stored variable.
    pub fn stored_type(&self) -> String {
        match self {
            Cast::Pointer(ty) => ty.clone(),
            Cast::Leaked(traits) => format!("&(dyn {traits})"),
            Cast::Boxed(traits) => format!("std::boxed::Box<dyn {traits}>"),
            Cast::Pinned(traits) => format!("std::pin::Pin<std::boxed::Box<dyn {traits}>>"),
            Cast::Inside(container, cast) => container_of(*container, &cast.stored_type()),
        }
    }

    /// Returns the text to insert before and after the closure. From the type of the `let` rustc infers the types of the closure's
    /// arguments.
    pub fn around(&self) -> (String, String) {
        let ty = self.local_type();
        let (before, after) = match self {
            Cast::Inside(container, cast) => {
                let (each, end) = mapping(*container);
                let (ty, new) = (cast.local_type(), cast.constructor());
                let convert = format!("|threadbook_value| {new}(threadbook_value) as {ty}");
                ("(".to_owned(), format!("{each}{convert}{end}"))
            }
            cast => (format!("{}(", cast.constructor()), ")".to_owned()),
        };
        let before = format!("{{ let threadbook_cast: {ty} = {before}");
        (before, format!("{after}; threadbook_cast }}"))
    }

    /// Returns the type in the cell that casts, where it may borrow.
    fn local_type(&self) -> String {
        match self {
            Cast::Pointer(ty) => ty.clone(),
            Cast::Leaked(traits) => format!("&(dyn {traits} + '_)"),
            Cast::Boxed(traits) => format!("::std::boxed::Box<dyn {traits} + '_>"),
            Cast::Pinned(traits) => {
                format!("::std::pin::Pin<::std::boxed::Box<dyn {traits} + '_>>")
            }
            Cast::Inside(container, cast) => container_of(*container, &cast.local_type()),
        }
    }

    /// Returns the function that makes the value of that type, if one is needed.
    fn constructor(&self) -> &'static str {
        match self {
            Cast::Pointer(_) | Cast::Inside(..) => "",
            Cast::Leaked(_) => "::threadbook_cell::leaked",
            Cast::Boxed(_) => "::std::boxed::Box::new",
            Cast::Pinned(_) => "::std::boxed::Box::pin",
        }
    }

    /// Whether rustc's message rules this cast out.
    pub fn is_excluded_by(&self, message: &str) -> bool {
        let calls = |kind: &str| match self {
            Cast::Pointer(_) | Cast::Pinned(_) | Cast::Inside(..) => false,
            Cast::Leaked(traits) | Cast::Boxed(traits) => traits.starts_with(kind),
        };
        message.contains("only implements `FnMut`") && calls("::std::ops::Fn(")
            || message.contains("only implements `FnOnce`") && !calls("::std::ops::FnOnce(")
    }
}

/// Returns the type of a container of values of this type.
fn container_of(container: Container, ty: &str) -> String {
    match container {
        Container::Option => format!("::std::option::Option<{ty}>"),
        Container::Result => format!("::std::result::Result<{ty}, _>"),
        Container::Vec => format!("::std::vec::Vec<{ty}>"),
    }
}

/// Returns the text between a container and what converts each value in it, and the text after that.
fn mapping(container: Container) -> (&'static str, &'static str) {
    match container {
        Container::Option | Container::Result => (").map(", ")"),
        Container::Vec => (").into_iter().map(", ").collect()"),
    }
}
