//! How much completion may cost.

use std::env;

/// The variable with the mode: `off`, `light` or `full`.
pub const MODE_VAR: &str = "THREADBOOK_COMPLETION";

/// Which completions and tooltips there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Only names of the notebook, which the kernel knows by itself.
    Off,
    /// Besides, what `threadbook prepare` has made for completion: the standard library and the helper crate.
    Light,
    /// Besides, the source of everything that cells can use.
    Full,
}

impl Mode {
    /// Reads [`MODE_VAR`]. Another value than those that are allowed is logged, and counts as `full`.
    pub fn from_environment() -> Mode {
        let value = env::var_os(MODE_VAR).unwrap_or_default();
        let value = value.to_string_lossy();
        Mode::parse(&value).unwrap_or_else(|| {
            tracing::warn!("{MODE_VAR} is `{value}`; set it to off, light or full");
            Mode::Full
        })
    }

    fn parse(value: &str) -> Option<Mode> {
        match value {
            "off" => Some(Mode::Off),
            "light" => Some(Mode::Light),
            "full" | "" => Some(Mode::Full),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completion_is_full_unless_another_mode_is_set() {
        let parsed = ["", "full", "light", "off", "Off", "1"].map(Mode::parse);
        assert_eq!(
            parsed,
            [
                Some(Mode::Full),
                Some(Mode::Full),
                Some(Mode::Light),
                Some(Mode::Off),
                None,
                None
            ]
        );
    }
}
