// From, Into, TryFrom, TryInto, AsRef and ToString.

#[derive(Debug, PartialEq)]
struct Celsius(f64);

#[derive(Debug, PartialEq)]
struct Fahrenheit(f64);

impl From<Celsius> for Fahrenheit {
    fn from(c: Celsius) -> Self {
        Fahrenheit(c.0 * 9.0 / 5.0 + 32.0)
    }
}

#[derive(Debug)]
struct Even(u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(n: u32) -> Result<Self, Self::Error> {
        if n % 2 == 0 {
            Ok(Even(n))
        } else {
            Err(format!("{n} is odd"))
        }
    }
}

impl From<Even> for u64 {
    fn from(even: Even) -> u64 {
        u64::from(even.0)
    }
}

fn shout(text: impl Into<String>) -> String {
    let mut text: String = text.into();
    text.push('!');
    text
}

fn main() {
    let f: Fahrenheit = Celsius(100.0).into();
    println!("{f:?} {}", f == Fahrenheit(212.0));
    println!("{:?} {:?}", Even::try_from(4), Even::try_from(5));
    let even: Result<Even, _> = 10_u32.try_into();
    println!("{}", u64::from(even.unwrap()) * 2);
    println!("{} {} {}", shout("a"), shout('b'), shout(String::from("c")));
    println!("{:?} {:?}", i8::try_from(200), u8::try_from('x'));
    let wide: i64 = i64::from(7_i32) + i64::from(true);
    println!("{wide} {}", f64::from(1.5_f32));
    let list = Vec::from([1, 2, 3]);
    let array: [i32; 3] = list.try_into().unwrap();
    println!("{array:?}");
    println!("{:?} {}", Option::from('z'), 4.5.to_string());
    println!(
        "{}",
        <String as AsRef<[u8]>>::as_ref(&"hi".to_string()).len()
    );
}
