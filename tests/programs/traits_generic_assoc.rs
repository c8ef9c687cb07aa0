// Generic traits, and associated types that are generic over a lifetime.

trait Convert<T> {
    fn convert(&self) -> T;
}

struct Celsius(f64);

impl Convert<f64> for Celsius {
    fn convert(&self) -> f64 {
        self.0 * 1.8 + 32.0
    }
}

impl Convert<String> for Celsius {
    fn convert(&self) -> String {
        format!("{} C", self.0)
    }
}

trait Lending {
    type Item<'a>
    where
        Self: 'a;

    fn next<'a>(&'a mut self) -> Option<Self::Item<'a>>;
}

struct Windows {
    data: Vec<i32>,
    start: usize,
}

impl Lending for Windows {
    type Item<'a> = &'a mut [i32];

    fn next<'a>(&'a mut self) -> Option<&'a mut [i32]> {
        let window = self.data.get_mut(self.start..self.start + 2)?;
        self.start += 1;
        Some(window)
    }
}

fn main() {
    let boiling = Celsius(100.0);
    let degrees: f64 = boiling.convert();
    println!("{degrees}");
    println!("{}", Convert::<String>::convert(&boiling));
    let data = vec![1, 2, 3, 4];
    let mut windows = Windows { data, start: 0 };
    while let Some(window) = windows.next() {
        window[1] += window[0];
        println!("{window:?}");
    }
    println!("{:?}", windows.data);
}
