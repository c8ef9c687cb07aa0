// Floating point types: special values, rounding, formatting and ordering.

use std::f64::consts::{PI, SQRT_2};

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn main() {
    let third = 1.0 / 3.0;
    println!("{third:.3} {:e} {:8.2}|", 1234.5, third);
    println!("{} {}", 0.1 + 0.2 == 0.3, close(0.1 + 0.2, 0.3));
    println!(
        "{} {} {}",
        1.0 / 0.0,
        -1.0_f64 / 0.0,
        (0.0_f64 / 0.0).is_nan()
    );
    println!("{:?}", f64::NAN.partial_cmp(&1.0));
    println!(
        "{} {} {}",
        2.5_f64.round(),
        2.5_f64.floor(),
        (-2.5_f64).ceil()
    );
    println!(
        "{} {} {}",
        2.7_f32.trunc(),
        9.0_f64.sqrt(),
        2.0_f64.powi(-2)
    );
    println!("{:.4} {:.4}", PI.sin().abs(), SQRT_2 * SQRT_2);
    let mut values = vec![2.5, -1.0, f64::INFINITY, 0.0];
    values.sort_by(f64::total_cmp);
    println!("{values:?}");
    println!("{:?} {:?}", mean(&[1.0, 2.0, 4.5]), mean(&[]));
    let max = values
        .iter()
        .copied()
        .filter(|x| x.is_finite())
        .fold(f64::MIN, f64::max);
    println!("{max}");
    println!("{:#x} {}", 1.5_f32.to_bits(), f32::from_bits(0x4000_0000));
    println!("{} {}", 1e3, 1.0e-7_f64);
    println!("{:?} {}", "3.25".parse::<f32>(), 5.0_f64.hypot(12.0));
}
