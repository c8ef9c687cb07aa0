//! Casts of values whose types have no names.

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

    /// Returns the type as it is written for a stored variable.
    pub fn stored_type(&self) -> String {
        match self {
            Cast::Pointer(ty) => ty.clone(),
            Cast::Leaked(traits) => format!("&(dyn {traits})"),
            Cast::Boxed(traits) => format!("std::boxed::Box<dyn {traits}>"),
            Cast::Pinned(traits) => format!("std::pin::Pin<std::boxed::Box<dyn {traits}>>"),
        }
    }

    /// Returns the text to insert before and after the closure. From the type of the `let` rustc infers the types of the closure's
    /// arguments.
    pub fn around(&self) -> (String, String) {
        let (ty, before, after) = match self {
            Cast::Pointer(ty) => (ty.clone(), "", ""),
            Cast::Leaked(traits) => (
                format!("&(dyn {traits} + '_)"),
                "::threadbook_cell::leaked(",
                ")",
            ),
            Cast::Boxed(traits) => (
                format!("::std::boxed::Box<dyn {traits} + '_>"),
                "::std::boxed::Box::new(",
                ")",
            ),
            Cast::Pinned(traits) => (
                format!("::std::pin::Pin<::std::boxed::Box<dyn {traits} + '_>>"),
                "::std::boxed::Box::pin(",
                ")",
            ),
        };
        let before = format!("{{ let threadbook_cast: {ty} = {before}");
        (before, format!("{after}; threadbook_cast }}"))
    }

    /// Whether rustc's message rules this cast out.
    pub fn is_excluded_by(&self, message: &str) -> bool {
        let calls = |kind: &str| match self {
            Cast::Pointer(_) | Cast::Pinned(_) => false,
            Cast::Leaked(traits) | Cast::Boxed(traits) => traits.starts_with(kind),
        };
        message.contains("only implements `FnMut`") && calls("::std::ops::Fn(")
            || message.contains("only implements `FnOnce`") && !calls("::std::ops::FnOnce(")
    }
}
