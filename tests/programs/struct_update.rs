// Struct update syntax, field init shorthand and builders.

#[derive(Debug, Clone, Default, PartialEq)]
struct Request {
    url: String,
    retries: u32,
    secure: bool,
    headers: Vec<(String, String)>,
}

impl Request {
    fn to(url: &str) -> Self {
        Request {
            url: url.to_string(),
            ..Default::default()
        }
    }

    fn retries(self, retries: u32) -> Self {
        Self { retries, ..self }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

#[derive(Debug, Clone, Copy)]
struct Rgb {
    r: u8,
    g: u8,
    b: u8,
}

impl Rgb {
    const fn grey(n: u8) -> Self {
        Rgb { r: n, g: n, b: n }
    }
}

fn main() {
    let first = Request::to("example.org").retries(3);
    println!("{first:?}");
    let second = Request {
        secure: true,
        ..first.clone()
    };
    println!("{} {}", second.secure, second.retries);
    println!("{}", first == second);
    let third = first.header("a", "1").header("b", "2");
    println!("{:?}", third.headers);
    let grey = Rgb::grey(128);
    let blue = Rgb { b: 255, ..grey };
    println!("{blue:?}");
    println!("{} {} {}", grey.r, grey.g, grey.b);
}
