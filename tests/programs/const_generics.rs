// Const generics: array lengths, defaults and constant expressions.

use std::fmt::Debug;

#[derive(Debug, Clone, PartialEq)]
struct Matrix<const R: usize, const C: usize>([[i32; C]; R]);

impl<const R: usize, const C: usize> Matrix<R, C> {
    const CELLS: usize = R * C;

    fn transpose(&self) -> Matrix<C, R> {
        let mut out = [[0; R]; C];
        for (r, row) in self.0.iter().enumerate() {
            for (c, cell) in row.iter().enumerate() {
                out[c][r] = *cell;
            }
        }
        Matrix(out)
    }
}

#[derive(Debug)]
struct Buffer<T, const N: usize = 4> {
    items: [Option<T>; N],
}

impl<T: Copy + Debug, const N: usize> Buffer<T, N> {
    fn filled(value: T) -> Self {
        let items = [Some(value); N];
        Buffer { items }
    }
}

fn sum<const N: usize>(values: [u32; N]) -> (usize, u32) {
    (N, values.into_iter().sum())
}

fn flag<const LOUD: bool>(text: &str) -> String {
    if LOUD {
        text.to_uppercase()
    } else {
        text.into()
    }
}

fn main() {
    let matrix = Matrix([[1, 2, 3], [4, 5, 6]]);
    println!("{:?}", matrix.transpose());
    println!("{}", matrix.transpose().transpose() == matrix);
    println!("{}", Matrix::<3, 5>::CELLS);
    let small: Buffer<char> = Buffer::filled('x');
    println!("{:?}", small.items);
    println!("{:?}", Buffer::<u8, 2>::filled(1));
    println!("{:?} {:?}", sum([1, 2, 3]), sum([]));
    println!("{} {}", flag::<true>("hey"), flag::<{ 1 > 2 }>("hey"));
    let array: [i32; 3] = std::array::from_fn(|i| i as i32 * 10);
    println!("{array:?}");
}
