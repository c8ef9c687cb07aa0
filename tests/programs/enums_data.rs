// Enums that carry data, with methods and recursive variants.

#[derive(Debug, Clone)]
enum Expr {
    Number(f64),
    Negate(Box<Expr>),
    Binary(char, Box<Expr>, Box<Expr>),
}

use Expr::{Binary, Negate, Number};

impl Expr {
    fn binary(op: char, left: Expr, right: Expr) -> Expr {
        Binary(op, Box::new(left), Box::new(right))
    }

    fn eval(&self) -> Option<f64> {
        Some(match self {
            Number(n) => *n,
            Negate(inner) => -inner.eval()?,
            Binary('+', left, right) => left.eval()? + right.eval()?,
            Binary('*', left, right) => left.eval()? * right.eval()?,
            Binary('/', left, right) => match right.eval()? {
                0.0 => return None,
                divisor => left.eval()? / divisor,
            },
            Binary(..) => return None,
        })
    }

    fn show(&self) -> String {
        match self {
            Number(n) => n.to_string(),
            Negate(inner) => format!("-{}", inner.show()),
            Binary(op, left, right) => format!("({} {op} {})", left.show(), right.show()),
        }
    }
}

fn main() {
    let sum = Expr::binary('+', Number(1.0), Number(2.5));
    println!("{} = {:?}", sum.show(), sum.eval());
    let product = Expr::binary('*', Negate(Box::new(Number(2.0))), sum.clone());
    println!("{} = {:?}", product.show(), product.eval());
    let bad = Expr::binary('/', product, Number(0.0));
    println!("{} = {:?}", bad.show(), bad.eval());
    if let Binary(op, left, _) = bad {
        println!("{op} {}", left.show());
    }
    println!("{:?}", Expr::binary('?', sum, Number(1.0)).eval());
    println!("{}", matches!(Number(1.0), Number(n) if n > 0.5));
}
