// Generic types with constants, caches, and composed functions.

use std::any::Any;
use std::borrow::{Borrow, Cow};
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::{Add, Bound, Deref, DerefMut, Index, IndexMut, Mul, Neg, Not, RangeBounds};
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Matrix<const R: usize, const C: usize>([[f64; C]; R]);
impl<const R: usize, const C: usize> Index<(usize, usize)> for Matrix<R, C> {
    type Output = f64;
    fn index(&self, (r, c): (usize, usize)) -> &f64 {
        &self.0[r][c]
    }
}
impl<const R: usize, const C: usize> IndexMut<(usize, usize)> for Matrix<R, C> {
    fn index_mut(&mut self, (r, c): (usize, usize)) -> &mut f64 {
        &mut self.0[r][c]
    }
}
impl<const R: usize, const C: usize, const K: usize> Mul<Matrix<C, K>> for Matrix<R, C> {
    type Output = Matrix<R, K>;
    fn mul(self, o: Matrix<C, K>) -> Matrix<R, K> {
        let mut m = Matrix([[0.0; K]; R]);
        for i in 0..R {
            for j in 0..K {
                for k in 0..C {
                    m[(i, j)] += self[(i, k)] * o[(k, j)];
                }
            }
        }
        m
    }
}
struct Cache<K, V, F>
where
    F: Fn(&K) -> V,
{
    f: F,
    map: HashMap<K, V>,
    hits: u32,
}
impl<K: Hash + Eq + Clone, V: Clone, F: Fn(&K) -> V> Cache<K, V, F> {
    fn new(f: F) -> Self {
        Cache {
            f,
            map: HashMap::new(),
            hits: 0,
        }
    }
    fn get(&mut self, k: K) -> V {
        if let Some(v) = self.map.get(&k) {
            self.hits += 1;
            return v.clone();
        }
        let v = (self.f)(&k);
        self.map.insert(k, v.clone());
        v
    }
}
struct Stack<T>(Vec<T>);
impl<T> Deref for Stack<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}
impl<T> DerefMut for Stack<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}
impl<T> FromIterator<T> for Stack<T> {
    fn from_iter<I: IntoIterator<Item = T>>(i: I) -> Self {
        Stack(i.into_iter().collect())
    }
}
impl<T> Extend<T> for Stack<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, i: I) {
        for x in i {
            self.0.push(x)
        }
    }
}
fn describe(x: &dyn Any) -> String {
    if let Some(i) = x.downcast_ref::<i32>() {
        format!("i32 {i}")
    } else if let Some(s) = x.downcast_ref::<&str>() {
        format!("str {s}")
    } else {
        "?".into()
    }
}
fn clean(s: &str) -> Cow<'_, str> {
    if s.contains(' ') {
        s.replace(' ', "_").into()
    } else {
        s.into()
    }
}
fn largest<T: PartialOrd + Copy>(xs: &[T]) -> Option<T> {
    xs.iter().copied().reduce(|a, b| if a > b { a } else { b })
}
fn span<R: RangeBounds<usize>>(r: R) -> usize {
    let a = match r.start_bound() {
        Bound::Included(&x) => x,
        Bound::Excluded(&x) => x + 1,
        Bound::Unbounded => 0,
    };
    let b = match r.end_bound() {
        Bound::Included(&x) => x + 1,
        Bound::Excluded(&x) => x,
        Bound::Unbounded => 100,
    };
    b - a
}
fn show_all<'a, T>(xs: impl IntoIterator<Item = &'a T>) -> String
where
    T: Display + 'a + ?Sized,
{
    xs.into_iter()
        .map(|x| x.to_string())
        .collect::<Vec<_>>()
        .join("/")
}
fn apply<T, U>(x: T, f: impl FnOnce(T) -> U) -> U {
    f(x)
}
fn compose<A, B, C>(f: impl Fn(A) -> B, g: impl Fn(B) -> C) -> impl Fn(A) -> C {
    move |x| g(f(x))
}
fn main() {
    let a = Matrix([[1.0, 2.0], [3.0, 4.0]]);
    let b = Matrix([[1.0], [1.0]]);
    println!("{:?}", a * b);
    let mut cache = Cache::new(|s: &String| s.len());
    println!("{} {}", cache.get("abc".into()), cache.get("abc".into()));
    println!("{}", cache.hits);
    let mut stack: Stack<_> = (1..4).collect();
    stack.push(9);
    stack.extend([7, 7]);
    println!(
        "{:?} {}",
        stack.iter().rev().take(2).collect::<Vec<_>>(),
        stack.len()
    );
    println!("{} {} {}", describe(&1), describe(&"s"), describe(&1.5));
    for s in ["a b", "ab"] {
        let c = clean(s);
        println!("{c} {}", matches!(c, Cow::Borrowed(_)));
    }
    println!("{:?} {:?}", largest(&[1.5, 0.2]), largest::<u8>(&[]));
    println!("{} {} {}", span(2..5), span(..=5), span(..));
    println!("{}", show_all(["a", "b"]));
    let inc_then_double = compose(|x: i32| x + 1, |x| x * 2);
    println!("{} {}", inc_then_double(3), apply("x", |s| s.repeat(3)));
    let fs: Vec<Box<dyn Fn(i32) -> i32>> = vec![
        Box::new(|x| x + 1),
        Box::new(move |x| x * a[(1, 1)] as i32),
        Box::new(inc_then_double),
    ];
    println!("{:?}", fs.iter().map(|f| f(5)).collect::<Vec<_>>());
    let total = fs.iter().fold(1, |x, f| f(x));
    println!("{total}");
    let m: HashMap<String, i32> = HashMap::from([("k".to_string(), 1)]);
    let k: &str = m.keys().next().unwrap().borrow();
    println!("{k} {:?}", m.get("k"));
    #[derive(Clone, Copy)]
    struct V(i32);
    impl Add for V {
        type Output = V;
        fn add(self, o: V) -> V {
            V(self.0 + o.0)
        }
    }
    impl Neg for V {
        type Output = V;
        fn neg(self) -> V {
            V(-self.0)
        }
    }
    impl Not for V {
        type Output = bool;
        fn not(self) -> bool {
            self.0 == 0
        }
    }
    let v = V(2) + -V(2);
    println!("{} {}", v.0, !v);
}
