// Macros by example: repetitions, recursion, generated items.

macro_rules! hashmap { ($($k:expr => $v:expr),* $(,)?) => {{ let mut m = ::std::collections::BTreeMap::new(); $(m.insert($k, $v);)* m }}; }
macro_rules! max { ($x:expr) => ($x); ($x:expr, $($rest:expr),+) => {{ let a = $x; let b = max!($($rest),+); if a > b { a } else { b } }}; }
macro_rules! getters { ($t:ident { $($f:ident : $ty:ty),* }) => { #[derive(Debug, Clone)] struct $t { $($f: $ty),* } impl $t { $(fn $f(&self) -> &$ty { &self.$f })* } }; }
getters!(Config {
    host: String,
    port: u16
});
macro_rules! enum_str { ($(#[$m:meta])* $v:vis enum $n:ident { $($var:ident = $val:expr),* $(,)? }) => { $(#[$m])* $v enum $n { $($var = $val),* } impl $n { fn name(&self) -> &'static str { match self { $($n::$var => stringify!($var)),* } } } }; }
enum_str! { #[derive(Clone, Copy, PartialEq)] pub enum Level { Low = 1, High = 10 } }
macro_rules! make {
    ($name:ident, $value:expr) => {
        let mut $name = $value;
    };
}
macro_rules! test_all { ($($name:ident: $a:expr, $b:expr;)*) => { $(fn $name() -> bool { $a == $b })* }; }
test_all! { adds: 1 + 1, 2; fails: 1, 2; }
macro_rules! count { () => (0usize); ($h:tt $($t:tt)*) => (1usize + count!($($t)*)); }
fn main() {
    let m = hashmap! { "a" => 1, "b" => 2, };
    println!("{m:?} {}", max!(3, 9, 4));
    let c = Config {
        host: "h".to_string(),
        port: 80,
    };
    println!("{} {} {c:?}", c.host(), c.port());
    println!("{} {}", Level::High.name(), Level::Low as i32);
    make!(n, vec![1]);
    n.push(2);
    println!("{n:?} {} {}", adds(), fails());
    const N: usize = count!(a b c);
    let arr = [0u8; N];
    println!("{arr:?} {}", concat!("x", 1, true));
    let line = line!() > 0 && !file!().is_empty() && !module_path!().is_empty();
    println!("{line} {}", stringify!(a + b));
    assert!(matches!(m.get("a"), Some(1)), "no {}", 1);
    assert_eq!(m.len(), 2);
    println!(
        "{}",
        format_args!(
            "{:>5}|{:<5}|{:^5}|{:+}|{:#x}|{:08.3}|{:e}",
            1, 2, 3, 4, 255, 1.5, 1200.0
        )
    );
}
