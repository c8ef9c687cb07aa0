// FromStr and parse, with an error type of its own.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

#[derive(Debug, PartialEq)]
struct Rgb(u8, u8, u8);

#[derive(Debug)]
enum ColorError {
    NoHash,
    Length(usize),
    Digits(ParseIntError),
}

impl From<ParseIntError> for ColorError {
    fn from(error: ParseIntError) -> Self {
        ColorError::Digits(error)
    }
}

impl fmt::Display for ColorError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ColorError::NoHash => write!(f, "no # at the start"),
            ColorError::Length(n) => write!(f, "length {n} in place of 6"),
            ColorError::Digits(error) => write!(f, "bad digits: {error}"),
        }
    }
}

impl FromStr for Rgb {
    type Err = ColorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = text.strip_prefix('#').ok_or(ColorError::NoHash)?;
        if hex.len() != 6 {
            return Err(ColorError::Length(hex.len()));
        }
        let part = |i: usize| u8::from_str_radix(&hex[i..i + 2], 16);
        Ok(Rgb(part(0)?, part(2)?, part(4)?))
    }
}

fn main() {
    let red: Rgb = "#ff0000".parse().unwrap();
    println!("{red:?}");
    println!("{}", Rgb::from_str("#010203").unwrap() == Rgb(1, 2, 3));
    for text in ["ff0000", "#ff", "#00zz00"] {
        match text.parse::<Rgb>() {
            Ok(color) => println!("{color:?}"),
            Err(error) => println!("{text}: {error}"),
        }
    }
    let good = ["#0a0b0c", "x"].iter().filter(|t| t.parse::<Rgb>().is_ok());
    println!("{}", good.count());
    println!("{:?} {:?}", "true".parse::<bool>(), "é".parse::<char>());
    println!("{}", red.0);
}
