// Enums with discriminants, casts and conversion back.

use std::mem::discriminant;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Weekday {
    Monday = 1,
    Tuesday,
    Friday = 5,
    Sunday = 7,
}

impl TryFrom<u8> for Weekday {
    type Error = u8;

    fn try_from(value: u8) -> Result<Self, u8> {
        use Weekday::*;
        [Monday, Tuesday, Friday, Sunday]
            .into_iter()
            .find(|day| *day as u8 == value)
            .ok_or(value)
    }
}

#[repr(i16)]
enum Temperature {
    Cold = -40,
    Warm = Temperature::Cold as i16 + 65,
}

enum Empty {}

enum Token {
    Number(i32),
    Word(&'static str),
}

fn count(list: &[Empty]) -> usize {
    list.len()
}

fn main() {
    println!("{}", Weekday::Tuesday as u8);
    let sunday = Weekday::Sunday;
    println!("{sunday:?} = {}", sunday as i32);
    println!("{:?} {:?}", Weekday::try_from(5), Weekday::try_from(6));
    println!("{} {}", Temperature::Cold as i16, Temperature::Warm as i16);
    let tokens = [Token::Number(1), Token::Number(2), Token::Word("x")];
    println!("{}", discriminant(&tokens[0]) == discriminant(&tokens[1]));
    println!("{}", discriminant(&tokens[1]) == discriminant(&tokens[2]));
    for token in &tokens {
        match token {
            Token::Number(n) => println!("number {n}"),
            Token::Word(w) => println!("word {w}"),
        }
    }
    println!("{}", count(&[]));
    println!("{}", size_of::<Empty>());
}
