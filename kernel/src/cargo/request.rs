//! What evcxr asks cargo for.

use std::ffi::OsString;

/// A command that compiles the crate in the working folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `cargo build`, of a library that is loaded.
    Build,
    /// `cargo check`, for the errors alone.
    Check,
}

impl Request {
    /// The command, if its arguments are those that evcxr gives.
    pub fn parse(arguments: &[OsString]) -> Option<Request> {
        let arguments: Option<Vec<_>> =
            arguments.iter().map(|argument| argument.to_str()).collect();
        let mut arguments = arguments?
            .into_iter()
            .filter(|argument| *argument != "--offline");
        let request = match arguments.next()? {
            "build" => Request::Build,
            "check" => Request::Check,
            _ => return None,
        };
        let rest: Vec<_> = arguments.collect();
        matches!(rest[..], ["--target", _, "--message-format=json"]).then_some(request)
    }

    /// cargo's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Request::Build => "build",
            Request::Check => "check",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_evcxr_asks_for_is_taken() {
        let parse = |line: &str| {
            let arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
            Request::parse(&arguments)
        };
        let target = "--target x86_64-unknown-linux-gnu --message-format=json";
        assert_eq!(parse(&format!("build {target}")), Some(Request::Build));
        assert_eq!(
            parse(&format!("--offline build {target}")),
            Some(Request::Build)
        );
        assert_eq!(parse(&format!("check {target}")), Some(Request::Check));
        for other in [
            "metadata --format-version 1".to_owned(),
            "clean".to_owned(),
            "build".to_owned(),
            format!("build {target} --release"),
        ] {
            assert_eq!(parse(&other), None, "{other}");
        }
    }
}
