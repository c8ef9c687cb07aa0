// Error types: Display, Error, source and Box<dyn Error>.

use std::error::Error;
use std::fmt;

#[derive(Debug)]
enum ConfigError {
    Missing(String),
    Invalid {
        key: String,
        source: std::num::ParseIntError,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(f, "{key} is missing"),
            Self::Invalid { key, .. } => write!(f, "{key} is not valid"),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Missing(_) => None,
            Self::Invalid { source, .. } => Some(source),
        }
    }
}

fn number(text: &str, key: &str) -> Result<i32, ConfigError> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        .ok_or_else(|| ConfigError::Missing(key.to_string()))?;
    value.parse().map_err(|source| ConfigError::Invalid {
        key: key.to_string(),
        source,
    })
}

fn area(text: &str) -> Result<i32, Box<dyn Error>> {
    let (width, height) = (number(text, "width")?, number(text, "height")?);
    width
        .checked_mul(height)
        .ok_or("the area is too large".into())
}

fn main() {
    println!("{}", area("width=4\nheight=5").unwrap());
    let missing = area("width=4").unwrap_err();
    println!("{missing}");
    let invalid = number("width=x", "width").unwrap_err();
    println!("{invalid}: {}", invalid.source().unwrap());
    let large = area("width=1000000\nheight=1000000");
    println!("{}", large.unwrap_err());
    println!("{}", missing.downcast_ref::<ConfigError>().is_some());
}
