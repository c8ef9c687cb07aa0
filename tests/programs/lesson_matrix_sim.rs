// A cellular automaton, sorting, and arithmetic at its limits.

use std::fmt;
use std::ops::ControlFlow;
#[derive(Clone, PartialEq, Eq)]
struct Life {
    cells: Vec<Vec<bool>>,
    generation: usize,
}
impl Life {
    fn parse(s: &str) -> Life {
        Life {
            cells: s
                .lines()
                .map(|l| l.trim().bytes().map(|b| b == b'#').collect())
                .collect(),
            generation: 0,
        }
    }
    fn neighbours(&self, r: usize, c: usize) -> usize {
        let (h, w) = (self.cells.len() as isize, self.cells[0].len() as isize);
        (-1..=1)
            .flat_map(|dr| (-1..=1).map(move |dc| (dr, dc)))
            .filter(|&d| d != (0, 0))
            .filter(|(dr, dc)| {
                self.cells[(r as isize + dr).rem_euclid(h) as usize]
                    [(c as isize + dc).rem_euclid(w) as usize]
            })
            .count()
    }
    fn step(&mut self) {
        let next = (0..self.cells.len())
            .map(|r| {
                (0..self.cells[r].len())
                    .map(|c| {
                        matches!(
                            (self.cells[r][c], self.neighbours(r, c)),
                            (true, 2 | 3) | (false, 3)
                        )
                    })
                    .collect()
            })
            .collect();
        self.cells = next;
        self.generation += 1;
    }
}
impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in &self.cells {
            let line: String = row.iter().map(|&a| if a { '#' } else { '.' }).collect();
            writeln!(f, "{line}")?;
        }
        write!(f, "generation {}", self.generation)
    }
}
struct Lcg(u64);
impl Lcg {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        self.0 >> 33
    }
    fn range(&mut self, r: std::ops::Range<u64>) -> u64 {
        r.start + self.next() % (r.end - r.start)
    }
}
fn bubble<T: Ord>(v: &mut [T]) -> usize {
    let mut swaps = 0;
    loop {
        let mut done = true;
        for i in 1..v.len() {
            if v[i - 1] > v[i] {
                v.swap(i - 1, i);
                swaps += 1;
                done = false;
            }
        }
        if done {
            return swaps;
        }
    }
}
fn quick<T: PartialOrd + Clone>(v: &[T]) -> Vec<T> {
    match v {
        [] => vec![],
        [p, rest @ ..] => {
            let (a, b): (Vec<_>, Vec<_>) = rest.iter().cloned().partition(|x| x < p);
            [quick(&a), vec![p.clone()], quick(&b)].concat()
        }
    }
}
fn main() {
    let mut life = Life::parse(".....\n..#..\n..#..\n..#..\n.....");
    println!("{life}");
    life.step();
    println!("{life}");
    let before = life.clone();
    for _ in 0..2 {
        life.step();
    }
    println!("{} {}", before.cells == life.cells, life == before);
    let mut rng = Lcg(42);
    let rolls: Vec<u64> = (0..5).map(|_| rng.range(1..7)).collect();
    println!("{}", rolls.iter().all(|r| (1..7).contains(r)));
    let mut v = [5, 3, 9, 1];
    let swaps = bubble(&mut v);
    println!("{v:?} {swaps} {:?}", quick(&[2.5, -1.0, 9.0]));
    let found = (1..100).try_for_each(|x| {
        if x * x > 200 {
            ControlFlow::Break(x)
        } else {
            ControlFlow::Continue(())
        }
    });
    println!("{found:?}");
    let mut grid = [[0; 4]; 3];
    for (r, row) in grid.iter_mut().enumerate() {
        for (c, cell) in row.iter_mut().enumerate() {
            *cell = r * c;
        }
    }
    let transposed: Vec<Vec<_>> = (0..4)
        .map(|c| grid.iter().map(|row| row[c]).collect())
        .collect();
    println!("{grid:?} {transposed:?}");
    let row = &mut grid[1];
    row[0] = 7;
    row.reverse();
    println!("{:?}", grid[1]);
    let checked = 250u8
        .checked_add(10)
        .map_or_else(|| "overflow".to_string(), |x| x.to_string());
    println!(
        "{checked} {} {:?} {}",
        250u8.wrapping_add(10),
        250u8.overflowing_add(10),
        250u8.saturating_add(10)
    );
    println!("{} {} {}", -7 / 2, -7 % 2, (-7i32).rem_euclid(2));
    println!("{} {} {:?}", 1e3 as u8, -1i32 as u32, f64::NAN.max(1.0));
}
