// Names, namespaces, scopes, preludes and paths.

// One name in the type namespace and in the value namespace.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Meter;

#[allow(non_snake_case)]
fn Option(n: u8) -> Option<u8> {
    if n == 0 { None } else { Some(n) }
}

fn name() -> &'static str {
    "root"
}

mod outer {
    pub fn name() -> &'static str {
        "outer"
    }

    pub mod inner {
        pub fn name() -> String {
            format!("{}/inner", super::name())
        }

        pub fn up() -> &'static str {
            super::super::name()
        }
    }
}

fn scopes() -> String {
    let name = name();
    let label = 'name: {
        // An item is in scope in its whole block, also above its place.
        if helper() > 1 {
            break 'name "big";
        }
        "small"
    };
    fn helper() -> u32 {
        LIMIT
    }
    const LIMIT: u32 = 2;
    format!("{name} {label}")
}

fn main() {
    println!("{:?} {:?}", Option(0), Option(3));
    println!("{} {} {}", name(), outer::name(), outer::inner::name());
    println!("{} {}", self::outer::inner::up(), crate::name());
    println!("{}", scopes());
    let u8 = 7_u8;
    println!("{} {}", u8, u8::MAX);
    let meter = Meter;
    println!("{}", meter == Meter);
    println!("{}", <str>::len("four") + <[i32]>::len(&[1]));
    println!("{}", std::primitive::u16::MAX);
    println!("{:?}", ::std::option::Option::<i32>::None);
}
